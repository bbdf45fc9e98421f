"""The use cases of the pages: one module each."""
