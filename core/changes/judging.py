"""Acts of judge runs: start, give up, publish, review.

A run is opened before it starts and closed when it ends, so that no other run starts for the
same submission on any machine. Apart from an admin's edit, only the act `judge` sets the three
caption metrics.
"""

from datetime import datetime, timedelta
from typing import Final

import msgspec

from core.benchmark import JUDGE_KEYS
from core.changes.act import SYSTEM, Act, At, Change, change
from core.changes.entry_fields import metric_problem
from core.changes.rules import changed, submission_of, with_entry, with_submission
from core.errors import RefusedError
from core.files.ids import new_id
from core.model.entries import Entry, JudgeLease, Judgement, Submission, rounded
from core.model.state import State

# After this another run may start: the machine that opened the first one has disappeared.
LEASE: Final = timedelta(hours=24)
ADMIN: Final = "admin"  # also "admin:<account>"
IN_PROGRESS: Final = "A judge run of this model is in progress already. Wait until it has ended."
HELD: Final = (
    "The captions of this model are graded. The maintainers review some of them before the scores "
    "count."
)
_NOT_RECORDED: Final = "not recorded"


class OpenRun(Act, frozen=True, kw_only=True, tag="judge_open"):
    """Starts a judge run of a submission, or renews its lease."""

    submission_id: str
    run_id: str

    instead = "the run's calls are already paid for. Cancel it under Submissions."

    def apply(self, state: State, at: At) -> State:
        submission = submission_of(state, self.submission_id)
        lease = submission.judging
        if lease is not None and lease.run_id == self.run_id:
            later = datetime.fromisoformat(at.time) > datetime.fromisoformat(lease.opened)
            if not later and not _expired(lease, at.time):
                return state
            renewed = msgspec.structs.replace(lease, opened=at.time)
            return with_submission(state, changed(submission, judging=renewed))
        problem = why_not(state, submission, self.run_id, at.actor, at.time)
        if problem:
            raise RefusedError({"judge": problem})
        lease = JudgeLease(run_id=self.run_id, opened=at.time, actor=at.actor)
        return with_submission(state, changed(submission, judging=lease))


class CloseRun(Act, frozen=True, kw_only=True, tag="judge_close"):
    """Ends a judge run without a result, so that another may start."""

    submission_id: str
    run_id: str
    reason: str

    instead = "the run has ended. Start another under Submissions."

    def apply(self, state: State, at: At) -> State:
        submission = submission_of(state, self.submission_id)
        if submission.judging is None or submission.judging.run_id != self.run_id:
            return state
        return with_submission(state, changed(submission, judging=None))


class Judge(Act, frozen=True, kw_only=True, tag="judge"):
    """Sets the three caption metrics together, with details of the run.

    `hold`: they count once an admin has reviewed the captions that the run flagged.
    """

    submission_id: str
    judgement: Judgement
    predictions_sha256: str
    ground_truth_sha256: str
    hold: bool = False

    instead = (
        "the grades belong to a recorded run. Start another, which replaces them, or "
        "hide the entry."
    )

    def apply(self, state: State, at: At) -> State:
        submission, judgement = submission_of(state, self.submission_id), self.judgement
        found = state.by_upload(submission.submission_id)
        if found is None:
            raise RefusedError({"judge": "The model is no longer on a board with this upload."})
        entry = found[1]
        if _knows(entry, judgement.run_id):
            return state
        if submission.judging is None or submission.judging.run_id != judgement.run_id:
            raise RefusedError(
                {"judge": "Another judge run of this model has started since; this one is void."}
            )
        self._refuse_wrong(entry)
        run = _rounded(judgement)
        made = msgspec.structs.replace(entry, held=run) if self.hold else _graded(entry, run)
        state = with_submission(state, changed(submission, judging=None))
        return with_entry(state, made)

    def _refuse_wrong(self, entry: Entry) -> None:
        """Refuse scores that are incomplete, out of range, or of other files than the entry's."""
        metrics = self.judgement.metrics
        if set(metrics) != set(JUDGE_KEYS):
            raise RefusedError({"judge": f"A judge run sets {', '.join(JUDGE_KEYS)} together."})
        if all(value is None for value in metrics.values()):
            raise RefusedError({"judge": "The judge run scored nothing."})
        wrong = {k: p for k, v in metrics.items() if (p := metric_problem(k, v))}
        if wrong:
            raise RefusedError(wrong)
        for key, what in (
            ("predictions_sha256", "upload"),
            ("ground_truth_sha256", "ground truth"),
        ):
            own = getattr(entry, key)
            if own is not None and own != getattr(self, key):
                raise RefusedError(
                    {key: f"The captions were judged with another {what} than the entry's scores."}
                )


