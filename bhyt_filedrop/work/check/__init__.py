"""Checking workbooks without a site: one file alone, or several as one return."""
