"""What readers report about an entry."""

from typing import Literal

import msgspec


class Report(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A reader's word that something is wrong with an entry.

    What the reader wrote, and an address, stand in the private record `contact_ref` as "text"
    and "contact" (Store.personal), so that they can be erased.
    """

    report_id: str
    entry_id: str
    created: str
    reason: str
    state: Literal["open", "closed"] = "open"
    contact_ref: str | None = None
    closed: str | None = None
    closed_note: str | None = None
