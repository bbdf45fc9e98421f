"""A board's statistics in words: sets, tiers and intervals, or why there are none."""

import msgspec
import pytest

from core.benchmark import METRIC_BY_KEY, METRIC_KEYS
from core.model.entries import Entry
from core.model.policy import DEFAULT
from core.model.statistics import (
    SCHEMA,
    BoardMetric,
    BoardStatistics,
    EntryFigures,
    MetricFigures,
)
from core.publish.address import View
from core.publish.board.figures import (
    brackets,
    caption_note,
    detectable_note,
    metric_words,
    rank_words,
)
from core.publish.board.table import TableOptions, arrange, table_html
from core.ranking.board import Board, rank_board

RANKED = View()
STG = METRIC_BY_KEY["stg_miou"]
FIGURES = BoardStatistics(
    schema=SCHEMA,
    board="community",
    stands_for="",
    entries={
        "a": EntryFigures(
            metrics={
                STG.key: MetricFigures(
                    n=780, units=31, interval=(0.41, 0.49), rank_set=(1, 2), tier=1
                )
            },
            rank_set=(1, 2),
            tier=1,
            may_be_first=True,
        ),
        "b": EntryFigures(
            metrics={STG.key: MetricFigures(tier=2)}, rank_set=(1, 3), tier=1, may_be_first=True
        ),
        "c": EntryFigures(
            metrics={
                STG.key: MetricFigures(
                    reason="Fewer than 6 recordings.", note="One source.", rank_set=(1, 3), tier=1
                )
            },
            rank_set=(3, 3),
            tier=2,
        ),
        # It is not distinguishable from any other, because its set is unknown.
        "d": EntryFigures(reason="Published without sample scores.", tier=2),
    },
    without=("d",),
)


@pytest.fixture
def board() -> Board:
    values = {"a": 0.45, "b": 0.44, "c": 0.43, "d": 0.1}
    entries = [
        Entry(
            entry_id=name,
            model_name=name,
            organization="Lab",
            metrics={**dict.fromkeys(METRIC_KEYS), STG.key: value},
        )
        for name, value in values.items()
    ]
    return rank_board("community", entries, DEFAULT)


def test_a_rank_is_explained_with_its_set(board: Board) -> None:
    told = [rank_words(FIGURES, standing, 4) for standing in board.standings]
    assert told == [
        "Rank 1 of 4. Not distinguishable from others: ranks 1 to 2 are possible.",
        "Rank 2 of 4. Not distinguishable from others: ranks 1 to 3 are possible. "
        "It may be the first.",
        "Rank 3 of 4. It is distinguishable from all others.",
        "Published without sample scores.",
    ]


def test_a_value_is_explained_with_its_interval_or_why_it_has_none(board: Board) -> None:
    told = [metric_words(FIGURES, standing, STG) for standing in board.standings]
    assert told == [
        "95 % interval 0.41 to 0.49. Ranks 1 to 2 are possible. 780 records of 31 recordings.",
        "",
        "Ranks 1 to 3 are possible. Fewer than 6 recordings. One source.",
        "",
    ]
    assert metric_words(None, board.standings[0], STG) == ""


def test_neighbours_of_a_tier_are_joined_in_the_order_shown(board: Board) -> None:
    assert brackets(FIGURES, board.standings, "average_rank") == ("ta", "tc", "", "")
    # Within the metric a and c share a tier; b between them has none, so the bracket goes past it.
    assert brackets(FIGURES, board.standings, STG.key) == ("ta", "tb", "tc", "")
    a, b, c, d = board.standings
    assert brackets(FIGURES, (a, c, b, d), STG.key) == ("ta", "tc", "", "")
    assert brackets(FIGURES, (b, a, d), STG.key) == ("", "", "")
    assert brackets(None, board.standings, "average_rank") == ("", "", "", "")


def test_the_smallest_detectable_difference_names_power_and_level() -> None:
    known = msgspec.structs.replace(FIGURES, metrics={STG.key: BoardMetric(detectable=0.05)})
    assert detectable_note(known, STG.key) == (
        "Two models that differ by 0.05 are typically told apart: in 80 of 100 such test sets, "
        "at 5 %."
    )
    assert detectable_note(known, "nap_acc") == detectable_note(None, STG.key) == ""


def test_the_caption_says_what_is_not_known() -> None:
    assert caption_note(None) == "Intervals are being computed."
    reason = "No intervals: published without sample scores."
    nothing = msgspec.structs.replace(FIGURES, entries={}, reason=reason)
    assert caption_note(nothing) == reason
    assert caption_note(FIGURES).startswith("1 model without sample scores")
    assert caption_note(msgspec.structs.replace(FIGURES, without=())) == ""


def markup(board: Board, view: View = RANKED, figures: BoardStatistics | None = FIGURES) -> str:
    return table_html(board, arrange(board, view), view, TableOptions("C.", figures=figures))


def test_the_table_shows_sets_brackets_and_words(board: Board) -> None:
    html = markup(board)
    assert "</u> <small>(1–2)</small>" in html
    assert '<tr class="tc p p2">' in html
    assert 'data-tip="95 % interval 0.41 to 0.49.' in html
    assert "It may be the first." in html
    plain = markup(board, figures=None)
    assert "<small>(" not in plain
    assert "ranks that the data allow" not in plain


def test_medals_belong_to_the_boards_order_and_ranks_within_a_metric_to_its_own(
    board: Board,
) -> None:
    assert "🥇" in markup(board)
    by_metric = markup(board, View(sort=STG.key))
    assert "🥇" not in by_metric
    assert "0.440<small>2</small>" in by_metric
    assert "0.440<small>" not in markup(board)
