"""What the page of one model says: scores as tables, facts, captions. Pure."""
