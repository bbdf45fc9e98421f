"""The judge page: a run's plan, progress and result."""
