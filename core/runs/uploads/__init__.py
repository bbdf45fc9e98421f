"""Uploads: packed, checked in a process of their own, compared, kept for a while."""
