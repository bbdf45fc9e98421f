"""The pinned models: coloured links that unpin a model, and a list that pins one.

Unlike the marks of a chart, they can be reached by keyboard.
"""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Final
from urllib.parse import urlencode

import streamlit as st

from core.publish import address
from core.publish.address import Exploration
from core.publish.explore.marks import COLOURS, PINS, SHAPES
from core.publish.explore.models import Model
from core.ui.compare.chosen import MOST
from core.ui.explore import state

_SIGNS: Final = dict(zip(SHAPES, "●■▲◆▼✚▶◀", strict=True))
_ADD: Final = "add"
_NONE: Final = "Click a mark to pin its model."
_STYLE: Final = """<style>
.pins { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; font-size: .875rem; }
.pins a { color: inherit; text-decoration: none; }
.pins a.go { text-decoration: underline; }
.pins a:hover, .pins a:focus-visible { text-decoration: underline; }
</style>"""


def show_list(models: Sequence[Model], now: Exploration) -> None:
    """The list from which a model is pinned."""
    by_id = {model.id: model for model in models}
    full = sum(map(bool, now.pins)) >= PINS
    st.selectbox(
        "Pin a model",
        [model.id for model in models if model.id not in now.pins],
        format_func=lambda entry_id: by_id[entry_id].label if entry_id in by_id else "",
        key=state.key_of(_ADD, None),
        on_change=_add,
        placeholder=f"{PINS} models are pinned" if full else "Pin a model",
        disabled=full,
        label_visibility="collapsed",
        width=200,
    )


def _add() -> None:
    if entry_id := st.session_state[f"explore_{_ADD}"]:
        state.pin_all([entry_id])  # a slow browser may send the choice twice


def show_legend(
    models: Sequence[Model], colours: Mapping[str, int], now: Exploration, as_of: str
) -> None:
    """The legend of all charts, which is the list of pins; each is a link that unpins."""
    found = {model.id: model for model in models}
    st.html(legend_html(found, colours, now.pins, as_of), width="stretch")


def legend_html(
    by_id: Mapping[str, Model], colours: Mapping[str, int], pins: Sequence[str], as_of: str = ""
) -> str:
    """Sign, colour and name of each coloured model; a pinned one is a link that unpins it."""
    in_order = sorted(colours, key=colours.__getitem__)
    parts = [_one(by_id[entry_id], colours[entry_id], pins) for entry_id in in_order]
    pinned = [entry_id for entry_id in in_order if entry_id in pins]
    rest = f'<span class="hint">{_NONE}</span>' if not pinned else ""
    if 2 <= len(pinned) <= MOST:
        rest = _compare(pinned, as_of)
    group = f'<div class="pins" role="group" aria-label="Pinned">{"".join(parts)}{rest}</div>'
    return _STYLE + _rows(pinned, colours) + group


def _rows(pinned: Sequence[str], colours: Mapping[str, int]) -> str:
    """Styles that mark the pinned rows in the table above, which is drawn without pins."""
    rules = "".join(
        f'.mvb .pin[data-toggle="{entry_id}"]{{color:{COLOURS[colours[entry_id]]}}}'
        f'.mvb .pin[data-toggle="{entry_id}"]::after{{content:"{_sign(colours[entry_id])}"}}'
        for entry_id in pinned
    )
    return f"<style>{rules}</style>" if rules else ""


def _sign(place: int) -> str:
    return _SIGNS[SHAPES[place]]


def _compare(pinned: Sequence[str], as_of: str) -> str:
    to = escape(address.compare_address(pinned, as_of), quote=True)
    return f'<a class="go" href="{to}" target="_self" data-go="compare-pins">Compare them</a>'


def _one(model: Model, place: int, pins: Sequence[str]) -> str:
    sign = f'<b style="color:{COLOURS[place]}">{_sign(place)}</b> '
    name = escape(model.label)
    if model.id not in pins:
        return f"<span>{sign}{name}</span>"
    left = address.exploration_params(Exploration(pins=address.with_pin(pins, model.id)))
    query = urlencode({address.PIN: left[address.PIN]}, doseq=True)
    said = escape(f"Unpin {model.name}", quote=True)
    return (
        f'<a href="./?{query}" target="_self" data-go="unpin-{model.id}" data-set="{address.PIN}" '
        f'title="{said}" aria-label="{said}">{sign}{name} ✕</a>'
    )
