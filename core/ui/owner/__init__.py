"""What the holder of a submission key sees and may do."""
