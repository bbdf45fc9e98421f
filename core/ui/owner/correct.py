"""The form by which an owner corrects what an entry says of itself."""

from collections.abc import Mapping

import streamlit as st

from core.model.entries import BoardName, Entry
from core.model.fields import TEXT_FIELDS, Field
from core.ui.owner.acts import CORRECT, field_key
from core.ui.session import Desk
from core.ui.submit.model_fields import TRAINED, TRAINED_QUESTION, WEIGHTS
from core.ui.text import refusal
from core.usecases.own_entries import MAINTAINERS, MAINTAINERS_WORD, form_of_entry

_FIELDS = (*(field.key for field in TEXT_FIELDS), "weights", "trained_on_sources")


def show_correction(desk: Desk, entry: Entry, board: BoardName) -> None:
    """All fields with what they hold; only what is changed is changed."""
    seen = desk.seen.setdefault(entry.entry_id, entry)
    st.markdown("What you change here shows at once. The old words stay in the board's records.")
    with st.form(f"correct_{entry.entry_id}", enter_to_submit=False):
        for pair in zip(TEXT_FIELDS[::2], (*TEXT_FIELDS[1::2], None), strict=False):
            for column, field in zip(st.columns(2), pair, strict=True):
                if field:
                    with column:
                        _text(desk, seen, board, field)
        left, right = st.columns(2)
        with left:
            _choice(desk, seen, "weights", "Weights", WEIGHTS)
        with right:
            _choice(desk, seen, "trained_on_sources", TRAINED_QUESTION, TRAINED)
        st.form_submit_button(
            "Save corrections",
            icon=":material/edit:",
            on_click=desk.ask,
            args=(CORRECT, entry.entry_id, desk.round),
        )
        refused = desk.refused(CORRECT, entry.entry_id)
        if refused:
            st.error(
                "Not saved; nothing was changed, and what you typed is still there. What is wrong "
                "is told beside its field.",
                icon=":material/error:",
            )
        for key, told in refused.items():
            if key not in _FIELDS:
                refusal(told)


def _problem(desk: Desk, seen: Entry, key: str) -> None:
    told = desk.refused(CORRECT, seen.entry_id).get(key)
    if told:
        refusal(told)


def _text(desk: Desk, seen: Entry, board: BoardName, field: Field) -> None:
    fixed = board == "official" and field.key in MAINTAINERS
    st.text_input(
        f"{field.label} (required)" if field.required else field.label,
        value=getattr(form_of_entry(seen), field.key),
        key=field_key(desk, seen.entry_id, field.key),
        help=MAINTAINERS_WORD if fixed else f"{field.help} At most {field.limit} characters.",
        disabled=fixed,
    )
    _problem(desk, seen, field.key)


def _choice(desk: Desk, seen: Entry, key: str, label: str, options: Mapping[str, str]) -> None:
    value = getattr(seen.declared, key)
    st.selectbox(
        label,
        list(options),
        index=list(options).index(value) if value in options else None,
        format_func=lambda option: options[option],
        key=field_key(desk, seen.entry_id, key),
        placeholder="Not given",
    )
    _problem(desk, seen, key)
