"""What one cell says: text, dates, names, legacy fonts, and the grid it stands in."""
