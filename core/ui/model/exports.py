"""Downloads of one entry: its row as the board's exports have it, and the head of a model card."""

from functools import partial
from typing import Final

import streamlit as st

from core.model.entries import BoardName
from core.publish import exports
from core.publish.exports import FORMATS, Format, Table
from core.ranking.board import Standing
from core.ui import downloads

_OFFERED: Final = ("CSV", "JSON")


def show_exports(board: BoardName, standing: Standing, demo: bool) -> None:
    """The buttons; each file is made when it is asked for."""
    table = Table(board, (standing,), "one entry", demo)
    with st.container(horizontal=True, gap="small"):
        for form in FORMATS:
            if form.name in _OFFERED:
                _button(form.name, form, table)
        downloads.button(
            "Model card (YAML)",
            lambda: exports.to_model_card(standing.entry, board, demo=demo).encode(),
            "medvidbench_model_card.yaml",
            "text/plain",
            help="The `model-index` for a model card on the Hugging Face Hub",
            key="model_card",
        )


def _button(name: str, form: Format, table: Table) -> None:
    downloads.button(
        name,
        partial(form.data, table),
        f"medvidbench_model.{form.ending}",
        form.media_type,
        help=form.purpose,
        key=f"model_{name}",
    )
