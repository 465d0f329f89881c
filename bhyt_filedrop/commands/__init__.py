"""The commands, one module for each kind; imported only when one of them is called."""
