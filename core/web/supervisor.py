"""Manages the queue while the server runs, even without visitors.

Starts waiting jobs, corrects the records of dead ones, and removes leftovers of
killed writers. Runs as a thread; errors are logged and retried, never fatal.
"""

import logging
import shutil
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from core.errors import MedVidBenchError
from core.files import atomic
from core.files.scratch import scratch
from core.runs import child
from core.runs.records import JobFiles
from core.runs.uploads import retention
from core.settings import REPOSITORY
from core.usecases import demo_models, forget
from core.usecases.demo_models import DemoModels
from core.usecases.services import Services

LOG = logging.getLogger(__name__)
TICK_S = 0.5
RECOVER_EVERY_S = 2.0
TIDY_EVERY_S = 3600.0
TEMPORARY = "cache/tmp"  # under the data folder; the file check works there
_AFTER_ERROR_S = 5.0
_DEMO_TIMEOUT_S = 300.0
_MODEL_TRIES = 3  # after that, a demo has no models until the next start
_DEMO_MEMORY_BYTES: Final = 4 << 30


class _StoppedError(Exception):
    """The server stops."""


class Supervisor:
    """One thread per server; several servers on one data folder do not conflict."""

    def __init__(self, services: Services, demo_timeout_s: float = _DEMO_TIMEOUT_S) -> None:
        self._services = services
        self._settings = services.settings
        self._demo_timeout_s = demo_timeout_s
        self._jobs = services.jobs
        self._models = DemoModels(services)
        self._makings = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="supervisor", daemon=True)

    @property
    def started(self) -> bool:
        return self._thread.ident is not None

    def start(self) -> None:
        self._thread.start()

    def stop(self, timeout_s: float = 5.0) -> None:
        """End the thread after its current work; jobs continue."""
        self._stop.set()
        self._thread.join(timeout_s)

    def _run(self) -> None:
        self._until_done("store recovered", self._services.store.recover)
        if self._settings.demo:
            self._until_done("demo data ready", self._make_demo)
        recovered = tidied = float("-inf")
        while not self._stop.is_set():
            try:
                child.reap()
                if time.monotonic() - recovered >= RECOVER_EVERY_S:
                    self._jobs.recover()
                    recovered = time.monotonic()
                if time.monotonic() - tidied >= TIDY_EVERY_S:
                    self._tidy()
                    tidied = time.monotonic()
                self._jobs.start_waiting()
                self._step_models()
            except Exception as error:
                self._tell(error)
                self._stop.wait(_AFTER_ERROR_S)
            self._stop.wait(TICK_S)

    def _until_done(self, what: str, step: Callable[[], None]) -> None:
        """Retry until it works; in the meantime pages can be read and jobs wait."""
        while not self._stop.is_set():
            try:
                step()
            except Exception as error:
                self._tell(error)
                self._stop.wait(_AFTER_ERROR_S)
            else:
                if not self._stop.is_set():
                    LOG.info(what)
                return

    def _make_demo(self) -> None:
        """Create the synthetic benchmark, unless it exists; the models follow.

        Raises MedVidBenchError if that fails or takes too long, but not if the server stops.
        """
        demo_models.plan(self._services)
        self._make("The demo data", "evaluation.demo", self._settings.benchmark_dir)

    def _step_models(self) -> None:
        """Submit the demo's models, creating their uploads first."""
        if self._models.wanted() and self._makings < _MODEL_TRIES:
            self._makings += 1
            count = str(self._settings.demo_models)
            folder = self._models.folder
            self._make("The demo models", "evaluation.demo.models", folder, "--count", count)
        self._models.step()

    def _make(self, what: str, module: str, folder: Path, *options: str) -> None:
        """Run `python -m module folder` in a separate process."""
        with scratch("demo-") as work:
            errors = work / "errors"
            arguments = [sys.executable, "-m", module, str(folder), *options]
            try:
                ended = child.run(
                    child.Command(arguments, REPOSITORY, child.environment()),
                    work / "output",
                    errors,
                    child.Limits(self._demo_timeout_s, _DEMO_MEMORY_BYTES),
                    self._end_if_stopped,
                )
            except _StoppedError:
                return
            if ended.timed_out:
                raise MedVidBenchError(
                    f"{what} could not be made in {folder} within {self._demo_timeout_s:g} s. It "
                    "will be retried; check the machine's load and disk if that does not help."
                )
            if ended.status != 0:
                said = child.last_words(errors).lines
                raise MedVidBenchError(
                    f"{what} could not be made in {folder}: "
                    f"{said[-1] if said else f'exit status {ended.status}'}"
                )

    def _end_if_stopped(self, _lines: Sequence[str]) -> None:
        if self._stop.is_set():
            raise _StoppedError

    def _tidy(self) -> None:
        """Remove leftovers of writers killed over an hour ago, purged files and old uploads."""
        root = self._settings.root
        for folder in (root, *(root / "jobs").glob("*/"), *(root / "results").glob("*/")):
            atomic.remove_leftovers(folder)
        oldest = time.time() - TIDY_EVERY_S
        for folder in (self._settings.data_dir / TEMPORARY).glob("*/"):
            if folder.stat().st_mtime < oldest:
                shutil.rmtree(folder, ignore_errors=True)
        store = self._services.store
        forget.purge_expired(self._services)
        forget.erase_purged(self._services)
        retention.remove_expired(root, store, JobFiles(root))
        retention.remove_orphaned(root, store)

    def _tell(self, error: Exception) -> None:
        """Log an error: our own in one line that says what to do, any other with its place."""
        if isinstance(error, MedVidBenchError):
            LOG.error("%s", error)
        else:
            LOG.error("error in the supervisor, continuing", exc_info=error)
