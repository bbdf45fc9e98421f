"""Identity and access: admin password, throttling and session, submission keys, submitters."""
