"""Letters: what is written to whom about what, and what a letter that came back says."""
