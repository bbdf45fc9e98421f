"""The server's problems in one line, the state of the judge, and the age of the data."""

from dataclasses import dataclass
from datetime import UTC, datetime

from core.errors import StoreError
from core.mirror.status import mirror_status
from core.model.entries import Job
from core.model.state import State
from core.publish.numbers import count
from core.runs.judging.command import cache_folder
from core.usecases import health, rescore
from core.usecases.services import Services


@dataclass(frozen=True, slots=True)
class Judge:
    """`calls_left`: of today's budget (UTC), None without a judge. `error`: of the latest run
    that ended, empty if it succeeded or there was none."""

    model: str
    calls_left: int | None
    budget: int
    error: str


def judge(services: Services) -> Judge:
    """The configured judge. Cheap: makes no calls."""
    settings = services.settings
    runs = [job for job in services.jobs.list() if job.kind == "judge" and job.done]
    last: Job | None = max(runs, key=lambda job: job.ended or job.created, default=None)
    error = (last.error or "") if last and last.state not in ("completed", "cancelled") else ""
    if not settings.judge_key and not settings.demo_judge:
        return Judge("", None, settings.judge_budget, error)
    return Judge(settings.judge_model, _calls_left(services), settings.judge_budget, error)


def _calls_left(services: Services) -> int:
    """A day's file has one byte per call (evaluation.judge.scores.Budget)."""
    file = cache_folder(services.settings) / f"calls-{datetime.now(UTC):%Y-%m-%d}.txt"
    try:
        spent = file.stat().st_size
    except OSError:
        spent = 0
    return max(0, services.settings.judge_budget - spent)


def last_change(state: State) -> str | None:
    """When an entry was last added to a board, as stored; None without one."""
    dates = [
        entry.arrived[:24] or entry.date or "" for entry in (*state.official, *state.community)
    ]
    return max(dates, default="") or None


def troubles(services: Services) -> list[str]:
    """What needs attention, a short phrase each; empty if nothing does."""
    found = []
    try:
        if mirror_status(services.settings).error:
            found.append("the mirror failed")
    except StoreError:
        found.append("the mirror's record cannot be read")
    if judge(services).error:
        found.append("the last judge run failed")
    try:
        if health.disk(services.settings).low:
            found.append("disk space is low")
    except StoreError:
        found.append("the disk cannot be read")
    if stale := len(rescore.stale_entries(services)):
        found.append(count(stale, "stale entry", "stale entries"))
    return found
