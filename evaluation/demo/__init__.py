"""The synthetic benchmark of the first run."""
