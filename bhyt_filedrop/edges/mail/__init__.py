"""Mail: letters become messages by templates, and messages leave by SMTP or into a Maildir."""
