"""The only place that names concrete edges: settings go in, things that run come out.

Each of its modules wires one neighbour and is imported by itself: `check` needs no ledger.
"""
