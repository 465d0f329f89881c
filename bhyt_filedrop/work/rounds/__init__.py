"""What a round is owed: reminders, balances, answers that are owed again."""
