"""What only pages use."""
