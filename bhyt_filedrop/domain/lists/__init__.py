"""A list as the ledger keeps it: its key and record, its children, what names them."""
