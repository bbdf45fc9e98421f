"""Frozen records: entries, submissions, jobs, names, form fields, policy, state. No rules."""
