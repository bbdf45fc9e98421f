"""Importing the rows of another program's boards."""

from collections.abc import Sequence
from typing import Any

import msgspec

from core.changes.act import SYSTEM, Act, At, Change, change
from core.changes.old_rows import Reading, read_row
from core.changes.rules import arrival, with_entry
from core.errors import EntryError
from core.model.entries import BOARD_NAMES, BoardName, Entry, entry_from_row
from core.model.state import State
from core.model.tables import Row


class Import(Act, frozen=True, kw_only=True, tag="import"):
    """Imports rows as written by the older application; contacts by reference.

    Entries that were promoted, deleted or purged since are not imported again. Of a malformed row
    the readable part is imported (core.changes.old_rows); without `checked`, any number, as in
    earlier versions.
    """

    community: list[dict[str, Any]]
    official: list[dict[str, Any]]
    checked: bool = True

    instead = "it imported an older board. Edit, hide or delete its entries."

    def apply(self, state: State, at: At) -> State:
        for board in BOARD_NAMES:
            for number, entry in enumerate(self.entries(board)):
                if entry.entry_id in state.entries or entry.entry_id in state.purged_names:
                    continue
                arrived = arrival(at.time, f"{number:06}")
                state = with_entry(state, msgspec.structs.replace(entry, arrived=arrived))
        return state

    def entries(self, board: BoardName) -> list[Entry]:
        """The rows of one board as entries. Raises EntryError when none can be read."""
        readings = self.readings(board)
        found = [one.entry for one in readings if one.entry is not None]
        if readings and not found:
            raise EntryError(f"{board} board: no model_name in any row. Correct the file by hand.")
        return found

    def readings(self, board: BoardName) -> list[Reading]:
        """The result of each row of one board; equal old names get different ids."""
        found: list[Reading] = []
        ids: dict[str, int] = {}
        for row in self.official if board == "official" else self.community:
            if row.get("contact") is not None:
                raise EntryError(
                    f"{board} board: a change has a contact. Pass it to Store.add_personal and "
                    "put the reference into contact_ref."
                )
            read = read_row(row, board) if self.checked else Reading(entry_from_row(row, board), {})
            entry = read.entry
            if entry is not None:
                count = ids[entry.entry_id] = ids.get(entry.entry_id, 0) + 1
                if count > 1:
                    entry = msgspec.structs.replace(entry, entry_id=f"{entry.entry_id}-{count}")
            found.append(Reading(entry, read.problems))
        return found


ACTS = (Import,)


def import_rows(
    community: Sequence[Row], official: Sequence[Row], change_id: str, actor: str = SYSTEM
) -> Change:
    """Import rows; contacts by reference."""
    act = Import(community=[dict(r) for r in community], official=[dict(r) for r in official])
    return change(act, actor, change_id)
