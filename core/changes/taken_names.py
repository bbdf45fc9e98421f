"""Which model names are taken: by entries, shown or hidden, by the trash, by open submissions."""

from core.changes.state import State
from core.errors import RefusedError
from core.names import name_key


def name_problem(
    state: State, name: str, submission_id: str = "", entry_id: str = ""
) -> str | None:
    """Why `name` is not free, as one sentence; None when it is.

    `submission_id` and `entry_id` name whose own name it may be. A hidden entry keeps its
    name, and so does one in the trash: either may come back at any time.
    """
    key = name_key(name)
    if not key:
        return "The model name needs at least one visible letter or digit."
    for board, entries in (("Official", state.official), ("Community", state.community)):
        for entry in entries:
            if entry.key == key and entry.entry_id != entry_id:
                if entry.hidden:
                    return _TAKEN
                return (
                    f"A model named “{entry.model_name}” is on the {board} board already. "
                    "Choose a name that differs in more than case, blanks or look-alike letters."
                )
    for gone in state.trash:
        if gone.entry.key == key and gone.entry.entry_id != entry_id:
            return _TAKEN
    for other in state.submissions.values():
        if (
            other.submission_id != submission_id
            and other.state == "open"
            and not other.evaluate_only
            and name_key(other.model_name) == key
        ):
            return (
                f"The name “{other.model_name}” is reserved by a submission that is being "
                "evaluated. Choose another name, or wait until it has finished."
            )
    return None


# Says nothing of an entry that readers do not see.
_TAKEN = (
    "This name, or one that looks like it, is taken by an entry that is not shown at the moment. "
    "Choose another name, or ask the maintainers."
)


def refuse_taken(state: State, name: str, submission_id: str = "", entry_id: str = "") -> None:
    """Raise RefusedError on field model_name when the name is not free."""
    problem = name_problem(state, name, submission_id, entry_id)
    if problem:
        raise RefusedError({"model_name": problem})
