"""Where the entry of a link is, or what happened to it. Pure.

For hidden, deleted or unpublished entries it only says that they are not shown.
"""

from dataclasses import dataclass
from typing import Final

from core.model.entries import BoardName, Entry
from core.model.state import State
from core.publish.exports import TITLES

HIDDEN: Final = "The maintainers do not show this entry at the moment. It may come back."
DELETED: Final = "This entry was removed from the boards."
ERASED: Final = "This entry was permanently deleted."
UNKNOWN: Final = (
    "No entry has this address. The link may be cut off: compare it with its source, or "
    "look for the model on the leaderboard."
)


@dataclass(frozen=True, slots=True)
class Found:
    """A visible entry. `note` says what has happened since the link was made, if anything."""

    board: BoardName
    entry: Entry
    note: str = ""


@dataclass(frozen=True, slots=True)
class Gone:
    """No entry to show; `text` says why and is public."""

    text: str


def whereabouts(
    state: State, wanted: str, named_board: BoardName | None = None, *, day: str = ""
) -> Found | Gone:
    """The entry with an id, or one that once had the scores of a submission with that id.

    `named_board` is the board named in the link; `day` is that of the state (YYYY-MM-DD), "" for
    the current one.
    """
    found = _whereabouts(state, wanted, named_board)
    if day and isinstance(found, Gone):  # what happened to it may have been later
        return Gone(f"The boards of {day} do not show this entry.")
    return found


def _whereabouts(state: State, wanted: str, named_board: BoardName | None) -> Found | Gone:
    target, note = wanted, ""
    upload = state.submissions.get(wanted)
    # A submission is only mentioned once its scores were published, as a version of an entry.
    if wanted not in state.entries and upload and upload.replaces and upload.state == "published":
        target, note = upload.replaces, _version_note(state, wanted, upload.replaces)
    found = state.find(target)
    if found is None:
        return Gone(_gone(state, target, wanted))
    board, entry = found
    if entry.hidden:
        return Gone(HIDDEN)
    if named_board and named_board != board and not note:
        note = _moved(board, entry)
    return Found(board, entry, note)


def _version_note(state: State, upload: str, entry_id: str) -> str:
    found = state.find(entry_id)
    if found and found[1].upload_id == upload:
        return ""
    return (
        "The link is for an earlier version, which has been replaced. Its scores are "
        "below, under Versions."
    )


def _moved(board: BoardName, entry: Entry) -> str:
    if board == "official":
        when = f" on {entry.verified_date[:10]}" if entry.verified_date else ""
        return (
            f"The maintainers have verified this model{when}: it has moved from the Community to "
            f"the {TITLES[board]} board."
        )
    return f"This model is now on the {TITLES[board]} board."


def _gone(state: State, target: str, wanted: str) -> str:
    if state.find_trashed(target):
        return DELETED
    return ERASED if {target, wanted} & state.purged else UNKNOWN
