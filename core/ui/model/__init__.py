"""The page of one model: details, rank and reasons, provenance of its scores."""
