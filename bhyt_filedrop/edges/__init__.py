"""The concrete edges: trees, workbooks, ledger, mail. Only wiring.py names them."""
