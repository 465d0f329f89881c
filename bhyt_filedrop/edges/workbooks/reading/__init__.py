"""Reading: the parent's side, and the child's loop. Door: `reader.WorkbookReader`."""
