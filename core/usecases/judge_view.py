"""A model's judge run as one visitor may see it: the holder of the submission key, or others.

State, progress and the scores of an entry are public; log and reasons are for the owner only.
"""

from dataclasses import dataclass
from typing import Literal

import msgspec

from core.access.submission_keys import Shown
from core.changes.act import PARTICIPANT
from core.model.contracts.judge import JudgePlan
from core.model.entries import BoardName, Entry, Job
from core.model.state import State
from core.model.surplus import withheld
from core.ranking.what_if import RankOf, caption_ranks
from core.runs.judging.plan import plan
from core.usecases import judge_runs
from core.usecases.services import Services

JudgeState = Literal[
    "no upload",
    "not started",
    "elsewhere",
    "queued",
    "running",
    "completed",
    "held",
    "incomplete",
    "failed",
    "cancelled",
    "interrupted",
]
LIVE: frozenset[JudgeState] = frozenset({"queued", "running", "elsewhere"})
LOG_LINES, LOG_LINES_ENDED = 30, 50


@dataclass(frozen=True, slots=True)
class JudgeView:
    """What may be shown. `refusal`: why no run can start or resume now, None if one can.

    `before` and `after`: the entry's current rank on its board without and with this
    judgement; None unless it was judged by a run. `keyless`: it has no submission key.
    For visitors other than the owner, `log` is empty, and so is `job.error` unless it has only
    counts.
    """

    entry: Entry
    board: BoardName
    state: JudgeState
    owner: bool
    job: Job | None
    refusal: str | None
    keyless: bool = False
    queue_place: int = 0
    log: str = ""
    before: RankOf | None = None
    after: RankOf | None = None


def judge_view(services: Services, entry_id: object, shown: Shown) -> JudgeView | None:
    """The view for a visitor with this proof; None if there is no such model."""
    state = services.store.read()
    found = judge_runs.find(state, entry_id)
    if found is None:
        return None
    board, entry = found
    owner = judge_runs.owns(state, entry, shown)
    submission = state.submissions.get(entry.upload_id)
    job = judge_runs.last_run(services, entry)
    now = _state(state, services, entry, job)
    told = job if job and (owner or job.state == "incomplete") else _masked(job)
    before, after = caption_ranks(state, board, entry) if entry.judge else (None, None)
    return JudgeView(
        entry=withheld(entry),
        board=board,
        state=now,
        owner=owner,
        job=told,
        refusal=None if now in LIVE else judge_runs.refusal(services, entry, PARTICIPANT),
        keyless=submission is not None and not submission.key_hash,
        queue_place=services.jobs.queue_place(job.job_id) if job and now == "queued" else 0,
        log=_log(services, job) if job and owner else "",
        before=before,
        after=after,
    )


def plan_of(services: Services, view: JudgeView) -> JudgePlan | str:
    """The estimate for a run, or why it is unknown, as a sentence."""
    files = judge_runs.files_of(services, view.entry)
    if files is None or not files.upload.is_file():
        return judge_runs.NO_UPLOAD
    return plan(services.settings, files, view.job)


def usual_rate(services: Services) -> float | None:
    """Calls per second of the latest completed run here; None before the first one."""
    for job in reversed(services.jobs.list()):
        if job.kind == "judge" and job.state == "completed" and job.judged and job.judged.rate > 0:
            return job.judged.rate
    return None


def _state(state: State, services: Services, entry: Entry, job: Job | None) -> JudgeState:
    submission = state.submissions.get(entry.upload_id)
    lease = submission.judging if submission else None
    if job is not None and not job.done:
        return "running" if job.state == "running" else "queued"
    if lease is not None and (job is None or job.job_id != lease.run_id):
        return "elsewhere"
    if job is not None and job.state not in ("queued", "running", "completed"):
        return job.state
    if entry.held:
        return "held"
    if entry.judged:
        return "completed"
    files = judge_runs.files_of(services, entry)
    if submission is None or files is None or not files.upload.is_file():
        return "no upload"
    return "not started"


def _masked(job: Job | None) -> Job | None:
    return None if job is None else msgspec.structs.replace(job, error=None)


def _log(services: Services, job: Job) -> str:
    lines = LOG_LINES_ENDED if job.done else LOG_LINES
    return services.jobs.log_tail(job.job_id, lines)
