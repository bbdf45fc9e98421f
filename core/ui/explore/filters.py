"""The filters of the Explore section, folded; only those that exclude some of the models."""

import datetime
from collections.abc import Sequence

import streamlit as st

from core.publish.address import Exploration
from core.publish.explore.filters import organizations, tracks, useful
from core.publish.explore.models import Model
from core.ui.explore import state


def show_filters(models: Sequence[Model], now: Exploration) -> None:
    """A button that opens them; they are drawn only then.

    Its label and icon never change, or it would close at every choice.
    """
    chosen = now.filters
    popover = st.popover(
        "Filters", icon=":material/filter_list:", key="explore_filters", on_change="rerun"
    )
    if not popover.open:
        return
    with popover:
        state.toggles("Only models that are", "only", useful(models), chosen.only)
        if found := tracks(models):
            state.many("Track", "tracks", found, chosen.tracks)
        state.many("Organization", "organizations", organizations(models), chosen.organizations)
        if any(model.size for model in models):
            _sizes(now)
        if any(model.date for model in models):
            _days(now)
        st.caption("As declared by the submitters. Filters do not change the ranks.")
        st.button("Clear the filters", on_click=state.clear_filters, disabled=not chosen.count)


def _sizes(now: Exploration) -> None:
    with st.container(horizontal=True):
        for label, name in (("From, billions", "min_size"), ("To, billions", "max_size")):
            st.number_input(
                label,
                min_value=0.0,
                max_value=999_999.0,
                step=1.0,
                format="%g",
                placeholder="Any size",
                key=state.key_of(name, getattr(now.filters, name)),
                on_change=state.take,
                args=(name,),
                width=140,
            )


def _days(now: Exploration) -> None:
    with st.container(horizontal=True):
        for label, name in (("Since", "since"), ("Until", "until")):
            day = getattr(now.filters, name)
            st.date_input(
                label,
                key=state.key_of(name, datetime.date.fromisoformat(day) if day else None),
                on_change=_take_day,
                args=(name,),
                format="YYYY-MM-DD",
                width=140,
            )


def _take_day(name: str) -> None:
    day = st.session_state[f"explore_{name}"]
    state.change(**{name: day.isoformat() if day else None})
