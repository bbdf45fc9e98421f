"""The form by which an owner corrects what an entry says of itself."""

from functools import partial

import streamlit as st

from core.model.entries import BoardName, Entry
from core.model.fields import FIELD_BY_KEY, FIELDS, Field
from core.ui.fields import in_pairs, show_field
from core.ui.owner.acts import CORRECT, field_key
from core.ui.session import VisitorSession
from core.ui.text import refusal
from core.usecases.own_entries import MAINTAINERS, MAINTAINERS_WORD, form_of_entry


def show_correction(session: VisitorSession, entry: Entry, board: BoardName) -> None:
    """All fields with what they hold; only what is changed is changed."""
    seen = session.seen.setdefault(entry.entry_id, entry)
    st.markdown("What you change here shows at once. The old words stay in the board's records.")
    with st.form(f"correct_{entry.entry_id}", enter_to_submit=False):
        in_pairs(FIELDS, partial(_field, session, seen, board))
        st.form_submit_button(
            "Save corrections",
            icon=":material/edit:",
            on_click=session.owner_acts.asks(CORRECT, entry.entry_id),
        )
        refused = session.owner_acts.refused(CORRECT, entry.entry_id)
        if refused:
            st.error(
                "Not saved; nothing was changed, and what you typed is still there. What is wrong "
                "is told beside its field.",
                icon=":material/error:",
            )
        for key, problem in refused.items():
            if key not in FIELD_BY_KEY:
                refusal(problem)


def _field(session: VisitorSession, seen: Entry, board: BoardName, field: Field) -> None:
    fixed = board == "official" and field.key in MAINTAINERS
    show_field(
        field,
        field_key(session, seen.entry_id, field.key),
        getattr(form_of_entry(seen), field.key),
        disabled_because=MAINTAINERS_WORD if fixed else "",
    )
    problem = session.owner_acts.refused(CORRECT, seen.entry_id).get(field.key)
    if problem:
        refusal(problem)
