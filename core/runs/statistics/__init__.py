"""The statistics of the boards, computed from sample scores by a background process, and stored.

`python -m core.runs.statistics` updates the files in the data folder and exits. Everything can be
computed again: deleting files loses nothing, and nothing here is mirrored.
"""
