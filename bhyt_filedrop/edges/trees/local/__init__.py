"""A tree on a local disk: leases, and paths that no link leads out of."""
