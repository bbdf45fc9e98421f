"""Checks that each change's recorded previous values match and can be read. Pure."""

from pathlib import Path

from core.changes.effects import misfits, put, rows_of
from core.model.rows import unread
from core.model.state import State
from core.store import journal


def misfit_lines(data: bytes, base: State, where: Path) -> list[str]:
    """The effects of a whole journal that do not match the state before them.

    An effect on a missing row is skipped when the journal is read, and so is an unreadable value;
    both are reported. Raises StoreError for an invalid line.
    """
    rows, found = rows_of(base), []
    for number, line in enumerate(journal.decode(data, journal.START, where).lines, start=1):
        for effect in line.effects:
            wrong = ", ".join(name or "the row itself" for name in misfits(rows, effect))
            if wrong:
                found.append(
                    f"{where}, line {number}: {line.kind} of {effect.key[:40]} in {effect.table} "
                    f"does not match the previous values ({wrong[:120]})."
                )
            put(rows, [effect])  # one by one: a forgotten row may be stored again
    unreadable = (
        unread(name, key, row) for name, there in rows.items() for key, row in there.items()
    )
    return found + [
        f"{where}: {problem} It is shown without them." for problem in unreadable if problem
    ]
