"""Parts that the tabs of the admin page share: fields, comparisons, paged lists.

Text from other people is shown as plain text. Markdown is used for our own text only.
"""

from collections.abc import Sequence
from datetime import date
from typing import Final, Literal, TypeVar

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.publish.numbers import DASH
from core.ui.admin.session import AdminSession, Change, Dialog, DialogAct
from core.ui.text import refusal

PAGE_SIZE = 20
NAME: Final = 230  # pixels: a model's name in a line
DAY: Final = 92  # a date
_LABEL: Final = 186
_T = TypeVar("_T")


def compare(changes: Sequence[Change], before: str = "Before", after: str = "After") -> None:
    """The current and the new values, line by line."""
    if not changes:
        st.info("Nothing would change.", icon=":material/info:")
        return
    with st.container(border=True, gap="xsmall"):
        with _together():
            _half().markdown(f"**{before}**")
            _half().markdown(f"**{after}**")
        for what, old, new in changes:
            st.markdown(f":small[:gray[{what}]]")
            with _together():
                _half().text(old or DASH)
                _half().text(new or DASH)


def facts(lines: Sequence[tuple[str, str]]) -> None:
    """Names and values; values are shown as plain text, below their names where room is scarce."""
    with st.container(gap="xsmall"):
        for name, value in lines:
            with st.container(horizontal=True, gap="xxsmall"):
                st.markdown(f":gray[{name}]", width=_LABEL)
                _half().text(value or DASH)


def _together() -> DeltaGenerator:
    """A row that stays one row on a phone, where columns would be stacked."""
    return st.container(horizontal=True, wrap=False, gap="small")


def _half() -> DeltaGenerator:
    """One half of a row. Both are equally wide, which plain texts would not be."""
    return st.container(width="stretch")


def text_field(
    session: AdminSession, name: str, label: str, value: str = "", *, help_text: str | None = None
) -> str:
    """A text field of the open act, with its problem, if any."""
    found = st.text_input(
        label, value=str(session.initial(name, value) or ""), key=session.key(name), help=help_text
    )
    problem(session, name)
    return found


def date_field(session: AdminSession, name: str, label: str, value: date | None) -> None:
    """A date field of the open act, for any year; may be empty."""
    st.date_input(
        label,
        value=session.initial(name, value),
        min_value=date.min,
        max_value=date.max,
        key=session.key(name),
        format="YYYY-MM-DD",
    )
    problem(session, name)


def problem(session: AdminSession, name: str) -> None:
    """The problem of a field.

    Its place is always there: if what is below moved, text that is being typed there would be lost.
    """
    session.shown_fields[name] = None
    place = st.empty()
    if name in session.acts.problems:
        with place:
            refusal(session.acts.problems[name])


def page_of(rows: Sequence[_T], key: str) -> Sequence[_T]:
    """The rows of the chosen page, below the page control if there are several pages."""
    pages = -(-len(rows) // PAGE_SIZE)
    if pages <= 1:
        return rows
    chosen = st.pagination(pages, key=key)
    at = (min(max(1, chosen), pages) - 1) * PAGE_SIZE
    return rows[at : at + PAGE_SIZE]


def row(key: str) -> tuple[DeltaGenerator, DeltaGenerator]:
    """A list row: a place for its content and one for its acts, which is below it on a phone."""
    box = st.container(border=True, key=key)
    left, right = box.columns([5, 6], gap="small", vertical_alignment="center")
    acts = right.container(horizontal=True, gap="small", horizontal_alignment="right")
    return left.container(gap="xsmall"), acts


def line(key: str) -> DeltaGenerator:
    """A dense list row: one line where there is room, wrapped on a phone.

    core/web/assets/site.css gives its text one size.
    """
    place = f"line_{key}"
    return st.container(horizontal=True, gap="small", vertical_alignment="center", key=place)


def cell(
    text: str, width: int | Literal["stretch"], *, number: bool = False, wrap: bool = False
) -> None:
    """A cell of a row, truncated if too long; numbers are right-aligned."""
    place = st.container(width="stretch") if width == "stretch" else st
    place.text(text, width=width, wrap=wrap, text_alignment="right" if number else "left")


def dialog_button(session: AdminSession, label: str, icon: str, dialog: Dialog, key: str) -> None:
    """A row's button that opens a dialog; red if that is for a destructive act."""
    destructive = isinstance(dialog, DialogAct) and dialog.destructive
    place = st.container(key=f"risk_{label}_{key}", width="content") if destructive else st
    place.button(
        label,
        key=f"{label}_{key}",
        icon=icon,
        type="tertiary",
        on_click=session.open,
        args=(dialog,),
    )
