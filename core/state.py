"""What an operation is and what it changes: frozen records, no rules."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import msgspec

from core.entries import Entry, Submission

Row = Mapping[str, Any]
Personal = Mapping[str, Mapping[str, Any]]  # by reference


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


@dataclass(frozen=True, slots=True)
class State:
    """Both boards in the order of arrival, and all submissions by id in that order."""

    community: tuple[Entry, ...] = ()
    official: tuple[Entry, ...] = ()
    submissions: Mapping[str, Submission] = field(default_factory=dict)


EMPTY = State()


def now() -> str:
    """This moment, UTC, with milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
