"""Keeps the mirror up to date while the server runs: one thread, besides the supervisor.

Pages and jobs only write locally; this thread notices, waits a moment so that related changes are
sent together, and pushes. The network may hang, but nothing else waits for it.
"""

import logging
import threading
import time

from core.errors import GroundTruthError, MedVidBenchError
from core.files.atomic import refused_by_disk
from core.mirror.paths import JOURNAL
from core.mirror.sync import CHECK_EVERY_S, Mirror
from core.settings import Settings
from core.store.store import Store

LOG = logging.getLogger(__name__)
TICK_S = 1.0
_QUIET_S = 2.0  # a job ends its record a moment after publishing
_SCAN_EVERY_S = 10.0  # for files that change without a change in the journal


class MirrorService:
    """Start and stop with the server. Several servers on one data folder take turns."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._mirror = Mirror(settings, store)
        self._journal = settings.root / JOURNAL
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="mirror", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, timeout_s: float = 10.0) -> None:
        """Try once more to send waiting changes, then end."""
        self._stop.set()
        self._thread.join(timeout_s)

    def _run(self) -> None:
        have_truth, checked, scanned, seen = False, float("-inf"), float("-inf"), -1
        while not self._stop.is_set():
            now = time.monotonic()
            size = self._size()
            changed = size != seen or now - scanned >= _SCAN_EVERY_S
            due = now - checked >= CHECK_EVERY_S
            if due or changed:
                if size != seen:
                    self._stop.wait(_QUIET_S)
                if self._round(force=due):
                    checked = time.monotonic() if due else checked
                seen, scanned = self._size(), time.monotonic()
                have_truth = have_truth or self._truth()
            self._stop.wait(TICK_S)
        self._round(force=False)

    def _size(self) -> int:
        try:
            return self._journal.stat().st_size
        except OSError:
            return 0

    def _round(self, *, force: bool) -> bool:
        """One round, unless waiting after a failure; returns whether the repo responded."""
        try:
            if self._mirror.backing_off() or not (force or self._mirror.waiting()):
                return False
            self._mirror.sync(force=force)
            return True
        except MedVidBenchError as error:
            LOG.warning("mirror: %s", error)
        except OSError as error:
            LOG.warning("mirror: %s", refused_by_disk(error, self._journal.parent))
        except Exception:
            # A bug must not end the thread: the next round may work.
            LOG.exception("error in the mirror, continuing")
        return False

    def _truth(self) -> bool:
        try:
            if self._mirror.backing_off():
                return False
            self._mirror.fetch_truth()
            return True
        except GroundTruthError as error:
            LOG.error("%s", error)
        except MedVidBenchError as error:
            LOG.warning("ground truth: %s", error)
        except OSError as error:
            LOG.warning("ground truth: %s", refused_by_disk(error, self._journal.parent))
        return False
