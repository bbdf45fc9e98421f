"""The HTTP server, its headers, and its background threads."""
