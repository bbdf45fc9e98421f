"""Evaluations, judge runs and re-scorings as processes, and the uploads that they read."""
