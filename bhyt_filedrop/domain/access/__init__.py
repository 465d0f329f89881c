"""Who may use the status page, and whose affairs each account may see there."""
