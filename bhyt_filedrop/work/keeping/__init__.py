"""What was written down, kept and delivered is still what it was; its door is `verify.audit`."""
