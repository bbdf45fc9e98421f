"""Runs of the caption judge: planned, started, watched, their scores committed."""
