"""The models to compare: named in the address, chosen in a field, kept in sync."""

from dataclasses import dataclass
from typing import Final

import streamlit as st

from core.model.entries import BoardName
from core.publish.address import IDS, ids_of
from core.ranking.board import Standing
from core.ui import cached
from core.ui.model.choose import models
from core.usecases.whereabouts import Found, Gone, whereabouts

MOST: Final = 4
_FIELD: Final = "compare_models"
_SEEN: Final = "compare_address"


@dataclass(frozen=True, slots=True)
class Compared:
    """One of the models; `letter` replaces its name where space is short."""

    letter: str
    board: BoardName
    standing: Standing

    @property
    def name(self) -> str:
        """The name as its team wrote it."""
        return self.standing.entry.model_name

    @property
    def entry_id(self) -> str:
        """Its entry's id."""
        return self.standing.entry.entry_id

    @property
    def values(self) -> dict[str, float | None]:
        """Its metrics by key."""
        return self.standing.entry.metrics


def choose(snap: cached.Snapshot) -> tuple[list[str], list[str]]:
    """The entries to compare, in order, and why others in the address are missing.

    A new address sets the field; a choice in the field sets the address.
    """
    state = snap.state()
    known = models(state)
    asked = st.query_params.get(IDS, "")
    places = [whereabouts(state, one, day=snap.day) for one in ids_of(asked, MOST)]
    named = list(dict.fromkeys(one.entry.entry_id for one in places if isinstance(one, Found)))
    # A link, or Back; on another page Streamlit has forgotten the field.
    if st.session_state.get(_SEEN) != asked or _FIELD not in st.session_state:
        st.session_state[_SEEN], st.session_state[_FIELD] = asked, named
    # Streamlit refuses values that are no option, as an entry that has since been hidden.
    st.session_state[_FIELD] = [one for one in st.session_state[_FIELD] if one in known]
    chosen = st.multiselect(
        "Models to compare, two to four",
        list(known),
        format_func=lambda entry_id: known.get(entry_id, ""),
        key=_FIELD,
        max_selections=MOST,
        placeholder="Choose models, or type part of a name",
    )
    if chosen == named:
        return chosen, [one.text for one in places if isinstance(one, Gone)]
    st.session_state[_SEEN] = ",".join(chosen)
    if chosen:
        st.query_params[IDS] = ",".join(chosen)
    elif IDS in st.query_params:
        del st.query_params[IDS]
    return chosen, []


def compared(snap: cached.Snapshot, ids: list[str]) -> list[Compared]:
    """The models of these entries, without hidden ones."""
    state, found = snap.state(), list[Compared]()
    for entry_id in ids:
        there = whereabouts(state, entry_id)
        if isinstance(there, Found):
            board = snap.board(there.board)
            rows = {one.entry_id: row for row, one in enumerate(board.entries)}
            standing = board.standings[rows[entry_id]]
            found.append(Compared("ABCD"[len(found)], there.board, standing))
    return found
