"""The board as a table: rows, marks, statistics in words, markup. Pure."""
