"""The Explore section of the leaderboard: a module for each view, their controls, pins, filters."""
