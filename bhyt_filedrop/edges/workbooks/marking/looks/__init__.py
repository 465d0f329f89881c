"""How the sender's own workbook looks, given to a copy that was rebuilt from its cells."""
