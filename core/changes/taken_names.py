"""Which model names are taken: by entries, shown or hidden, by the trash, by open submissions.

A new name is compared with all others by core.model.names.same_name, once, when it is given
(`name_problem`, `refuse_alike`). When journals are joined the milder name_key decides
(`refuse_taken`), so existing entries keep their names, regardless of the rule they passed.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from core.errors import RefusedError
from core.model.entries import Entry
from core.model.names import name_key, name_keys, same_key, same_name
from core.model.state import State
from core.model.tables import Row, Table


def name_problem(
    state: State, name: str, submission_id: str = "", entry_id: str = ""
) -> str | None:
    """Why `name` is not free, as one sentence; None if it is.

    `submission_id` and `entry_id` are those whose own name it may be. Hidden entries and entries
    in the trash keep their names, since they may come back at any time.
    """
    if not name_key(name):
        return _NOTHING_TO_SEE
    return _problem(state, name, same_name, submission_id, entry_id)


def refuse_taken(state: State, name: str, submission_id: str = "", entry_id: str = "") -> None:
    """Raise RefusedError on field model_name when the name is taken, by the milder rule."""
    if not name_key(name):
        _refuse(_NOTHING_TO_SEE)
    _refuse(_problem(state, name, same_key, submission_id, entry_id))


def refuse_alike(before: State, after: State) -> None:
    """Raise RefusedError on field model_name when a new name looks like another one.

    Entries and submissions keep the names that they had before the change.
    """
    for key, row in _new_rows(before.entries, after.entries):
        if row.get("deleted"):
            continue
        name, upload = str(row["model_name"]), str(row.get("submission_id") or key)
        if not _had(before, name, key, upload):
            _refuse(name_problem(after, name, entry_id=key))
        was = before.entries.rows.get(key)
        if row["board"] == "official" and was and was["board"] == "community":
            refuse_second(after.official, after.entries[key], same_name)
    for key, row in _new_rows(before.submissions, after.submissions):
        name, own = str(row["model_name"]), str(row.get("replaces") or "")
        if _reserves(row) and not _had(before, name, own, key):
            _refuse(name_problem(after, name, key, own))


def refuse_second(
    official: Iterable[Entry], entry: Entry, same: Callable[[str, str], bool]
) -> None:
    """Raise RefusedError when the Official board has the name of an entry to be promoted."""
    for other in official:
        if other.entry_id != entry.entry_id and same(other.model_name, entry.model_name):
            raise RefusedError(
                {
                    "entry_id": f"A model named “{other.model_name}” is already on the Official "
                    "board. Edit or remove that entry first."
                }
            )


def _new_rows(before: Table[Any], after: Table[Any]) -> Iterator[tuple[str, Row]]:
    """Rows that a change added or changed."""
    keys = after.other_rows(before)
    return ((key, after.rows[key]) for key in keys if key in after.rows)


def _had(state: State, name: str, entry_id: str, submission_id: str) -> bool:
    """Whether an entry (of either id) or a submission had exactly this name."""
    entries, submissions = state.entries.rows, state.submissions.rows
    if any(
        key in entries and entries[key]["model_name"] == name for key in (entry_id, submission_id)
    ):
        return True
    sent = submissions.get(submission_id)
    return sent is not None and _reserves(sent) and sent["model_name"] == name


def _reserves(submission: Row) -> bool:
    return submission["state"] == "open" and not submission.get("evaluate_only")


def _refuse(problem: str | None) -> None:
    if problem:
        raise RefusedError({"model_name": problem})


def _alike(table: Table[Any], name: str) -> dict[str, Row]:
    """The rows whose names look like `name`, including those with the same key."""
    found: dict[str, Row] = {}
    for look in _looks({"model_name": name}):
        found |= table.having(_looks, look)
    return found


def _looks(row: Row) -> tuple[tuple[int, str], ...]:
    """The lookup keys of a row's name: names that look alike share one of them."""
    return tuple(enumerate(name_keys(str(row["model_name"]))))


def _problem(
    state: State, name: str, same: Callable[[str, str], bool], submission_id: str, entry_id: str
) -> str | None:
    """The other row with the `same` name, or None."""
    found = [
        row
        for key, row in _alike(state.entries, name).items()
        if key != entry_id and same(str(row["model_name"]), name)
    ]
    for board in ("official", "community"):
        for row in found:
            if row["board"] == board and not row.get("deleted"):
                return _TAKEN if row.get("hidden") else _on_board(str(row["model_name"]), board)
    if found:
        return _TAKEN
    for key, row in _alike(state.submissions, name).items():
        if entry_id and not submission_id and row.get("replaces") == entry_id:
            continue  # a new version holds the name for the entry
        if key != submission_id and _reserves(row) and same(str(row["model_name"]), name):
            return (
                f"The name “{row['model_name']}” is reserved by a submission that is being "
                "evaluated. Choose another name, or wait until it has finished."
            )
    return None


def _on_board(name: str, board: str) -> str:
    return (
        f"A model named “{name}” is already on the {board.capitalize()} board. Choose a name that "
        "differs in more than case, spaces, dashes or look-alike letters."
    )


_NOTHING_TO_SEE = "The model name needs at least one visible letter or digit."
# Reveals nothing about an entry that is not shown.
_TAKEN = (
    "This name, or one that looks like it, is taken by an entry that is not shown at the moment. "
    "Choose another name, or ask the maintainers."
)
