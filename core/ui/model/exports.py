"""Downloads of one entry: its row as in the board's exports, and its scores for the Hub."""

from collections.abc import Callable
from functools import partial
from typing import Final, NamedTuple

import streamlit as st

from core.model.entries import BoardName
from core.publish import every_eval, model_cards
from core.publish.exports import FORMATS, Table
from core.publish.moment import Moment, board_sha256
from core.ranking.board import Standing
from core.ui import cached, downloads
from core.ui.as_of import moment

_OFFERED: Final = ("CSV", "JSON")


class _Card(NamedTuple):
    key: str
    label: str
    ending: str
    media_type: str
    help: str
    make: Callable[[], str]


def show_exports(snap: cached.Snapshot, board: BoardName, standing: Standing) -> None:
    """The buttons; each file is made on click."""
    at, entry = moment(snap), standing.entry
    sha256 = board_sha256(snap.board(board))
    table = Table(board, (standing,), "one entry", at, at.model_url(entry.entry_id), sha256)
    with st.container(horizontal=True, gap="small"):
        for form in FORMATS:
            if form.name in _OFFERED:
                downloads.button(
                    form.name,
                    partial(form.data, table),
                    at.file_name(f"{board}_{entry.model_name}", form.ending),
                    form.media_type,
                    help=form.purpose,
                    key=f"model_{form.name}",
                )
    show_cards(snap, board, standing, at)


def show_cards(snap: cached.Snapshot, board: BoardName, standing: Standing, at: Moment) -> None:
    """The formats in which other sites accept an entry's scores."""
    entry = standing.entry
    with st.container(horizontal=True, gap="small"):
        for card in _cards(snap, board, standing, at):
            downloads.button(
                card.label,
                partial(_encoded, card.make),
                at.file_name(f"{card.key}_{entry.model_name}", card.ending),
                card.media_type,
                help=card.help,
                key=f"card_{card.key}",
            )


def _encoded(make: Callable[[], str]) -> bytes:
    return make().encode()


def _cards(
    snap: cached.Snapshot, board: BoardName, standing: Standing, at: Moment
) -> tuple[_Card, ...]:
    entry = standing.entry
    figures = snap.statistics(board)
    own = figures.entries.get(entry.entry_id) if figures else None
    return (
        _Card(
            "model_index",
            "Model card (YAML)",
            "yaml",
            "text/plain",
            "The `model-index` for the head of README.md on the Hugging Face Hub",
            partial(model_cards.model_index, standing, board, at),
        ),
        _Card(
            "eval_results",
            "Evaluation results (YAML)",
            "yaml",
            "text/plain",
            f"For `{model_cards.EVAL_RESULTS}` in the model’s repository on the Hugging Face Hub",
            partial(model_cards.eval_results, standing, board, at),
        ),
        _Card(
            "every_eval_ever",
            "Every Eval Ever (JSON)",
            "json",
            "application/json",
            "For the collection of evaluation results “Every Eval Ever”",
            partial(every_eval.every_eval, standing, board, at, own),
        ),
    )
