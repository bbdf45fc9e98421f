"""Parts that the tabs of the admin page share: fields, comparisons, lists in pages.

Whatever somebody else wrote is shown as text. Markdown here is ours alone.
"""

from collections.abc import Sequence
from datetime import date
from typing import Final, Literal, TypeVar

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.publish.numbers import DASH
from core.ui.admin.session import AdminSession, Change, Dialog
from core.ui.text import refusal

PAGE_SIZE = 20
NAME: Final = 230  # pixels: a model's name in a line
DAY: Final = 92  # a date
_LABEL: Final = 176
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
    """Names, which are ours, and values, which are shown as text."""
    with st.container(gap="xsmall"):
        for name, value in lines:
            with _together():
                st.markdown(f":gray[{name}]", width=_LABEL)
                st.text(value or DASH, width="stretch")


def _together() -> DeltaGenerator:
    """A line that stays one on a phone, where columns would stand below each other."""
    return st.container(horizontal=True, wrap=False, gap="small")


def _half() -> DeltaGenerator:
    """As wide as the other half, whatever stands in them: a text alone takes what it needs."""
    return st.container(width="stretch")


def text_field(
    session: AdminSession, name: str, label: str, value: str = "", *, help_text: str | None = None
) -> str:
    """A text field of the act that is asked for, and what is wrong with it."""
    found = st.text_input(
        label, value=str(session.initial(name, value) or ""), key=session.key(name), help=help_text
    )
    problem(session, name)
    return found


def date_field(session: AdminSession, name: str, label: str, value: date | None) -> None:
    """A date of the act that is asked for, of any year; may be empty."""
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
    """What was refused about a field."""
    session.shown_fields.add(name)
    if name in session.acts.problems:
        refusal(session.acts.problems[name])


def page_of(rows: Sequence[_T], key: str) -> Sequence[_T]:
    """The rows of the chosen page; its control stands above them when there are several."""
    pages = -(-len(rows) // PAGE_SIZE)
    if pages <= 1:
        return rows
    chosen = st.pagination(pages, key=key)
    at = (min(max(1, chosen), pages) - 1) * PAGE_SIZE
    return rows[at : at + PAGE_SIZE]


def row(key: str) -> tuple[DeltaGenerator, DeltaGenerator]:
    """A line of a list: a place for what it is, and one for its acts, below it on a phone."""
    box = st.container(border=True, key=key)
    left, right = box.columns([5, 6], gap="small", vertical_alignment="center")
    acts = right.container(horizontal=True, gap="small", horizontal_alignment="right")
    return left.container(gap="xsmall"), acts


def line(key: str) -> DeltaGenerator:
    """A dense line of a list: it stays one line where there is room, and wraps on a phone.

    core/web/assets/site.css gives its words one size.
    """
    place = f"line_{key}"
    return st.container(horizontal=True, gap="small", vertical_alignment="center", key=place)


def cell(
    text: str, width: int | Literal["stretch"], *, number: bool = False, wrap: bool = False
) -> None:
    """A cell of a line, cut where it has no room; numbers stand at the right."""
    place = st.container(width="stretch") if width == "stretch" else st
    place.text(text, width=width, wrap=wrap, text_alignment="right" if number else "left")


def dialog_button(session: AdminSession, label: str, icon: str, dialog: Dialog, key: str) -> None:
    """A row's button: opens a dialog."""
    st.button(
        label,
        key=f"{label}_{key}",
        icon=icon,
        type="tertiary",
        on_click=session.open,
        args=(dialog,),
    )
