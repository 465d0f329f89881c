"""Checks: what is wrong with a recognised list, as findings."""
