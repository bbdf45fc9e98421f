"""The page for the holder of a submission key."""
