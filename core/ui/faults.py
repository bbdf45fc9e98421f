"""A summary of refused fields above a form. Each item links to its field.

core/web/assets/site.js marks the fields as invalid, sets the item as their description, and moves
the focus to the first of them, once per attempt.
"""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import streamlit as st

from core.publish import facts
from core.publish.numbers import count
from core.ui.acts import Acts


class Fault(NamedTuple):
    """One problem; `key` is that of its widget, empty if there is none."""

    text: str
    key: str


def show_faults(
    acts: Acts, place: str, what: str, problems: Mapping[str, str], keys: Mapping[str, str]
) -> None:
    """The summary; nothing without problems.

    `place` names the form. `keys` are the widgets' by field name, in the order of the page;
    problems of other fields come last. `what`: what did not happen ("Not submitted").
    """
    if problems:
        ordered = [*(name for name in keys if name in problems), *(problems.keys() - keys)]
        found = [Fault(problems[name], _in_class(keys.get(name, ""))) for name in ordered]
        st.html(faults_html(what, found, f"{place}-{acts.attempts}"))


def _in_class(key: str) -> str:
    """A widget's key as part of a CSS class, in Streamlit's form."""
    return re.sub(r"[^a-zA-Z0-9_-]", "-", key.strip())


def faults_html(what: str, faults: Sequence[Fault], attempt: str) -> str:
    """The summary's markup; another `attempt` moves the focus again."""
    fix = f"Fix the {count(len(faults), 'problem')} below"
    title = f"{what}. {fix if len(faults) > 1 else 'Fix the problem below'}"
    return facts.styles_html() + facts.faults_html(
        f"{title}; nothing you entered is lost.", faults, attempt
    )
