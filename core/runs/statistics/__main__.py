"""Updates the statistics and exits: `python -m core.runs.statistics`.

Settings come from the environment. Exit status 0, or 1 with one line on standard error.
"""

import gc
import os
import sys

from core.errors import MedVidBenchError
from core.model.contracts.evaluation import error_line
from core.runs.statistics.update import update
from core.settings import load
from core.store.opened import open_store

_NICENESS = 15  # low priority: evaluations and readers come first


def main() -> int:
    """Runs the command; returns the exit status."""
    os.umask(0o077)
    os.nice(_NICENESS)
    try:
        settings = load()
        gc.freeze()  # Holm's correction runs the collector each time; skip imported modules
        update(settings, open_store(settings))
    except MedVidBenchError as error:
        print(error_line(str(error)), end="", file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
