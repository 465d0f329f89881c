"""Paper: how our own lists are printed, as layouts that a writer only follows."""
