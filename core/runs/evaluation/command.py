"""The evaluator's command line, progress, and the meaning of its exit.

The evaluator's standard output is the log that a participant sees. Its standard error may have
a traceback, which may quote the truth: it goes to a file for the operator.
"""

import sys
from collections.abc import Sequence
from typing import Final

from core.model.contracts import evaluation as contract
from core.runs.child import Ended, last_words
from core.runs.records import ResultFiles
from core.settings import REPOSITORY, Settings

MEMORY_BYTES: Final = 4 << 30


def arguments(settings: Settings, files: ResultFiles) -> list[str]:
    """The evaluator's command line for one upload.

    A separate job computes the judge's metrics, and the file was checked when it arrived.
    """
    return [
        sys.executable,
        str(REPOSITORY / "evaluation" / "evaluate_predictions.py"),
        str(files.upload),
        "--ground-truth",
        str(settings.truth_path),
        "--skip-llm-judge",
        "--skip-check",
        "--json",
        str(files.evaluation),
        "--samples",
        str(files.samples),
    ]


def progress_of(lines: Sequence[str]) -> float | None:
    """The last progress in these lines, 0 to 1; None without any."""
    for line in reversed(lines):
        found = contract.progress_of(line)
        if found is not None:
            return found
    return None


def reason(ended: Ended, files: ResultFiles, timeout_s: float) -> str:
    """One sentence on why the evaluator failed, without text of the truth or a path of the
    server."""
    if ended.timed_out:
        return (
            f"The evaluation took longer than its time limit of {timeout_s:g} s and was stopped. "
            "Run it again; if that does not help, ask the maintainers for a higher limit."
        )
    if ended.by_machine:
        return ended.blame("the evaluation")
    log = files.log.read_text(encoding="utf-8", errors="replace")
    failed = contract.failed_tasks(log.splitlines())
    if failed:
        return failed[-1]
    words = last_words(files.errors)
    if words.out_of_memory:
        return "The evaluation needed more memory than allowed. Run it again."
    if ended.status == 1 and words.sentence:
        return words.sentence.replace(f"{files.folder}/", "")  # the place is only for the operator
    how = f"signal {-ended.status}" if ended.status < 0 else f"exit status {ended.status}"
    return (
        f"The evaluation ended without a result ({how}). The details are kept for the operator, "
        "next to the upload."
    )
