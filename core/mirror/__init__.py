"""The data folder in a private dataset repo: client, push and pull; `python -m core.mirror`."""
