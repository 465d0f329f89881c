"""Owed: who owes what until when, whom to remind, and with which words."""
