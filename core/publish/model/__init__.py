"""The content of a model's page: scores as tables, facts, captions. Pure."""
