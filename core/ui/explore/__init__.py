"""The Explore section of the leaderboard: one module per view; controls, pins, filters."""
