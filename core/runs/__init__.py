"""Evaluations, judge runs and re-scorings as processes, and their uploads."""
