"""Boards for the Explore charts: entries with scores, and figures if a test needs them."""

from typing import Any

from core.benchmark import METRIC_KEYS
from core.model.entries import Entry
from core.model.policy import DEFAULT
from core.model.statistics import BoardStatistics, EntryFigures, MetricFigures
from core.publish.explore.models import Model, models_of
from core.ranking.board import rank_board


def entry(number: int, score: float | None, **more: Any) -> Entry:
    """An entry with the same score in every metric (None: no values)."""
    given: dict[str, Any] = {
        "entry_id": f"e{number}",
        "model_name": f"Model {number}",
        "organization": "Lab",
        "metrics": dict.fromkeys(METRIC_KEYS, score),
        "verified_date": f"2026-01-{number + 1:02}",
    }
    return Entry(**{**given, **more})


def models(*entries: Entry, figures: dict[str, EntryFigures] | None = None) -> tuple[Model, ...]:
    """The entries as an Official board, with these figures for each."""
    board = rank_board("official", entries, DEFAULT)
    found = (
        BoardStatistics(schema=1, board="official", stands_for="", entries=figures)
        if figures
        else None
    )
    return models_of(board, found, lambda _entry, metric: f"no {metric.name}")


def some(count: int, **more: Any) -> tuple[Model, ...]:
    """A number of models, each slightly worse than the one before."""
    return models(*(entry(n, round(0.9 - n / 1000, 3), **more) for n in range(count)))


def figures_of(interval: tuple[float, float], tier: int) -> EntryFigures:
    """The same figures in every metric."""
    one = MetricFigures(n=648, units=40, interval=interval, rank_set=(1, 2), tier=tier)
    return EntryFigures(
        metrics=dict.fromkeys(METRIC_KEYS, one), rank_set=(1, 2), tier=tier, may_be_first=tier == 1
    )
