"""What pages call: one module per thing that somebody does."""
