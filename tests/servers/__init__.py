"""Real file servers on loopback for the tests, and a proxy that makes their network fail."""
