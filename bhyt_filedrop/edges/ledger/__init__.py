"""The ledger (sổ): drops, findings, deliveries, letters, events, on SQLAlchemy."""
