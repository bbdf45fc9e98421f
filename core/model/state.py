"""What an operation is and what it changes: frozen records, no rules."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal

import msgspec

from core.model.entries import BOARD_NAMES, BoardName, Entry, Submission
from core.model.policy import DEFAULT, Policy

Row = Mapping[str, Any]
Personal = Mapping[str, Mapping[str, Any]]  # by reference
TRASH_DAYS: Final = 30


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """One change. `id` makes it happen once; `time` is UTC, ISO 8601 with "Z".

    The journal keeps operations for ever: `actor` and `payload` hold no personal
    data, only references to it (`contact_ref`).
    """

    id: str
    kind: str
    actor: str
    time: str
    payload: dict[str, Any]


class Trashed(msgspec.Struct, frozen=True, kw_only=True):
    """A deleted entry and where it stood: `position` among its board's entries.

    Its name stays taken until it is purged, so that it can always come back. `time` is when
    it was deleted, `since` when an undo put it back here, from when its days count then.
    """

    entry: Entry
    board: BoardName
    position: int
    time: str
    actor: str
    reason: str | None = None
    since: str | msgspec.UnsetType = msgspec.UNSET  # no key in the files when it is not set

    @property
    def until(self) -> str:
        """When it is purged by itself (UTC, ISO 8601)."""
        gone = datetime.fromisoformat(self.since or self.time) + timedelta(days=TRASH_DAYS)
        return gone.isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Report(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A reader's word that something is wrong with an entry.

    What the reader wrote (`text`, `contact`) is personal: it stands in the private record
    `contact_ref` and is looked up; both are None once that is erased.
    """

    report_id: str
    entry_id: str
    created: str
    reason: str
    state: Literal["open", "closed"] = "open"
    contact_ref: str | None = None
    text: str | None = None
    contact: str | None = None
    closed: str | None = None
    closed_note: str | None = None


@dataclass(frozen=True, slots=True)
class State:
    """Both boards in the order of arrival, all submissions by id in that order, and the rest.

    `community` and `official` hold hidden entries too: what is shown and ranked is
    `shown(board)`. `purged` names what is erased for good: private records, uploads, jobs.
    """

    community: tuple[Entry, ...] = ()
    official: tuple[Entry, ...] = ()
    submissions: Mapping[str, Submission] = field(default_factory=dict)
    trash: tuple[Trashed, ...] = ()
    policy: Policy = DEFAULT
    reports: tuple[Report, ...] = ()
    purged: frozenset[str] = frozenset()

    def board(self, name: BoardName) -> tuple[Entry, ...]:
        """All entries of a board, hidden ones too."""
        return self.official if name == "official" else self.community

    def shown(self, name: BoardName) -> tuple[Entry, ...]:
        """The entries of a board that are shown and ranked."""
        return tuple(entry for entry in self.board(name) if not entry.hidden)

    def find(self, entry_id: str) -> tuple[BoardName, Entry] | None:
        """An entry of either board, hidden or not, and its board; None for one in the trash."""
        for board in BOARD_NAMES:
            for entry in self.board(board):
                if entry.entry_id == entry_id:
                    return board, entry
        return None

    def by_upload(self, submission_id: str) -> tuple[BoardName, Entry] | None:
        """The entry on a board whose present scores came of a submission, and its board."""
        for board in BOARD_NAMES:
            for entry in self.board(board):
                if entry.upload_id == submission_id:
                    return board, entry
        return None

    def find_trashed(self, entry_id: str) -> Trashed | None:
        """A deleted entry that can still be restored; None when it is on a board or unknown."""
        return next((gone for gone in self.trash if gone.entry.entry_id == entry_id), None)

    def trashed_by_upload(self, submission_id: str) -> Trashed | None:
        """The deleted entry whose scores came of a submission."""
        return next((gone for gone in self.trash if gone.entry.upload_id == submission_id), None)


EMPTY = State()
Change = Callable[[State, Operation, Personal], State]


def now() -> str:
    """This moment, UTC, with milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
