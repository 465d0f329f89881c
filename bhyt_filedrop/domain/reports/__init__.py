"""Reports (báo cáo): figures of rounds as values; edges make workbooks and pages of them."""
