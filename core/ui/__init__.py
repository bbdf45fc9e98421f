"""Modules for the pages only."""
