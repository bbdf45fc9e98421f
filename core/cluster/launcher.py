"""Jobs on the workers of a Dask cluster; see docs/cluster.md for failures.

A job is a task whose key is its id and attempt. Submitting a key twice has no further effect,
so a restarted server submits again and thereby finds running tasks; submitting a job that has
ended does nothing. The library is imported on first use.
"""

import importlib.util
import logging
import time
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec

from core.cluster.scheduler import Cluster, Ended, cluster_of
from core.errors import JobError, SettingsError, StoreError
from core.mirror import record
from core.model.entries import Job
from core.runs.launcher import Launcher, task_of
from core.settings import Settings

LOG = logging.getLogger(__name__)
# An unreachable cluster does not prove that a job is lost. Wait for its time limit plus this:
LEASE_S = 600.0
# How long a result may take through the repo after its task ended and the repo responded.
_TRAVEL_S = 15.0
_TRAVEL_MOST_S = 900.0


@dataclass(frozen=True, slots=True)
class DaskLauncher:
    """Starts, watches and stops tasks; `local` handles processes of this machine."""

    settings: Settings
    local: Launcher

    def __post_init__(self) -> None:
        """Raise SettingsError when the library is not installed."""
        if importlib.util.find_spec("distributed") is None:
            raise SettingsError(
                "MEDVIDBENCH_SCHEDULER is set, but Dask is not installed. Install "
                "requirements-dask.txt, or unset it to evaluate on this machine."
            )

    def start(self, job: Job) -> Job:
        if job.kind != "evaluation":  # judge runs share grades and a budget on this machine
            return self.local.start(job)
        task = task_of(job)
        self._cluster.submit(task)
        return msgspec.structs.replace(job, task=task, process=None)

    def alive(self, job: Job) -> bool:
        if job.task is None:
            return self.local.alive(job)
        try:
            ended = self._cluster.ended(job.task)
        except JobError as error:
            LOG.warning("job %s: %s", job.job_id, error)
            return self._lease_holds(job)
        return ended is None or self._under_way(ended)

    def stop(self, job: Job) -> None:
        """As in the interface; if the cluster is unreachable, the process ends at its next step."""
        if job.task is None:
            self.local.stop(job)
            return
        try:
            self._cluster.stop(job.task)
        except JobError as error:
            LOG.warning("job %s: %s", job.job_id, error)

    def why_gone(self, job: Job) -> str:
        if job.task is None:
            return self.local.why_gone(job)
        try:
            ended = self._cluster.ended(job.task)
        except JobError:
            return "The cluster that ran the job has not responded for a long time."
        if ended is None:
            return "The cluster lost the job."
        return ended.why

    @property
    def _cluster(self) -> Cluster:
        return cluster_of(self.settings)

    def _lease_holds(self, job: Job) -> bool:
        last_sign = job.heartbeat or job.started or job.created
        silent = datetime.now(UTC) - datetime.fromisoformat(last_sign)
        # A sign from far in the future is from a clock that was wrong.
        return abs(silent.total_seconds()) < self.settings.evaluation_timeout_s + LEASE_S

    def _under_way(self, ended: Ended) -> bool:
        """Whether the result of an ended task may still arrive through the repo."""
        if not self.settings.mirrored or not ended.sent:
            return False
        try:
            checked = record.load(self.settings.root, self.settings.hub_repo).checked
        except StoreError:
            return True
        waited = time.time() - ended.at
        return checked < ended.at + _TRAVEL_S and waited < _TRAVEL_MOST_S
