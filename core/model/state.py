"""The boards at one moment: tables of rows, and views of them. No rules."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, Final

from core.model.entries import BoardName, Deletion, Entry, Submission
from core.model.policy import DEFAULT, Policy
from core.model.reports import Report
from core.model.rows import ENTRIES, POLICY_ID, PURGED, REPORTS, SETTINGS, SUBMISSIONS
from core.model.surplus import withheld
from core.model.tables import Row, Table

TRASH_DAYS: Final = 30


@dataclass(frozen=True, slots=True)
class Trashed:
    """An entry in the trash. Its name stays taken until it is purged, so that it can come back."""

    entry: Entry
    deletion: Deletion

    @property
    def board(self) -> BoardName:
        """The board that it was deleted from."""
        return self.entry.board

    @property
    def time(self) -> str:
        """When it was deleted."""
        return self.deletion.time

    @property
    def actor(self) -> str:
        """Who deleted it."""
        return self.deletion.actor

    @property
    def reason(self) -> str | None:
        """Why."""
        return self.deletion.reason

    @property
    def since(self) -> str | None:
        """When an undo put it back here; its 30 days count from then."""
        return self.entry.trash_since

    @property
    def until(self) -> str:
        """When it is purged automatically (UTC, ISO 8601)."""
        gone = datetime.fromisoformat(self.since or self.time) + timedelta(days=TRASH_DAYS)
        return gone.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass(frozen=True)
class State:
    """Entries, submissions and reports by id, the settings, and names of erased files.

    `entries` are those of both boards, including hidden ones and the trash; see the views below.
    """

    entries: Table[Entry] = field(default_factory=lambda: Table(ENTRIES))
    submissions: Table[Submission] = field(default_factory=lambda: Table(SUBMISSIONS))
    reports_by_id: Table[Report] = field(default_factory=lambda: Table(REPORTS))
    settings: Table[Policy] = field(default_factory=lambda: Table(SETTINGS))
    purged_names: Table[None] = field(default_factory=lambda: Table(PURGED))

    @cached_property
    def community(self) -> tuple[Entry, ...]:
        """The Community board in order of arrival, including hidden entries."""
        return self._entries("community", deleted=False)

    @cached_property
    def official(self) -> tuple[Entry, ...]:
        """The Official board in order of arrival, including hidden entries."""
        return self._entries("official", deleted=False)

    def board(self, name: BoardName) -> tuple[Entry, ...]:
        """All entries of a board, including hidden ones."""
        return self.official if name == "official" else self.community

    def shown(self, name: BoardName) -> tuple[Entry, ...]:
        """The entries of a board that are shown and ranked, without metrics that are held."""
        return tuple(withheld(entry) for entry in self.board(name) if not entry.hidden)

    @cached_property
    def trash(self) -> tuple[Trashed, ...]:
        """Deleted entries, oldest deletion first."""
        gone = [*self._entries("community", deleted=True), *self._entries("official", deleted=True)]
        found = (Trashed(entry, entry.deleted) for entry in gone if entry.deleted)
        return tuple(sorted(found, key=lambda one: (one.since or one.time, one.entry.entry_id)))

    @property
    def policy(self) -> Policy:
        """The admin's settings; the defaults until an admin changes them."""
        return self.settings.get(POLICY_ID, DEFAULT)

    @cached_property
    def reports(self) -> tuple[Report, ...]:
        """Readers' reports, oldest first."""
        return tuple(self.reports_by_id.values())

    @cached_property
    def purged(self) -> frozenset[str]:
        """Names of private records, uploads and jobs that are permanently erased."""
        return frozenset(self.purged_names)

    def find(self, entry_id: str) -> tuple[BoardName, Entry] | None:
        """An entry of either board, hidden or not, and its board; None for one in the trash."""
        if entry_id not in self.entries:
            return None
        entry = self.entries[entry_id]
        return None if entry.deleted else (entry.board, entry)

    def by_upload(self, submission_id: str) -> tuple[BoardName, Entry] | None:
        """The entry whose current scores come from a submission, and its board."""
        entry_id = self._by_upload.get(submission_id)
        return None if entry_id is None else self.find(entry_id)

    def find_trashed(self, entry_id: str) -> Trashed | None:
        """A deleted entry that can still be restored; None when it is on a board or unknown."""
        if entry_id not in self.entries:
            return None
        entry = self.entries[entry_id]
        return Trashed(entry, entry.deleted) if entry.deleted else None

    def trashed_by_upload(self, submission_id: str) -> Trashed | None:
        """The deleted entry whose scores come from a submission."""
        return next((gone for gone in self.trash if gone.entry.upload_id == submission_id), None)

    @cached_property
    def _by_upload(self) -> Mapping[str, str]:
        rows = self.entries.rows.items()
        there = ((key, row) for key, row in rows if not row.get("deleted"))
        return {str(row.get("submission_id") or key): key for key, row in there}

    def _entries(self, board: BoardName, *, deleted: bool) -> tuple[Entry, ...]:
        ids = [
            (str(row.get("arrived", "")), key)
            for key, row in self.entries.rows.items()
            if row.get("board") == board and (row.get("deleted") is not None) is deleted
        ]
        return tuple(self.entries[key] for _arrived, key in sorted(ids))


EMPTY: Final = State()


def made_state(
    *,
    community: Iterable[Entry] = (),
    official: Iterable[Entry] = (),
    submissions: Mapping[str, Submission] | None = None,
    policy: Policy | None = None,
) -> State:
    """A state of these records, in this order on each board, as a base or for tests."""
    rows: dict[str, Any] = {}
    for board, entries in (("community", community), ("official", official)):
        for number, entry in enumerate(entries, start=1):
            row = ENTRIES.write(entry)
            rows[entry.entry_id] = {**row, "board": board, "arrived": f"0 {number:06}"}
    sent: dict[str, Row] = {key: SUBMISSIONS.write(one) for key, one in (submissions or {}).items()}
    settings: dict[str, Row] = {} if policy is None else {POLICY_ID: SETTINGS.write(policy)}
    return State(
        entries=Table(ENTRIES, rows),
        submissions=Table(SUBMISSIONS, sent),
        settings=Table(SETTINGS, settings),
    )


def now() -> str:
    """The current time, UTC, with milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
