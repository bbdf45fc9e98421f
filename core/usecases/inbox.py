"""What needs an admin: reports, verifications, held scores, failed jobs, mirror trouble."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

from core.changes.auditing import acted
from core.changes.quota import moment
from core.errors import RefusedError, StoreError
from core.mirror.status import mirror_status
from core.model.entries import BOARD_NAMES, BoardName, Entry, Job, Judgement, Submission
from core.model.reports import Report
from core.model.state import State
from core.store.store import Store
from core.usecases import flagged_captions, held_surplus, moderate
from core.usecases.services import Services

FAILED_KEPT: Final = timedelta(days=7)  # as long as an upload is kept for another attempt
_FAILED: Final = frozenset({"failed", "incomplete", "interrupted"})
_ASKED: Final = frozenset({"asked", "contacted", "running"})
DISMISS: Final = "dismiss failed job"
KEEP_HELD: Final = "keep scores held"
HIDE: Final = "hide instead of counting held scores"


@dataclass(frozen=True, slots=True)
class Inbox:
    """`flagged`: entries with their board and the run that flagged captions. `failed`: the latest
    job of a submission, with the submission. `mirror`: its error, empty if there is none."""

    reports: tuple[Report, ...]
    asked: tuple[tuple[BoardName, Entry], ...]
    flagged: tuple[tuple[BoardName, Entry, Judgement], ...]
    surplus: tuple[Entry, ...]
    failed: tuple[tuple[Submission, Job], ...]
    mirror: str

    @property
    def count(self) -> int:
        """The number of items."""
        lists: tuple[Collection[object], ...] = (
            self.reports, self.asked, self.flagged, self.surplus, self.failed,
        )  # fmt: skip
        return sum(map(len, lists)) + bool(self.mirror)


def waiting(services: Services, state: State) -> Inbox:
    """The current inbox. Raises StoreError if the journal cannot be read."""
    return Inbox(
        reports=tuple(report for report in state.reports if report.state == "open"),
        asked=tuple(
            (board, entry)
            for board in BOARD_NAMES
            for entry in state.board(board)
            if entry.verification and entry.verification.state in _ASKED
        ),
        flagged=tuple(
            (board, entry, run)
            for board, entry, run in flagged_captions.waiting(state)
            if not _decided(services.store, entry, run.run_id)
        ),
        surplus=tuple(
            entry
            for entry in held_surplus.waiting(state)
            if not _decided(services.store, entry, entry.upload_id)
        ),
        failed=failed_jobs(services, state, datetime.now(UTC)),
        mirror=_mirror(services),
    )


def failed_jobs(
    services: Services, state: State, now: datetime
) -> tuple[tuple[Submission, Job], ...]:
    """Jobs that failed within FAILED_KEPT, newest first: the latest of their kind and submission,
    until an admin dismisses them or they run again."""
    latest = {(job.submission_id, job.kind): job for job in services.jobs.list()}
    found = [
        (submission, job)
        for job in latest.values()
        if job.state in _FAILED
        and now - moment(job.ended or job.created) < FAILED_KEPT
        and (submission := state.submissions.get(job.submission_id)) is not None
    ]
    left = [
        (made, job)
        for made, job in found
        if (DISMISS, _attempt(job)) not in _decisions(services.store, services.store.revision())
    ]
    return tuple(sorted(left, key=lambda one: one[1].created, reverse=True))


def dismiss(services: Services, job: Job, actor: str) -> None:
    """Remove a failed job from the list; if another attempt fails, it is listed again.

    Raises RefusedError if it is no longer failed.
    """
    if job.state not in _FAILED:
        raise RefusedError({"job": f"This job is {job.state} now. Nothing was dismissed."})
    submission = services.store.read().submissions.get(job.submission_id)
    name = submission.model_name if submission else ""
    services.store.commit(acted(DISMISS, name, actor, about=_attempt(job)))


def held(state: State) -> Iterator[tuple[str, Entry]]:
    """Entries with scores that no admin has accepted, decided or not, each with the judge run or
    the upload that the decision is about."""
    for _board, entry, run in flagged_captions.waiting(state):
        yield run.run_id, entry
    for entry in held_surplus.waiting(state):
        yield entry.upload_id, entry


def keep_held(services: Services, entry: Entry, about: str, actor: str) -> None:
    """Keep scores held and remove them from the list. `about`: the judge run or the upload."""
    services.store.commit(acted(KEEP_HELD, entry.model_name, actor, about=about))


def hide(services: Services, board: BoardName, entry: Entry, about: str, actor: str) -> str:
    """Hide an entry with held scores, which removes it from the list while it is hidden.

    Returns the change to undo, "" if the entry was hidden before.
    """
    change_id = "" if entry.hidden else moderate.hide(services, board, entry, actor)
    services.store.commit(acted(HIDE, entry.model_name, actor, about=about))
    return change_id


def _attempt(job: Job) -> str:
    return f"{job.job_id}, attempt {job.attempt}"


def _decided(store: Store, entry: Entry, about: str) -> bool:
    known = _decisions(store, store.revision())
    return (KEEP_HELD, about) in known or (entry.hidden and (HIDE, about) in known)


@lru_cache(maxsize=2)
def _decisions(store: Store, _revision: str) -> frozenset[tuple[str, str]]:
    """The decisions in the journal by subject, cached until it grows."""
    acts = (line.act for line in store.lines() if line.kind == "acted")
    return frozenset(
        (str(act["act"]), str(details["about"]))
        for act in acts
        if isinstance(details := act.get("details"), dict) and "about" in details
    )


def _mirror(services: Services) -> str:
    try:
        return mirror_status(services.settings).error
    except StoreError as error:
        return str(error)
