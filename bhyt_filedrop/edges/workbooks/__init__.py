"""Workbooks in and out: sniff, read in a child process, annotate, write."""
