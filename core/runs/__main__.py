"""The process of one job: `python -m core.runs JOB_ID`, settings from the environment."""

import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from core.errors import MedVidBenchError
from core.model.entries import JobKind
from core.runs.attempt import JobProcess
from core.runs.evaluation.rescoring import Rescoring
from core.runs.evaluation.run import Evaluation
from core.runs.judging.run import JudgeRun
from core.runs.records import JobFiles
from core.settings import Settings, load
from core.store.opened import open_store
from core.store.store import Store

_PROCESSES: Final[Mapping[JobKind, Callable[[Settings, Store, str], JobProcess]]] = {
    "evaluation": Evaluation,
    "judge": JudgeRun,
    "rescore": Rescoring,
}


def main(arguments: Sequence[str]) -> int:
    """Run the job given on the command line; 0 if it completed."""
    os.umask(0o077)
    try:
        (job_id,) = arguments
        settings = load()
        kind = JobFiles(settings.root).fresh(job_id).kind
        process = _PROCESSES[kind](settings, open_store(settings), job_id)
        signal.signal(signal.SIGTERM, process.ask_to_stop)
        return process.run()
    except ValueError:
        print("Usage: python -m core.runs JOB_ID", file=sys.stderr)  # noqa: T201
    except MedVidBenchError as error:
        print(error, file=sys.stderr)  # noqa: T201
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
