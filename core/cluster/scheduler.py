"""One Dask cluster as this process sees it: tasks asked for, ended, stopped.

What a worker does when it is asked is core.cluster.worker's.
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
RETRY_S = 10.0  # pages must not wait again and again for a scheduler that is away


@dataclass(frozen=True, slots=True)
class Ended:
    """A task that is over: why it has no result if it has none, whether it could send one."""

    at: float
    why: str
    sent: bool


class Cluster:
    """Thread-safe; one per process and address. Connects when it is first asked."""

    def __init__(self, address: str, tls: Path | None) -> None:
        self._address = address
        self._tls = tls
        self._lock = threading.Lock()
        self._client: Any = None
        self._futures: dict[str, Any] = {}
        self._over: dict[str, Ended] = {}
        self._not_before = float("-inf")

    def submit(self, task: str) -> None:
        """Have the task run, unless it does already. Raises JobError when nobody answers."""
        with self._lock:
            self._future(task)

    def ended(self, task: str) -> Ended | None:
        """How the task ended, None while it waits or runs. Raises JobError when nobody answers.

        A task that the scheduler does not know (it was restarted) is asked for again.
        """
        with self._lock:
            if task in self._over:
                return self._over[task]
            future = self._future(task)
            if future.status not in ("finished", "error"):
                return None
            with _answering(self._address):  # its worker may be gone, then it runs once more
                self._over[task] = _how(future)
            del self._futures[task]
            return self._over[task]

    def stop(self, task: str) -> None:
        """Take the task back and end its process. Raises JobError when nobody answers."""
        with self._lock:
            client = self._connected()
            future = self._futures.pop(task, None) or self._known(task)
            self._over[task] = Ended(time.time(), "It was stopped.", sent=False)
            with _answering(self._address):
                client.cancel([future], force=True)
                client.run(end, task, on_error="ignore")

    def close(self) -> None:
        """Leave the cluster; what runs there goes on."""
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
                _library().fire_and_forget(future)  # it goes on when this server does not
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
    """The cluster of these settings, the same one for the whole process."""
    wanted = (settings.scheduler, settings.scheduler_tls)
    with _clusters_lock:
        return _clusters.setdefault(wanted, Cluster(*wanted))


def _security(tls: Path | None) -> Any:
    """Encryption is required where certificates are set; None for plain tcp."""
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
    """Imported here: without a cluster nobody waits for it, or needs to have it."""
    import distributed

    return distributed


@contextlib.contextmanager
def _answering(address: str) -> Any:
    """Whatever the library fails with leaves as one sentence."""
    try:
        yield
    except Exception as error:
        LOG.info("the cluster failed with %s: %s", type(error).__name__, error)
        raise _silent(address) from error


def _silent(address: str) -> JobError:
    return JobError(
        f"The scheduler {address} does not answer. Jobs stay in the queue and are tried again; "
        "the operator must see that it runs and that MEDVIDBENCH_SCHEDULER names it."
    )


def _how(future: Any) -> Ended:
    """A task's end in words; never the text of a foreign error, which may quote anything."""
    if future.status == "error":
        kind = type(future.exception(timeout=CONNECT_S)).__name__
        if kind == "KilledWorker":
            why = "The workers that ran the job were killed, one after the other."
        else:
            why = f"The cluster could not run the job ({kind}); the workers' log says more."
        return Ended(time.time(), why, sent=False)
    status = future.result(timeout=CONNECT_S)
    why = {
        COMPLETED: "The job ended on the cluster, but its result did not arrive here.",
        NOT_COMPLETED: "The job ended on the cluster, but why did not arrive here.",
        NOT_BEGUN: "A worker of the cluster could not begin the job; its log says why.",
        NOT_SENT: "A worker of the cluster could not send the result to the repo; it tries again "
        "with the next job.",
    }.get(
        status,
        "The job's process on the cluster ended without a result: it was killed, or the machine "
        "ran out of memory or disk space.",
    )
    return Ended(time.time(), why, sent=status in (COMPLETED, NOT_COMPLETED))
