"""The pages: each a function of what was asked, without any knowledge of sockets or headers."""
