"""The boards on disk: lock, journal, fold, files; `python -m core.store verify | convert`."""
