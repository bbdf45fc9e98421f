"""Readers' reports about an entry."""

from typing import Literal

import msgspec


class Report(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A reader's report of a problem with an entry.

    The reader's text and address are in the private record `contact_ref` as "text" and "contact"
    (Store.personal), so that they can be erased.
    """

    report_id: str
    entry_id: str
    created: str
    reason: str
    state: Literal["open", "closed"] = "open"
    contact_ref: str | None = None
    closed: str | None = None
    closed_note: str | None = None
