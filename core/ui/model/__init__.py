"""The page of one model: what it is, where it stands and why, what its numbers came of."""
