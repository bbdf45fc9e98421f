"""The rules of judge runs, and the constructors of their operations. Pure.

A run is opened before it begins and closed when it ends, so that no other begins for the
same submission meanwhile, wherever it is asked for. Only the operation `judge` sets the
three caption metrics; an admin's edit aside, nothing else can.
"""

from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from core.benchmark import JUDGE_KEYS
from core.changes.entry_fields import metric_problem
from core.changes.payloads import (
    changed,
    field,
    plain,
    record,
    submission_of,
    with_entry,
    with_submission,
)
from core.errors import RefusedError
from core.files.ids import new_id
from core.model.entries import (
    BOARD_NAMES,
    BoardName,
    Entry,
    JudgeLease,
    Judgement,
    Submission,
    rounded,
)
from core.model.state import Change, Operation, Personal, State, now

# After this another run may begin: the machine that opened the first one has vanished.
LEASE: Final = timedelta(hours=24)
ADMIN: Final = "admin"  # also "admin:<account>"
IN_PROGRESS: Final = "A judge run of this model is in progress already. Wait until it has ended."
HELD: Final = (
    "The captions of this model are graded. The maintainers look at some of them before the scores "
    "count."
)
_NOT_RECORDED: Final = "not recorded"


def open_run(submission_id: str, run_id: str, actor: str, *, first: bool = True) -> Operation:
    """Begin a judge run of a published submission, a later attempt of it, or renew its lease.

    `run_id` is its job's id.
    """
    op_id = open_id(run_id) if first else new_id()
    return _operation(op_id, "judge_open", actor, submission_id=submission_id, run_id=run_id)


def open_id(run_id: str) -> str:
    """The id of the operation that began a run."""
    return f"judge-open-{run_id}"


def close_run(submission_id: str, run_id: str, reason: str, actor: str = "system") -> Operation:
    """End a judge run without a result: another may begin."""
    return _operation(
        new_id(), "judge_close", actor, submission_id=submission_id, run_id=run_id, reason=reason
    )


def publish(
    submission_id: str, judgement: Judgement, predictions_sha256: str, truth_sha256: str
) -> Operation:
    """Set the three caption metrics at once. It happens once per run.

    Those of a run that flagged captions are held until an admin has looked (`looked_at`).
    """
    hold = {"hold": True} if judgement.flagged else {}
    return _operation(
        f"judge-{judgement.run_id}",
        "judge",
        "system",
        **hold,
        submission_id=submission_id,
        judgement=plain(judgement),
        predictions_sha256=predictions_sha256,
        ground_truth_sha256=truth_sha256,
    )


def looked_at(entry_id: str, run_id: str, actor: str) -> Operation:
    """Say that an admin has looked at the captions that a run flagged; its metrics count then."""
    return _operation(new_id(), "looked_at", actor, entry_id=entry_id, run_id=run_id)


def is_admin(actor: str) -> bool:
    """Whether an actor is the admin, by password or by name."""
    return actor == ADMIN or actor.startswith(f"{ADMIN}:")


def entry_of_upload(state: State, submission_id: str) -> tuple[BoardName, Entry] | None:
    """The entry whose present scores came of a submission, hidden ones too, and its board."""
    for board in BOARD_NAMES:
        for entry in state.board(board):
            if entry.upload_id == submission_id:
                return board, entry
    return None


def landed(state: State, submission_id: str, run_id: str) -> bool:
    """Whether a run's scores are on the entry, or in its history."""
    found = entry_of_upload(state, submission_id)
    return found is not None and _knows(found[1], run_id)


def why_not(state: State, submission: Submission, run_id: str, actor: str, when: str) -> str | None:
    """Why a run may not begin at the time `when` (UTC, ISO 8601), as one sentence."""
    found = entry_of_upload(state, submission.submission_id)
    if found is None:
        return "The model is not on a board with this upload, so its captions are not judged."
    held = submission.judging
    if held is not None and held.run_id != run_id and not _expired(held, when):
        return IN_PROGRESS
    if found[1].held and not is_admin(actor):
        return HELD
    if found[1].judged and not is_admin(actor):
        return (
            "The captions of this model are judged already. Only the maintainers can have them "
            "judged again."
        )
    return None


def _apply_open(state: State, op: Operation, _personal: Personal) -> State:
    submission, run_id = submission_of(state, op), field(op, "run_id", str)
    held = submission.judging
    if held is not None and held.run_id == run_id:
        if datetime.fromisoformat(op.time) <= datetime.fromisoformat(held.opened):
            return state
        renewed = msgspec.structs.replace(held, opened=op.time)
        return with_submission(state, changed(submission, judging=renewed))
    problem = why_not(state, submission, run_id, op.actor, op.time)
    if problem:
        raise RefusedError({"judge": problem})
    lease = JudgeLease(run_id=run_id, opened=op.time, actor=op.actor)
    return with_submission(state, changed(submission, judging=lease))


