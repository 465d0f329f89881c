"""The process as declared: units, rounds, hand-offs, due dates, folders, file names."""
