"""A participant's downloads of their own run: results, log and upload.

Never sample scores, nor values with more than three decimals or over few records: they would
reveal which answers are right, and so the truth.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.access.submission_keys import Shown, proof_of
from core.model.entries import Job
from core.publish.cells import owners_results
from core.runs.evaluation.outcome import read_if_whole
from core.usecases.services import Services

RESULTS: Final = ".evaluation.json"  # the end of that file's name
_GONE: Final = "This file is no longer kept on the server.\n"


@dataclass(frozen=True, slots=True)
class OwnFile:
    """One file: the label of its button, its file name, and its content."""

    label: str
    name: str
    mime: str
    read: Callable[[], bytes]


def own_files(services: Services, job: Job, shown: Shown) -> tuple[OwnFile, ...]:
    """The files of an evaluation for the owner of its submission; none for anyone else.

    Results and the whole log are available once it has completed: a run that ended without a
    result shows no scores (core.runs.log_scores).
    """
    submission = services.store.read().submissions.get(job.submission_id)
    if submission is None or job.kind != "evaluation" or not proof_of(shown).opens(submission):
        return ()
    files = services.jobs.results(job)
    found = [("Your file", files.upload, f"{job.submission_id}.json.gz", "application/gzip")]
    if job.state == "completed":
        name = f"{job.submission_id}{RESULTS}"
        found.insert(0, ("Results (JSON)", files.evaluation, name, "application/json"))
        found.insert(1, ("Log", files.log, f"{job.submission_id}.log.txt", "text/plain"))
    return tuple(
        OwnFile(label, name, mime, (_results if path == files.evaluation else _reader)(path))
        for label, path, name, mime in found
        if path.is_file()
    )


def _results(path: Path) -> Callable[[], bytes]:
    def read() -> bytes:
        found = read_if_whole(path)
        return owners_results(found) if found else _GONE.encode()

    return read


def _reader(path: Path) -> Callable[[], bytes]:
    def read() -> bytes:
        try:
            return path.read_bytes()
        except OSError:
            return _GONE.encode()

    return read
