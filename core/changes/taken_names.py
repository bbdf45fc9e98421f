"""Which model names are taken: by entries, shown or hidden, by the trash, by open submissions.

A new name is held against all others by core.model.names.same_name, once, when it is given
(`name_problem`, `refuse_alike`). What a journal holds is judged by the milder name_key
(`refuse_taken`): what stood before the stricter rule stands for ever.
"""

from collections.abc import Callable, Iterable, Iterator

from core.errors import RefusedError
from core.model.entries import Entry, Submission
from core.model.names import name_key, same_key, same_name
from core.model.state import State


def name_problem(
    state: State, name: str, submission_id: str = "", entry_id: str = ""
) -> str | None:
    """Why `name` is not free, as one sentence; None when it is.

    `submission_id` and `entry_id` name whose own name it may be. A hidden entry keeps its
    name, and so does one in the trash: either may come back at any time.
    """
    if not name_key(name):
        return _NOTHING_TO_SEE
    return _problem(state, lambda other: same_name(other, name), submission_id, entry_id)


def refuse_taken(state: State, name: str, submission_id: str = "", entry_id: str = "") -> None:
    """Raise RefusedError on field model_name when the name is taken where a journal stands."""
    if not name_key(name):
        _refuse(_NOTHING_TO_SEE)
    _refuse(_problem(state, lambda other: same_key(other, name), submission_id, entry_id))


def refuse_alike(before: State, after: State) -> None:
    """Raise RefusedError on field model_name when a change gives a name that looks like another.

    Asked of what is about to happen, never of what stands in a journal. Names that somebody
    held before the change stay theirs, however much they look like others.
    """
    held = set(_held(before))
    for entry in (*after.official, *after.community):
        name, upload = entry.model_name, entry.upload_id
        if held.isdisjoint({(entry.entry_id, name), (upload, name)}):
            _refuse(name_problem(after, name, upload, entry.entry_id))
    for new in filter(_reserves, after.submissions.values()):
        own = new.replaces or ""
        if held.isdisjoint({(new.submission_id, new.model_name), (own, new.model_name)}):
            _refuse(name_problem(after, new.model_name, new.submission_id, own))
    promoted = {entry.entry_id for entry in before.community}
    for entry in after.official:
        if entry.entry_id in promoted:
            refuse_second(after.official, entry, same_name)


def refuse_second(
    official: Iterable[Entry], entry: Entry, same: Callable[[str, str], bool]
) -> None:
    """Raise RefusedError when the Official board has the name of an entry to be promoted."""
    for other in official:
        if other.entry_id != entry.entry_id and same(other.model_name, entry.model_name):
            raise RefusedError(
                {
                    "entry_id": f"A model named “{other.model_name}” is on the Official board "
                    "already. Edit or remove that entry first."
                }
            )


def _held(state: State) -> Iterator[tuple[str, str]]:
    """Whose names are whose: the id of an entry or submission, and its name."""
    gone = (trashed.entry for trashed in state.trash)
    for entry in (*state.official, *state.community, *gone):
        yield entry.entry_id, entry.model_name
    for submission in filter(_reserves, state.submissions.values()):
        yield submission.submission_id, submission.model_name


def _reserves(submission: Submission) -> bool:
    return submission.state == "open" and not submission.evaluate_only


def _refuse(problem: str | None) -> None:
    if problem:
        raise RefusedError({"model_name": problem})


def _problem(
    state: State, taken: Callable[[str], bool], submission_id: str, entry_id: str
) -> str | None:
    """What holds a name that is `taken`, but for one's own; None when nothing does."""
    for board, entries in (("Official", state.official), ("Community", state.community)):
        for entry in entries:
            if entry.entry_id != entry_id and taken(entry.model_name):
                if entry.hidden:
                    return _TAKEN
                return (
                    f"A model named “{entry.model_name}” is on the {board} board already. Choose "
                    "a name that differs in more than case, blanks, dashes or look-alike letters."
                )
    for gone in state.trash:
        if gone.entry.entry_id != entry_id and taken(gone.entry.model_name):
            return _TAKEN
    for other in filter(_reserves, state.submissions.values()):
        if other.submission_id != submission_id and taken(other.model_name):
            return (
                f"The name “{other.model_name}” is reserved by a submission that is being "
                "evaluated. Choose another name, or wait until it has finished."
            )
    return None


_NOTHING_TO_SEE = "The model name needs at least one visible letter or digit."
# Says nothing of an entry that readers do not see.
_TAKEN = (
    "This name, or one that looks like it, is taken by an entry that is not shown at the moment. "
    "Choose another name, or ask the maintainers."
)
