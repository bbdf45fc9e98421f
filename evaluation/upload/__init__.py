"""Reading and reviewing a predictions file."""
