"""The HTTP server, its headers, and what it looks after while it runs."""
