"""The work: what moves files, lists and letters on, by ports, with no edge named."""
