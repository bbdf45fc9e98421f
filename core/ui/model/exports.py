"""Downloads of one entry: its row as the board's exports have it, and the head of a model card."""

from functools import partial
from typing import Final

import streamlit as st

from core.model.entries import BoardName
from core.publish import exports
from core.publish.exports import FORMATS, Format, Table
from core.ranking.board import Standing

_OFFERED: Final = ("CSV", "JSON")


def show_exports(board: BoardName, standing: Standing, demo: bool) -> None:
    """The buttons; each file is made when it is asked for."""
    table = Table(board, (standing,), "one entry", demo)
    with st.container(horizontal=True, gap="small"):
        for form in FORMATS:
            if form.name in _OFFERED:
                _button(form.name, form, table)
        st.download_button(
            "Model card (YAML)",
            data=lambda: exports.to_model_card(standing.entry, board, demo=demo).encode(),
            file_name="medvidbench_model_card.yaml",
            mime="text/plain",
            on_click="ignore",
            help="The `model-index` for a model card on the Hugging Face Hub",
            key="model_card",
        )


def _button(name: str, form: Format, table: Table) -> None:
    st.download_button(
        name,
        data=partial(form.data, table),  # called on the click
        file_name=f"medvidbench_model.{form.ending}",
        mime=form.media_type,
        on_click="ignore",
        help=form.purpose,
        key=f"model_{name}",
    )
