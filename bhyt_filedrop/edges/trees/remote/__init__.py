"""What every tree on a server shares, over the plain steps of a `session`."""
