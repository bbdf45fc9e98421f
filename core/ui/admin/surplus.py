"""Scores held for surplus segments: the row in the inbox, and the review."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from core.benchmark import METRIC_BY_KEY
from core.errors import RefusedError
from core.model.entries import Entry
from core.model.surplus import held, surplus_text
from core.publish.numbers import DASH, fixed
from core.ui import times
from core.ui.acts import Outcome
from core.ui.admin.held import choices
from core.ui.admin.parts import DAY, NAME, cell, compare, dialog_button, line
from core.ui.admin.session import AdminSession, Context, DialogAct, Typed
from core.usecases import held_surplus


@dataclass(frozen=True, slots=True)
class ReviewSurplus(DialogAct):
    """Review surplus segments, and accept the scores."""

    entry_id: str
    upload_id: str

    title = "Surplus segments"
    verb = "Let the scores count"

    def entry(self, context: Context) -> Entry:
        """The entry. Raises RefusedError if it is no longer held, or its answers have changed."""
        for entry in held_surplus.waiting(context.state):
            if (entry.entry_id, entry.upload_id) == (self.entry_id, self.upload_id):
                return entry
        raise RefusedError({"entry": "This has changed. Close and reload."})

    def about(self, context: Context) -> str:
        return self.entry(context).model_name

    def show(self, context: Context, session: AdminSession) -> None:
        entry = self.entry(context)
        st.markdown(
            "These metrics take the best segments and ignore the others, so a grid of segments "
            "scores high without any model. The strict score counts every surplus segment as a "
            "miss. If the answers are a grid, keep the scores held or hide the entry. A new "
            "version is checked again."
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

    def others(self) -> Sequence[DialogAct]:
        return choices(self.entry_id, self.upload_id)

    def act(self, context: Context, typed: Typed) -> Outcome:
        entry = self.entry(context)
        change_id = held_surplus.looked_at(context.services, entry, context.actor)
        return Outcome(f"The held scores of “{entry.model_name}” count now.", change_id)


def _strict(entry: Entry, key: str) -> str:
    return fixed(entry.strict.get(key)) if key in entry.strict else DASH


def surplus_row(session: AdminSession, entry: Entry) -> None:
    """An entry with metrics held for surplus segments."""
    told = dict.fromkeys(surplus_text(found) for found in held(entry).values())
    with line(f"surplus_{entry.entry_id}"):
        cell(f"{entry.model_name}{' (hidden)' if entry.hidden else ''}", NAME)
        cell(", ".join(told), "stretch", wrap=True)
        cell(times.local_day(entry.date) or DASH, DAY, number=True)
        look = ReviewSurplus(entry.entry_id, entry.upload_id)
        dialog_button(session, "Review", ":material/visibility:", look, f"surplus_{entry.entry_id}")
