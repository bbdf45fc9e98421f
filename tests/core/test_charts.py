"""Charts as specifications: order, values, ties, nothing undefined drawn."""

import math

import pandas as pd

from core.benchmark import METRIC_BY_KEY
from core.publish.chart_axes import AXIS_ROOM
from core.publish.charts import HIGHLIGHT, MAX_BARS, UNRANKED, bar_rows, metric_bars


def frame(*rows: tuple[str, float, float]) -> pd.DataFrame:
    return pd.DataFrame(
        [{"model": m, "team": "T", "value": v, "rank": r} for m, v, r in rows],
        columns=["model", "team", "value", "rank"],
    )


def test_bars_stand_best_first_and_undefined_values_are_left_out() -> None:
    rows = bar_rows(frame(("b", 0.2, 2), ("none", math.nan, math.nan), ("a", 0.4, 1)))
    assert rows["model"].tolist() == ["a", "b"]
    assert rows["place"].tolist() == ["1 of 2", "2 of 2"]


def test_values_that_do_not_count_stand_last_without_a_rank() -> None:
    rows = bar_rows(frame(("few", 0.9, math.nan), ("b", 0.2, 2), ("a", 0.4, 1)))
    assert rows["model"].tolist() == ["a", "b", "few"]
    assert rows["place"].tolist() == ["1 of 2", "2 of 2", UNRANKED]


def test_models_of_one_name_and_value_keep_bars_of_their_own() -> None:
    rows = bar_rows(frame(("same", 0.3, 1), ("same", 0.3, 1)))
    assert rows["label"].is_unique
    assert [label.strip() for label in rows["label"]] == ["0.300  same", "0.300  same"]


def test_a_long_board_is_cut_to_the_best() -> None:
    many = frame(*[(f"m{i}", 1 - i / 100, i + 1) for i in range(MAX_BARS + 5)])
    rows = bar_rows(many)
    assert len(rows) == MAX_BARS
    assert rows["place"].iloc[-1] == f"{MAX_BARS} of {MAX_BARS + 5}"


def test_the_chart_has_tooltips_titles_and_one_highlight() -> None:
    spec = metric_bars(frame(("a", 4.0, 1), ("b", 3.0, 2)), METRIC_BY_KEY["vs_llm"]).to_dict()
    encoding = spec["encoding"]
    assert encoding["x"]["axis"]["title"] == "VS_llm (1 to 5, higher is better)"
    assert encoding["x"]["scale"]["domainMin"] == 1
    assert [tip["title"] for tip in encoding["tooltip"]] == ["Model", "Team", "VS_llm", "Rank"]
    assert encoding["color"]["condition"]["value"] == HIGHLIGHT


def test_a_small_board_leaves_room_for_the_axis_and_for_every_name() -> None:
    one = metric_bars(frame(("a", 0.4, 1)), METRIC_BY_KEY["cvs_acc"]).to_dict()
    two = metric_bars(frame(("a", 0.4, 1), ("b", 0.3, 2)), METRIC_BY_KEY["cvs_acc"]).to_dict()
    step = two["height"] - one["height"]
    assert one["height"] == step + AXIS_ROOM


def test_an_empty_board_gives_an_empty_chart() -> None:
    spec = metric_bars(frame(), METRIC_BY_KEY["cvs_acc"]).to_dict()
    assert list(spec["datasets"].values()) == [[]]