class LookedAt(Act, frozen=True, kw_only=True, tag="looked_at"):
    """An admin has reviewed the captions that a run flagged; its metrics count now."""

    entry_id: str
    run_id: str

    undoable = True

    def apply(self, state: State, at: At) -> State:
        found = state.find(self.entry_id)
        entry = found[1] if found else None
        if entry and entry.held and entry.held.run_id == self.run_id:
            seen = msgspec.structs.replace(entry.held, looked_at=at.time)
            return with_entry(state, _graded(entry, seen))
        if entry and entry.judge and entry.judge.run_id == self.run_id and not entry.held:
            if entry.judge.looked_at:
                return state
            seen = msgspec.structs.replace(entry.judge, looked_at=at.time)
            return with_entry(state, msgspec.structs.replace(entry, judge=seen))
        raise RefusedError(
            {"judge": "These captions are out of date. Reload the page and check again."}
        )


ACTS = (OpenRun, CloseRun, Judge, LookedAt)


def open_run(submission_id: str, run_id: str, actor: str, *, first: bool = True) -> Change:
    """Start a judge run of a published submission or a later attempt of it, or renew its lease.

    `run_id` is its job's id.
    """
    act = OpenRun(submission_id=submission_id, run_id=run_id)
    return change(act, actor, open_id(run_id) if first else new_id())


def open_id(run_id: str) -> str:
    """The id of the change that started a run."""
    return f"judge-open-{run_id}"


def close_run(submission_id: str, run_id: str, reason: str, actor: str = SYSTEM) -> Change:
    """End a judge run without a result, so that another may start."""
    return change(CloseRun(submission_id=submission_id, run_id=run_id, reason=reason), actor)


def publish(
    submission_id: str, judgement: Judgement, predictions_sha256: str, truth_sha256: str
) -> Change:
    """Set the three caption metrics together. It happens once per run.

    If the run flagged captions they are held until an admin has reviewed them (`looked_at`).
    """
    act = Judge(
        submission_id=submission_id,
        judgement=_rounded(judgement),
        predictions_sha256=predictions_sha256,
        ground_truth_sha256=truth_sha256,
        hold=judgement.flagged > 0,
    )
    return change(act, SYSTEM, result_id(judgement.run_id))


def result_id(run_id: str) -> str:
    """The id of the change that published a run's scores."""
    return f"judge-{run_id}"


def looked_at(entry_id: str, run_id: str, actor: str) -> Change:
    """Record that an admin has reviewed the captions that a run flagged; its metrics count now."""
    return change(LookedAt(entry_id=entry_id, run_id=run_id), actor)


def is_admin(actor: str) -> bool:
    """Whether an actor is the admin, by password or by name."""
    return actor == ADMIN or actor.startswith(f"{ADMIN}:")


def landed(state: State, submission_id: str, run_id: str) -> bool:
    """Whether a run's scores are on the entry, or in its history."""
    found = state.by_upload(submission_id)
    return found is not None and _knows(found[1], run_id)


def why_not(state: State, submission: Submission, run_id: str, actor: str, when: str) -> str | None:
    """Why a run may not start at the time `when` (UTC, ISO 8601), as one sentence."""
    found = state.by_upload(submission.submission_id)
    if found is None:
        return "The model is not on a board with this upload, so its captions are not judged."
    held = submission.judging
    if held is not None and held.run_id != run_id and not _expired(held, when):
        return IN_PROGRESS
    if found[1].held and not is_admin(actor):
        return HELD
    if found[1].judged and not is_admin(actor):
        return (
            "The captions of this model are already judged. Only the maintainers can have them "
            "judged again."
        )
    return None


def _graded(entry: Entry, run: Judgement) -> Entry:
    """The entry with the metrics of a run, and the previous run in its history."""
    return msgspec.structs.replace(
        entry,
        metrics={**entry.metrics, **run.metrics},
        judge=run,
        judge_history=(*entry.judge_history, *_before(entry)),
        held=None,
    )


def _rounded(run: Judgement) -> Judgement:
    """A run with its metrics as published."""
    metrics = {key: rounded(value) for key, value in run.metrics.items()}
    return msgspec.structs.replace(run, metrics=metrics)


def _before(entry: Entry) -> tuple[Judgement, ...]:
    """The run that this one replaces, also for values without a recorded run."""
    if entry.judge is not None:
        return (entry.judge,)
    known = {key: entry.metrics.get(key) for key in JUDGE_KEYS}
    if all(value is None for value in known.values()):
        return ()
    return (
        Judgement(run_id=_NOT_RECORDED, date=entry.date or "", model=_NOT_RECORDED, metrics=known),
    )


def unjudged(entry: Entry) -> Entry:
    """An entry from an upload, without any caption metrics that it has."""
    return msgspec.structs.replace(
        entry,
        metrics={**entry.metrics, **dict.fromkeys(JUDGE_KEYS)},
        judge=None,
        judge_history=(),
        held=None,
    )


def _knows(entry: Entry, run_id: str) -> bool:
    runs = (*entry.judge_history, entry.judge, entry.held)
    return any(run is not None and run.run_id == run_id for run in runs)


def _expired(held: JudgeLease, when: str) -> bool:
    # Also one opened far in the future, by a clock that was wrong: it would hold until then.
    return abs(datetime.fromisoformat(when) - datetime.fromisoformat(held.opened)) > LEASE
