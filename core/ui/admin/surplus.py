"""Entries with many more segments than asked for, for the admin: look, and let them count."""

from dataclasses import dataclass

import streamlit as st

from core.benchmark import METRIC_BY_KEY
from core.errors import RefusedError
from core.model.entries import Entry
from core.model.surplus import held, surplus_text
from core.publish.numbers import DASH, fixed
from core.ui.acts import Outcome
from core.ui.admin.parts import compare, dialog_button, row
from core.ui.admin.session import AdminSession, Context, DialogAct, Typed
from core.usecases import held_surplus


@dataclass(frozen=True, slots=True)
class ReviewSurplus(DialogAct):
    """See what surplus segments may be worth, and let the metrics count."""

    entry_id: str
    upload_id: str

    title = "Surplus segments"
    verb = "Let the scores count"

    def entry(self, context: Context) -> Entry:
        """The entry. Raises RefusedError when it is not held, or its answers are others."""
        for entry in held_surplus.waiting(context.state):
            if (entry.entry_id, entry.upload_id) == (self.entry_id, self.upload_id):
                return entry
        raise RefusedError({"entry": "This is not to be looked at any more. Close this and look."})

    def about(self, context: Context) -> str:
        return self.entry(context).model_name

    def show(self, context: Context, session: AdminSession) -> None:
        entry = self.entry(context)
        st.markdown(
            "These metrics take the best segments and ignore the others, so that a grid of "
            "segments without any model scores high. Strict counts every surplus segment as a "
            "miss. If the answers are a grid, cancel: the scores stay held; or hide or delete the "
            "entry on its board. A new version is held anew."
        )
        for text in dict.fromkeys(surplus_text(found) for found in held(entry).values()):
            st.text(text)
        compare(
            [
                (METRIC_BY_KEY[key].name, fixed(entry.metrics.get(key)), _strict(entry, key))
                for key in held(entry)
            ],
            "Score",
            "Strict",
        )

    def act(self, context: Context, typed: Typed) -> Outcome:
        entry = self.entry(context)
        change_id = held_surplus.looked_at(context.services, entry, context.actor)
        return Outcome(
            f"Looked at the surplus of “{entry.model_name}”: its scores count.", change_id
        )


def _strict(entry: Entry, key: str) -> str:
    return fixed(entry.strict.get(key)) if key in entry.strict else DASH


def show_surplus(context: Context, session: AdminSession) -> None:
    """Entries that are held for surplus segments, until looked at."""
    waiting = held_surplus.waiting(context.state)
    if not waiting:
        return
    st.subheader("Surplus segments", anchor=False)
    st.markdown(
        ":small[Answers with many more segments than their questions ask for. The scores that "
        "ignore them are held, and count on the board once somebody has looked.]"
    )
    for entry in waiting:
        what, buttons = row(f"surplus_{entry.entry_id}")
        with what:
            st.text(f"{entry.model_name}{' (hidden)' if entry.hidden else ''}")
            for text in dict.fromkeys(surplus_text(found) for found in held(entry).values()):
                st.text(text)
        with buttons:
            look = ReviewSurplus(entry.entry_id, entry.upload_id)
            key = f"surplus_{entry.entry_id}"
            dialog_button(session, "Look at it", ":material/visibility:", look, key)
