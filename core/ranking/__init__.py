"""Ranking: average rank, what counts, the rank that a row would have. Pure."""
