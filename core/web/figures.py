"""Keeps the statistics of the boards up to date while the server runs, in its own thread.

A child process computes them at low priority whenever the boards or the sample scores have changed;
it ends with the server. Errors are logged and retried, never fatal.
"""

import logging
import sys
import threading
from collections.abc import Sequence
from typing import Final

from core.errors import MedVidBenchError, StoreError
from core.files.hashes import cached_sha256
from core.files.scratch import scratch
from core.model.entries import BOARD_NAMES
from core.ranking.board import shown_board
from core.runs import child
from core.runs.statistics.columns import files_mark
from core.runs.statistics.marks import digest
from core.settings import REPOSITORY
from core.usecases.services import Services

LOG = logging.getLogger(__name__)
COMMAND: Final = (sys.executable, "-m", "core.runs.statistics")
_LOOK_EVERY_S: Final = 2.0
_AFTER_ERROR_S: Final = 60.0
_TIMEOUT_S: Final = 3600.0
_MEMORY_BYTES: Final = 4 << 30
# The other processor cores are for the server and its readers.
_ONE_CORE: Final = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")


class _StoppedError(Exception):
    """The server stops."""


class FiguresKeeper:
    """One thread per server; children of several servers on one data folder take turns."""

    def __init__(self, services: Services, command: Sequence[str] = COMMAND) -> None:
        self._settings, self._store, self._command = services.settings, services.store, command
        self._of_revision = self._boards = ""
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="statistics", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, timeout_s: float = 5.0) -> None:
        """End the thread, and the child with it."""
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join(timeout_s)

    def _run(self) -> None:
        seen = computed = ""
        while not self._stop.wait(_LOOK_EVERY_S):
            try:
                before, seen = seen, self.mark()
                if seen == before != computed:  # several changes in a row are computed once
                    self.compute()
                    computed = seen
            except _StoppedError:
                return
            except MedVidBenchError as error:
                LOG.error("%s", error)
                self._stop.wait(_AFTER_ERROR_S)
            except OSError as error:  # a full or read-only disk
                LOG.error("The statistics cannot be computed now: %s.", error.strerror or error)
                self._stop.wait(_AFTER_ERROR_S)
            except Exception as error:
                LOG.error("error in the statistics, will retry", exc_info=error)
                self._stop.wait(_AFTER_ERROR_S)

    def mark(self) -> str:
        """Differs whenever the statistics may have changed. Raises StoreError."""
        # The revision first: a change made between the two reads is then noticed, not missed.
        revision, state = self._store.revision(), self._store.read()
        if revision != self._of_revision:
            # Most changes, as of settings, reports and submissions, leave the boards as they are.
            boards = [shown_board(state, name) for name in BOARD_NAMES]
            self._boards = digest([(board.entries, board.values.tolist()) for board in boards])
            self._of_revision = revision
        files = [files_mark(self._settings.root, state.shown(name)) for name in BOARD_NAMES]
        return " ".join([self._boards, cached_sha256(self._settings.truth_path) or "", *files])

    def compute(self) -> None:
        """Update the statistics; returns quickly if nothing has changed.

        Raises StoreError with a sentence if that fails.
        """
        environment = child.environment(**self._settings.environment("jobs"), **_ONE_CORE)
        with scratch("statistics-") as work:
            errors = work / "errors"
            ended = child.run(
                child.Command(self._command, REPOSITORY, environment),
                work / "output",
                errors,
                child.Limits(_TIMEOUT_S, _MEMORY_BYTES),
                self._end_if_stopped,
            )
            said = child.last_words(errors)
        if said.crashed:  # a bug, for one board or for all
            LOG.error("the statistics met an error:\n%s", "\n".join(_places(said.lines)))
        if ended.status != 0 or ended.timed_out:
            why = said.sentence or f"exit status {ended.status}"
            if ended.timed_out:
                why = f"it took more than {_TIMEOUT_S:g} s"
            raise StoreError(
                f"Intervals and rank sets could not be computed: {why.rstrip('.')}. The boards "
                f"are shown without them; next try in {_AFTER_ERROR_S:g} s."
            )

    def _end_if_stopped(self, _lines: Sequence[str]) -> None:
        if self._stop.is_set():
            raise _StoppedError


def _places(lines: Sequence[str]) -> list[str]:
    """The locations in a traceback and the kind of error; its text could quote a sample score."""
    return [line for line in lines if line.startswith("File ")] + [lines[-1].partition(":")[0]]
