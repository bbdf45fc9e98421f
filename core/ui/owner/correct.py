"""The form with which an owner corrects an entry's declared data."""

from functools import partial

import streamlit as st

from core.model.entries import BoardName, Entry
from core.model.fields import FIELD_BY_KEY, FIELDS, Field
from core.ui.faults import show_faults
from core.ui.fields import in_pairs, show_field
from core.ui.owner.acts import CORRECT, form_key
from core.ui.session import VisitorSession
from core.ui.text import refusal
from core.usecases.own_entries import MAINTAINERS, MAINTAINERS_WORD, form_of_entry


def show_correction(session: VisitorSession, entry: Entry, board: BoardName) -> None:
    """All fields with their current values; only edited ones are changed."""
    seen = session.seen.setdefault(entry.entry_id, entry)
    st.markdown("Changes are shown immediately. The old values stay in the board's records.")
    refused = session.owner_acts.refused(CORRECT, entry.entry_id)
    keys = {name: form_key(session, seen, name) for name in FIELD_BY_KEY}
    with st.container():  # a fixed place, so that the form below is not recreated
        show_faults(session.owner_acts, "correct", "Not saved", refused, keys)
    with st.form(f"correct_{entry.entry_id}", enter_to_submit=False):
        in_pairs(FIELDS, partial(_field, session, seen, board))
        st.form_submit_button(
            "Save corrections",
            icon=":material/edit:",
            type="primary",
            on_click=session.owner_acts.asks(CORRECT, entry.entry_id),
        )
        for key, problem in refused.items():
            if key not in FIELD_BY_KEY:
                refusal(problem)


def _field(session: VisitorSession, seen: Entry, board: BoardName, field: Field) -> None:
    fixed = board == "official" and field.key in MAINTAINERS
    show_field(
        field,
        form_key(session, seen, field.key),
        getattr(form_of_entry(seen), field.key),
        disabled_because=MAINTAINERS_WORD if fixed else "",
    )
    problem = session.owner_acts.refused(CORRECT, seen.entry_id).get(field.key)
    if problem:
        refusal(problem)
