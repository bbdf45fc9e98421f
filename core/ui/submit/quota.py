"""How many tries a visitor has left, shown before a submission."""

from datetime import UTC, datetime, tzinfo

import streamlit as st

from core.access.submitter import kind_of
from core.changes.quota import Allowance, allowance, limits_text
from core.model.state import State
from core.publish import dates
from core.publish.numbers import count
from core.ui import times

_BY = {
    "account": "the account you are signed in with",
    "address": "your network address, of which only a keyed hash is kept",
    "browser": "this browser",
}


def show_quota(state: State, submitter: str) -> bool:
    """Show the tries left, the limit, how tries are counted, and when the next is available.

    Returns False if no submission is possible now.
    """
    found = allowance(state, submitter, datetime.now(UTC))
    if found.left is None:
        return True
    text = quota_text(found, _BY[kind_of(submitter)], times.local_zone())
    if found.left:
        st.caption(text)
    else:
        st.warning(
            f"{text} You can still check files here. The form returns when a try is available.",
            icon=":material/hourglass_empty:",
        )
    return bool(found.left)


def quota_text(found: Allowance, by: str, zone: tzinfo) -> str:
    """The line as Markdown, without text from other people."""
    left = count(found.left, "try", "tries") if found.left else "No tries"
    parts = [
        f"**{left} left.** The limit is {limits_text(found.policy)}, including “evaluate only”, "
        f"counted by {by}."
    ]
    if found.resets:
        when = found.resets.astimezone(zone)
        parts.append(f"The next one is available on {dates.day(when)}, {when:%H:%M}.")
    parts.append("Failed or refused runs are not counted.")
    return " ".join(parts)
