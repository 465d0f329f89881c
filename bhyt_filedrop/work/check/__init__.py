"""Checking workbooks: without a site (one file alone, several as one return), and with one, before a
file is handed in."""
