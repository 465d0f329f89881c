"""Small faults put into the program one at a time: which of them does some test notice?

`make mutants` (PART=domain|ledger|work, SAMPLE=200, SEED=…). `making` lists the faults, `touching`
notes which test runs which line, `nest` tries one fault at a time in a copy of the checkout, and
`explained.txt` tells of the faults that change nothing that anybody could see.
"""
