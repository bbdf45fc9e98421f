"""The statistics of the boards: made from sample scores by a process in the background, and kept.

`python -m core.runs.statistics` brings what is kept in the data folder up to date and ends. All of
it can be made again: nothing is lost when files are deleted, and nothing here is mirrored.
"""
