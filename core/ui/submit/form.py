"""The submission form. Fields keep what was sent; problems are listed above and at their fields.

Fields reach the server only when the form is sent: before that, visiting another page discards
them.
"""

from collections.abc import Sequence
from functools import partial
from typing import Final

import streamlit as st

from core.model.entries import Entry
from core.model.fields import (
    FIELD_BY_KEY,
    FIELDS,
    FILE_FIELD,
    TERMS_FIELD,
    TRACK_FIELD,
    Field,
    Form,
    form_of,
)
from core.model.policy import Track, deadline_text
from core.ui.acts import Acts, show_failure, show_problem
from core.ui.faults import show_faults
from core.ui.fields import in_pairs, show_field
from core.ui.session import FIELD, FILE
from core.ui.text import labelled
from core.usecases.terms import TERMS

SEND: Final = "send"
_KEYS: Final = {
    FILE_FIELD: FILE,
    **{name: FIELD + name for name in (*FIELD_BY_KEY, TRACK_FIELD, TERMS_FIELD)},
}


def show_refused(acts: Acts) -> None:
    """The problems of the last attempt: fields first, in the order of the page."""
    show_faults(acts, "submit", "Not submitted", acts.problems, _KEYS)
    show_failure(
        "Not submitted because the server failed. Nothing was kept, and nothing you entered is "
        "lost. Try again in a minute; if it fails again, tell the maintainers.",
        acts,
    )


def show_form(acts: Acts, tracks: Sequence[Track] = (), old: Entry | None = None) -> None:
    """Draw the form; its button requests a submission, performed before the next drawing.

    `tracks` are those open now. A new version of `old` keeps that entry's declared data.
    """
    with st.form("submission", enter_to_submit=False):
        if old:
            _version_of(old)
            show_problem(acts, TRACK_FIELD)
        else:
            _whole(acts, tracks)
        with st.expander("Terms of submission"):
            for term in TERMS:
                st.markdown(f"**{term.title}.** {term.text}")
        # Not kept across pages: each submission needs its own consent.
        st.checkbox("I have read the terms of submission.", key=FIELD + TERMS_FIELD)
        show_problem(acts, TERMS_FIELD)
        if not old:
            st.checkbox(
                "Evaluate only: show me my would-be rank, publish nothing.",
                key=FIELD + "evaluate_only",
                persist_state="session",  # kept like the name: losing it would publish
            )
        st.form_submit_button(
            "Submit and evaluate", icon=":material/send:", type="primary", on_click=acts.asks(SEND)
        )


def _whole(acts: Acts, tracks: Sequence[Track]) -> None:
    draw = partial(_field, acts)
    shown = [field for field in FIELDS if not field.about]
    in_pairs([field for field in shown if not field.wide], draw)
    for field in shown:
        if field.wide:
            draw(field)
    if tracks or TRACK_FIELD in acts.problems:  # a track that has closed can still be deselected
        _track(acts, tracks)
    about = [field for field in FIELDS if field.about]
    used = any(
        field.key in acts.problems or st.session_state.get(FIELD + field.key) for field in about
    )
    with st.expander("About the model (optional)", expanded=used):
        in_pairs(about, draw)


def _version_of(old: Entry) -> None:
    labelled("**A new version of**", old.model_name)
    st.markdown(
        "Its scores replace the current ones, which stay in the entry's history. Name, "
        "organization and the other fields are unchanged; you can correct them under "
        "“My submissions”."
    )


def _track(acts: Acts, tracks: Sequence[Track]) -> None:
    """The tracks as a choice, with their requirements. Names are plain text from the admin."""
    st.selectbox(
        "Track",
        [track.name for track in tracks],
        index=None,
        key=FIELD + TRACK_FIELD,
        placeholder="No track",
        help="An entry in a track must be published. A track may require more fields.",
        persist_state="session",
    )
    show_problem(acts, TRACK_FIELD)
    for track in tracks:
        asked = ", ".join(FIELD_BY_KEY[key].label for key in track.required if key in FIELD_BY_KEY)
        until = f"until {deadline_text(track.closes)}" if track.closes else "no end date"
        st.text(f"{track.name}: {until}{f'; asks for {asked}' if asked else ''}.")


def read_form() -> Form:
    """The current values of the fields."""
    return form_of(
        {
            str(key).removeprefix(FIELD): value
            for key, value in st.session_state.items()
            if str(key).startswith(FIELD)
        }
    )


def _field(acts: Acts, field: Field) -> None:
    show_field(field, FIELD + field.key, persist=True)
    show_problem(acts, field.key)