def _apply_close(state: State, op: Operation, _personal: Personal) -> State:
    submission, run_id = submission_of(state, op), field(op, "run_id", str)
    if submission.judging is None or submission.judging.run_id != run_id:
        return state
    return with_submission(state, changed(submission, judging=None))


def _apply_judge(state: State, op: Operation, _personal: Personal) -> State:
    submission, judgement = submission_of(state, op), record(op, "judgement", Judgement)
    found = entry_of_upload(state, submission.submission_id)
    if found is None:
        raise RefusedError({"judge": "The model is no longer on a board with this upload."})
    board, entry = found
    if _knows(entry, judgement.run_id):
        return state
    if submission.judging is None or submission.judging.run_id != judgement.run_id:
        raise RefusedError(
            {"judge": "Another judge run of this model has begun since; this one is void."}
        )
    _refuse_wrong(entry, op, judgement)
    metrics = {key: rounded(judgement.metrics[key]) for key in JUDGE_KEYS}
    run = msgspec.structs.replace(judgement, metrics=metrics)
    # Said by the operation: one of an older program set the metrics at once, flagged or not.
    hold = op.payload.get("hold") is True
    made = msgspec.structs.replace(entry, held=run) if hold else _graded(entry, run)
    state = with_submission(state, changed(submission, judging=None))
    return with_entry(state, board, made)


def _graded(entry: Entry, run: Judgement) -> Entry:
    """The entry with the metrics of a run, the one before in its history."""
    return msgspec.structs.replace(
        entry,
        metrics={**entry.metrics, **run.metrics},
        judge=run,
        judge_history=(*entry.judge_history, *_before(entry)),
        held=None,
    )


def _apply_looked_at(state: State, op: Operation, _personal: Personal) -> State:
    entry_id, run_id = field(op, "entry_id", str), field(op, "run_id", str)
    for board in BOARD_NAMES:
        for entry in state.board(board):
            if entry.entry_id != entry_id:
                continue
            if entry.held and entry.held.run_id == run_id:
                seen = msgspec.structs.replace(entry.held, looked_at=op.time)
                return with_entry(state, board, _graded(entry, seen))
            if entry.judge and entry.judge.run_id == run_id and not entry.held:
                if entry.judge.looked_at:
                    return state
                seen = msgspec.structs.replace(entry.judge, looked_at=op.time)
                return with_entry(state, board, msgspec.structs.replace(entry, judge=seen))
    raise RefusedError(
        {"judge": "These are not the entry's captions any more. Load the page again and look."}
    )


def _refuse_wrong(entry: Entry, op: Operation, judgement: Judgement) -> None:
    """Refuse scores that are not whole, out of range, or of other files than the entry's."""
    if set(judgement.metrics) != set(JUDGE_KEYS):
        raise RefusedError({"judge": f"A judge run sets {', '.join(JUDGE_KEYS)} at once."})
    if all(value is None for value in judgement.metrics.values()):
        raise RefusedError({"judge": "The judge run scored nothing."})
    wrong = {k: p for k, v in judgement.metrics.items() if (p := metric_problem(k, v))}
    if wrong:
        raise RefusedError(wrong)
    for key, what in (("predictions_sha256", "upload"), ("ground_truth_sha256", "ground truth")):
        own = getattr(entry, key)
        if own is not None and own != field(op, key, str):
            raise RefusedError(
                {key: f"The captions were judged with another {what} than the entry's scores."}
            )


def _before(entry: Entry) -> tuple[Judgement, ...]:
    """What this run replaces; values that no run is recorded for keep their place too."""
    if entry.judge is not None:
        return (entry.judge,)
    known = {key: entry.metrics.get(key) for key in JUDGE_KEYS}
    if all(value is None for value in known.values()):
        return ()
    return (
        Judgement(run_id=_NOT_RECORDED, date=entry.date or "", model=_NOT_RECORDED, metrics=known),
    )


def unjudged(entry: Entry) -> Entry:
    """An entry as an upload may bring it: without caption metrics, whatever it says of them."""
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
    return datetime.fromisoformat(when) - datetime.fromisoformat(held.opened) > LEASE


def _operation(op_id: str, kind: str, actor: str, /, **payload: Any) -> Operation:
    return Operation(id=op_id, kind=kind, actor=actor, time=now(), payload=payload)


KINDS: dict[str, Change] = {
    "judge_open": _apply_open,
    "judge_close": _apply_close,
    "judge": _apply_judge,
    "looked_at": _apply_looked_at,
}
