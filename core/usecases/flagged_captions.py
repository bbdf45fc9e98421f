"""Captions that look like attempts to influence the judge, for the admin: their text and their
review.

An entry's judgement stays flagged, and its metrics do not count, until an admin has reviewed it.
Later runs are checked again.
"""

import sys
import threading
from collections.abc import Sequence
from typing import Final

import msgspec

from core.changes import judging
from core.errors import JobError, MedVidBenchError
from core.files.hashes import cached_sha256
from core.model.contracts.judge import FlaggedRecord
from core.model.entries import BOARD_NAMES, BoardName, Entry, Judgement
from core.model.state import State
from core.runs.judging import ask
from core.settings import Settings
from core.usecases.judge_runs import files_of
from core.usecases.services import Services

AT_ONCE: Final = 20  # records whose captions are shown
_KEPT = 8
_NO_UPLOAD: Final = "The upload is not kept here, so its captions cannot be shown."
_OTHER_TRUTH: Final = (
    "The ground truth has been replaced since, so the flagged records may have other "
    "captions. Score the entry again and start another judge run, which checks them again."
)
_FAILED: Final = "The captions could not be read from the upload. Try again in a moment."
_one = threading.Lock()  # one process at a time, since each reads the whole truth


_found: dict[tuple[str, ...], list[FlaggedRecord]] = {}


def waiting(state: State) -> list[tuple[BoardName, Entry, Judgement]]:
    """Entries, including hidden ones, with flagged captions that no admin has reviewed.

    Scores from runs of older versions already count (`entry.held` is None).
    """
    return [
        (board, entry, run)
        for board in BOARD_NAMES
        for entry in state.board(board)
        if (run := entry.held or entry.judge) and run.flagged and not run.looked_at
    ]


def captions(services: Services, entry: Entry, judged: Judgement) -> list[FlaggedRecord] | str:
    """The captions of the first AT_ONCE flagged records, or why there are none, as a sentence.

    Never includes any text of a reference.
    """
    files = files_of(services, entry)
    if files is None or not files.upload.is_file():
        return _NO_UPLOAD
    if entry.ground_truth_sha256 not in (None, cached_sha256(services.settings.truth_path)):
        return _OTHER_TRUTH
    records = list(judged.flagged_records)[:AT_ONCE]
    key = (str(files.upload), judged.run_id)
    with _one:
        if key not in _found:
            try:
                found = _ask(services.settings, str(files.upload), records)
            except MedVidBenchError as error:
                return str(error)
            except OSError:
                return _FAILED
            while len(_found) >= _KEPT:
                _found.pop(next(iter(_found)))
            _found[key] = found
        return _found[key]


def _ask(settings: Settings, upload: str, records: Sequence[str]) -> list[FlaggedRecord]:
    truth = str(settings.truth_path)
    arguments = [sys.executable, "-m", "evaluation.judge.flagged", upload, "--ground-truth", truth]
    said = ask.ask(settings, [*arguments, "--records", ",".join(records)], _FAILED)
    try:
        return [msgspec.json.decode(line, type=FlaggedRecord) for line in said.splitlines()]
    except msgspec.DecodeError:
        raise JobError(_FAILED) from None


def looked_at(services: Services, entry: Entry, judged: Judgement, actor: str) -> str:
    """Accept the held metrics, so that the entry leaves the list; returns the change to undo.

    Raises RefusedError if another run has judged the entry since.
    """
    change = judging.looked_at(entry.entry_id, judged.run_id, actor)
    services.store.commit(change)
    return change.id
