"""The concrete edges: trees, workbooks, ledger, mail. Only wiring names them."""
