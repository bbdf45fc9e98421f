"""This process's client of a Dask cluster: submits, observes and stops tasks.

core.cluster.worker is the worker's side.
"""

import contextlib
import logging
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.cluster.worker import COMPLETED, NOT_BEGUN, NOT_COMPLETED, NOT_SENT, end, run
from core.errors import JobError
from core.settings import TLS_FILES, Settings

LOG = logging.getLogger(__name__)
CONNECT_S = 5.0
RETRY_S = 10.0  # pages must not wait repeatedly for an unreachable scheduler


@dataclass(frozen=True, slots=True)
class Ended:
    """An ended task: why it has no result, if so, and whether it could send one."""

    at: float
    why: str
    sent: bool


class Cluster:
    """Thread-safe; one per process and address. Connects on first use."""

    def __init__(self, address: str, tls: Path | None) -> None:
        self._address = address
        self._tls = tls
        self._lock = threading.Lock()
        self._client: Any = None
        self._futures: dict[str, Any] = {}
        self._over: dict[str, Ended] = {}
        self._not_before = float("-inf")

    def submit(self, task: str) -> None:
        """Run the task, unless it is already running. Raises JobError without a response."""
        with self._lock:
            self._future(task)

    def ended(self, task: str) -> Ended | None:
        """How the task ended, None while it waits or runs. Raises JobError without a response.

        A task that the scheduler does not know after a restart is submitted again.
        """
        with self._lock:
            if task in self._over:
                return self._over[task]
            future = self._future(task)
            if future.status not in ("finished", "error"):
                return None
            with _answering(self._address):  # its worker may be lost; then it runs once more
                self._over[task] = _how(future)
            del self._futures[task]
            return self._over[task]

    def stop(self, task: str) -> None:
        """Cancel the task and end its process. Raises JobError without a response."""
        with self._lock:
            client = self._connected()
            future = self._futures.pop(task, None) or self._known(task)
            self._over[task] = Ended(time.time(), "It was stopped.", sent=False)
            with _answering(self._address):
                client.cancel([future], force=True)
                client.run(end, task, on_error="ignore")

    def close(self) -> None:
        """Disconnect from the cluster; tasks there continue."""
        with self._lock:
            if self._client is not None:
                self._client.close(timeout=CONNECT_S)
                self._client = None

    def _future(self, task: str) -> Any:
        client = self._connected()
        future = self._futures.get(task)
        if future is None or future.status in ("cancelled", "lost"):
            with _answering(self._address):
                future = client.submit(run, task, key=task)
                _library().fire_and_forget(future)  # it continues when this server stops
            self._futures[task] = future
        return future

    def _known(self, task: str) -> Any:
        return _library().Future(task, self._client)

    def _connected(self) -> Any:
        if self._client is not None and self._client.status in ("running", "connecting"):
            return self._client
        if time.monotonic() < self._not_before:
            raise _silent(self._address)
        self._not_before = time.monotonic() + RETRY_S
        self._futures.clear()
        with _answering(self._address):
            self._client = _library().Client(
                self._address,
                timeout=CONNECT_S,
                security=_security(self._tls),
                set_as_default=False,
                name="medvidbench",
            )
        self._not_before = float("-inf")
        return self._client


_clusters: dict[tuple[str, Path | None], Cluster] = {}
_clusters_lock = threading.Lock()


def cluster_of(settings: Settings) -> Cluster:
    """The cluster of these settings, one per process."""
    wanted = (settings.scheduler, settings.scheduler_tls)
    with _clusters_lock:
        return _clusters.setdefault(wanted, Cluster(*wanted))


def _security(tls: Path | None) -> Any:
    """TLS settings, required if certificates are set; None for plain TCP."""
    if tls is None:
        return None
    authority, certificate, key = (str(tls / name) for name in TLS_FILES)
    return _library().Security(
        tls_ca_file=authority,
        tls_client_cert=certificate,
        tls_client_key=key,
        require_encryption=True,
    )


def _library() -> Any:
    """Imported here, since it is slow and not needed without a cluster."""
    import distributed

    return distributed


@contextlib.contextmanager
def _answering(address: str) -> Any:
    """Converts any error of the library to one sentence."""
    try:
        yield
    except Exception as error:
        LOG.info("the cluster failed with %s: %s", type(error).__name__, error)
        raise _silent(address) from error


def _silent(address: str) -> JobError:
    return JobError(
        f"The scheduler {address} does not respond. Jobs stay in the queue and are retried; "
        "the operator must check that it runs and that MEDVIDBENCH_SCHEDULER is its address."
    )


def _how(future: Any) -> Ended:
    """A task's end in words, without the text of other errors, which may quote anything."""
    if future.status == "error":
        kind = type(future.exception(timeout=CONNECT_S)).__name__
        if kind == "KilledWorker":
            why = "The workers that ran the job were killed, one after the other."
        else:
            why = f"The cluster could not run the job ({kind}); see the workers' log."
        return Ended(time.time(), why, sent=False)
    status = future.result(timeout=CONNECT_S)
    why = {
        COMPLETED: "The job ended on the cluster, but its result did not arrive.",
        NOT_COMPLETED: "The job ended on the cluster, but the reason did not arrive.",
        NOT_BEGUN: "A worker of the cluster could not start the job; its log says why.",
        NOT_SENT: "A worker of the cluster could not send the result to the repo; it tries again "
        "with the next job.",
    }.get(
        status,
        "The job's process on the cluster ended without a result: it was killed, or the machine "
        "ran out of memory or disk space.",
    )
    return Ended(time.time(), why, sent=status in (COMPLETED, NOT_COMPLETED))
