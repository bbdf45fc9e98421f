"""The boards' output for readers: exports, charts, definitions. Pure."""
