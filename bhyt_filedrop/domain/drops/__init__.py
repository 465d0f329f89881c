"""One drop, judged: what is known of it, what it earns, where it goes, who is told."""
