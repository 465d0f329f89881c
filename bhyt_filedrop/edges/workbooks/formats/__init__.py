"""One reader for each format; all give the same grid of cells. Door: `parse`."""
