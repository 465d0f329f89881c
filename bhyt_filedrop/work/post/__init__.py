"""Letters leave from the outbox, and what comes back is read from the inbox."""
