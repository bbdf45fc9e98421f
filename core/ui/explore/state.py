"""The state of the Explore section is the address: read at every run, written by the controls.

So Back, shared links and folded controls need no further state.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import streamlit as st

from core.publish import address
from core.publish.address import Exploration
from core.publish.explore.filters import Filters

# The address before and after the last change, while the browser may not know of it.
_CHANGE: Final = "explore_change"


def current() -> Exploration:
    """The state in the address, for drawing."""
    found = _parameters()
    if found != _last_change()[1]:
        st.session_state.pop(_CHANGE, None)  # the reader went elsewhere, maybe back
    return address.exploration(found)


def change(**changes: Any) -> None:
    """Write fields of Exploration, or of its filters, into the address."""
    now = _latest()
    filters = {key: value for key, value in changes.items() if hasattr(now.filters, key)}
    others = {key: value for key, value in changes.items() if key not in filters}
    new = replace(now, **others, filters=replace(now.filters, **filters))
    before = _parameters()
    old = address.exploration_params(address.exploration(before))
    found = address.exploration_params(new)
    st.query_params.update({key: values for key, values in found.items() if values != old[key]})
    st.session_state[_CHANGE] = before, _parameters()


def _latest() -> Exploration:
    """The state that a choice changes: the address, or what the choice before made of it.

    On a slow connection, the browser sends a second choice with the address from before the first.
    """
    before, after = _last_change()
    found = _parameters()
    return address.exploration(after if found == before else found)


def _parameters() -> dict[str, list[str]]:
    return {key: st.query_params.get_all(key) for key in st.query_params}


def _last_change() -> tuple[dict[str, list[str]] | None, dict[str, list[str]]]:
    found: tuple[dict[str, list[str]], dict[str, list[str]]] | None
    found = st.session_state.get(_CHANGE)
    return found or (None, {})


def clear_filters() -> None:
    """Callback: show all models again."""
    change(**{name: getattr(Filters(), name) for name in Filters.__dataclass_fields__})


def toggle_pin(entry_id: str) -> None:
    """Pin an entry, or unpin it."""
    change(pins=address.with_pin(_latest().pins, entry_id))


def pin_all(ids: Iterable[str]) -> None:
    """Callback: pin these too, as far as there is room."""
    pins = _latest().pins
    for entry_id in ids:
        if entry_id not in pins:
            pins = address.with_pin(pins, entry_id)
    change(pins=pins)


def key_of(name: str, value: object) -> str:
    """The key of a control, set to the value in the address."""
    key = f"explore_{name}"
    set_if_changed(key, value)
    return key


def set_if_changed(key: str, value: object) -> None:
    """Give a control this value, unless it has it.

    Setting it again would overwrite what is being typed while the page is drawn for another reason.
    """
    if key not in st.session_state or st.session_state[key] != value:
        st.session_state[key] = value


def take(name: str) -> None:
    """Callback: write a control's value into the address."""
    value = st.session_state[f"explore_{name}"]
    change(**{name: tuple(value) if isinstance(value, list) else value})


def choice(label: str, name: str, options: Mapping[str, str], now: Exploration) -> None:
    """Buttons for one field of Exploration; one is on."""
    st.segmented_control(
        label,
        tuple(options),
        format_func=lambda key: options.get(key, ""),
        key=key_of(name, getattr(now, name)),
        required=True,
        on_change=take,
        args=(name,),
        label_visibility="collapsed",  # the options are clear without it
    )


def selection(
    label: str, name: str, options: Mapping[str, str], now: Exploration, before: str = ""
) -> None:
    """A list for one field of Exploration; `before` is the prefix of each option."""
    st.selectbox(
        label,
        tuple(options),
        format_func=lambda key: f"{before}{options.get(key, '')}",
        key=key_of(name, getattr(now, name)),
        on_change=take,
        args=(name,),
        label_visibility="collapsed",
        width=190,
    )


def toggles(label: str, name: str, options: Sequence[str], chosen: Sequence[str]) -> None:
    """Buttons for a field of the filters; several can be on."""
    st.pills(
        label,
        [*options, *(one for one in chosen if one not in options)],
        selection_mode="multi",
        key=key_of(name, list(chosen)),
        on_change=take,
        args=(name,),
    )


def many(label: str, name: str, options: Sequence[str], chosen: Sequence[str]) -> None:
    """A list for a field of the filters; several options can be chosen."""
    st.multiselect(
        label,
        [*options, *(one for one in chosen if one not in options)],
        key=key_of(name, list(chosen)),
        on_change=take,
        args=(name,),
        placeholder="All",
    )
