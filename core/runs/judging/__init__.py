"""Judge runs: whether one can start, its plan, command, outcome and process."""
