"""What the maintainers do: signing in, acts on entries, scoring again, the audit trail."""
