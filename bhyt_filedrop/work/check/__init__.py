"""Checking workbooks: without a site, one alone or several as one return; and with one, before a
file is handed in."""
