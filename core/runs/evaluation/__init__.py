"""Evaluations and re-scorings: their command, outcome and process."""
