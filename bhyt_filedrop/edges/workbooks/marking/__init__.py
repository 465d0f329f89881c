"""The copy that goes back, errors marked at their cells. Door: `annotator`."""
