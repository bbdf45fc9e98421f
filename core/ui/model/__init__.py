"""The page of one model: its details, its rank and why, how its numbers were computed."""
