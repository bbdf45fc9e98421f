"""Files and bytes: atomic replacement, JSON, ids, digests, gzip, schema numbers."""
