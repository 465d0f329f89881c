"""What a file is by its first and last bytes, and whether it ends. Door: `sniff`."""
