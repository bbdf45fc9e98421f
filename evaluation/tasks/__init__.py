"""The tasks: a module for each, with its metrics."""
