"""Reports as people get them: workbooks with charts, and pages that a browser prints."""
