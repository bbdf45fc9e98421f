"""Whether what each change says was there before was there, and can be read. Pure."""

from pathlib import Path

from core.changes.effects import misfits, put, rows_of
from core.model.rows import unread
from core.model.state import State
from core.store import journal


def misfit_lines(data: bytes, base: State, where: Path) -> list[str]:
    """The effects of a whole journal that do not fit where they stand, each named.

    One on a row that is not there is skipped when the journal is read. So is a value that this
    program cannot read; it is named as well. Raises StoreError for a line that is none.
    """
    rows, found = rows_of(base), []
    for number, line in enumerate(journal.decode(data, journal.START, where).lines, start=1):
        for effect in line.effects:
            wrong = ", ".join(name or "the row itself" for name in misfits(rows, effect))
            if wrong:
                found.append(
                    f"{where}, line {number}: {line.kind} of {effect.key[:40]} in {effect.table} "
                    f"does not fit what was there before ({wrong[:120]})."
                )
            put(rows, [effect])  # one by one: a row that is forgotten may be put anew
    unreadable = (
        unread(name, key, row) for name, there in rows.items() for key, row in there.items()
    )
    return found + [f"{where}: {problem} It is shown without." for problem in unreadable if problem]
