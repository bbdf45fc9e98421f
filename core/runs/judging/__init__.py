"""Judge runs: whether one can begin, its plan, command, outcome and process."""
