"""Uploads: compressing, checking in a separate process, comparing, retention."""
