"""The boards' tables, charts, exports and the details of an entry."""
