"""What leaves the boards for readers: exports, charts, definitions. Pure."""
