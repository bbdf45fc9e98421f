"""The Explore charts as specifications: each compiles and contains exactly its data."""

import csv
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import vl_convert

from core.benchmark import METRIC_BY_KEY, METRIC_KEYS
from core.model.entries import Declared
from core.publish.explore import files, marks, one_metric, over_time, ranks, two_metrics
from core.publish.explore.marks import COLOURS, PINS, UNPINNED, Chart, highlighted
from core.publish.explore.models import Earlier, Model
from core.publish.moment import Moment
from core.publish.text import CSV_ENCODING
from core.web.board_picture import BoardPictures
from tests.core.explore_world import entry, figures_of, models, some
from tests.core.services_world import world

AT = Moment("2026-11-26", "0123456789abcdef")
NAP = METRIC_BY_KEY["nap_acc"]
DATASETS = {
    "nap_acc": {
        "AVOS": {"value": 0.4, "n": 200, "records": 200},
        "CoPESD": {"value": 0.7, "n": 60, "records": 60},
        "JIGSAWS": {"value": 0.8, "n": 60, "records": 60},
    }
}


def board() -> tuple[Model, ...]:
    """Three models with figures in two tiers, sizes, datasets, one without a date."""
    found = models(
        entry(0, 0.9, by_dataset=DATASETS),
        entry(1, 0.8, off_the_shelf=True),
        entry(2, 0.7, verified_date=None),
        entry(3, None),
        figures={f"e{n}": figures_of((0.6, 0.95), 1 + n // 2) for n in range(3)},
    )
    sizes = (7.0, 3.0, 30.0, None)
    return tuple(replace(model, size=size) for model, size in zip(found, sizes, strict=True))


def charts(found: tuple[Model, ...]) -> dict[str, Chart]:
    colours = highlighted(found, ("e1",))
    return {
        "matrix": ranks.matrix(found, colours, len(found)),
        "values": ranks.matrix(found, colours, len(found), show_values=True),
        "lines": ranks.lines(found, colours, len(found)),
        "dots": one_metric.dots(found, NAP, colours, found),
        "datasets": one_metric.by_dataset(found, NAP, colours),
        "pair": two_metrics.scatter(found, NAP, "stg_miou", colours),
        "size": two_metrics.scatter(found, NAP, two_metrics.SIZE, colours),
        "date": two_metrics.scatter(found, NAP, two_metrics.DATE, colours),
        "time": over_time.over_time(found, "nap_acc", colours),
        "average": over_time.over_time(found, over_time.AVERAGE, colours),
    }


NAMES = tuple(charts(board()))


@pytest.mark.parametrize("name", NAMES)
def test_a_chart_compiles_and_a_click_on_it_names_a_model(name: str) -> None:
    spec = charts(board())[name].spec
    compiled = vl_convert.vegalite_to_vega({**spec, "width": 700})
    assert compiled["marks"]
    picks = [p for layer in spec["layer"] for p in layer.get("params", ())]
    assert {"type": "point", "fields": ["id"], "toggle": False} in [p["select"] for p in picks]
    assert json.loads(json.dumps(spec)) == spec


@pytest.mark.parametrize("name", NAMES)
def test_a_tooltip_has_each_title_once_of_which_vega_keeps_one(name: str) -> None:
    for layer in charts(board())[name].spec["layer"]:
        titles = [one["title"] for one in layer["encoding"].get("tooltip", ())]
        assert len(set(titles)) == len(titles)


@pytest.mark.parametrize("name", NAMES)
def test_a_chart_of_one_model_without_figures_compiles(name: str) -> None:
    found = models(entry(0, 0.5, by_dataset=DATASETS))
    found = (replace(found[0], size=7.0),)
    spec = charts(found)[name].spec
    assert vl_convert.vegalite_to_vega({**spec, "width": 300})["marks"]


@pytest.mark.parametrize("name", NAMES)
def test_the_data_of_a_chart_is_a_table_with_all_models(name: str) -> None:
    data = charts(board())[name].data
    assert {len(row) for row in data.rows} == {len(data.columns)}
    text = files.csv_file(data, AT, "").decode(CSV_ENCODING)
    read = list(csv.DictReader(io.StringIO(text)))
    assert len(read) == len(data.rows) >= 1
    assert read[0]["model"] == "Model 0"
    assert {(row["as_of"], row["demo"]) for row in read} == {(AT.as_of, "no")}


def rows(chart: Chart, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = chart.spec["datasets"].get(name, [])
    return found


def test_the_matrix_shades_by_rank_and_writes_rank_or_value() -> None:
    found = board()
    cells = rows(ranks.matrix(found, {}, 4), "cells")
    assert len(cells) == len(found) * len(METRIC_KEYS)
    nap = {cell["id"]: cell for cell in cells if cell["metric"] == "nap_acc"}
    assert [nap[f"e{n}"]["text"] for n in range(4)] == ["1", "2", "3", "—"]
    assert nap["e0"]["shade"] == 1
    assert nap["e2"]["shade"] == pytest.approx(1 / 3)
    assert nap["e3"]["shade"] is None
    assert nap["e3"]["place"] == "no NAP_acc"
    values = rows(ranks.matrix(found, {}, 4, show_values=True), "cells")
    assert {c["text"] for c in values if c["metric"] == "nap_acc"} == {".900", ".800", ".700", "—"}


def test_a_line_parts_tiers_in_the_matrix_and_among_dots() -> None:
    found = board()
    assert rows(ranks.matrix(found, {}, 4), "tiers") == [{"id": "e1"}]
    assert rows(one_metric.dots(found, NAP, {}, found), "tiers") == [{"id": "e1"}]
    assert rows(ranks.matrix(some(3), {}, 3), "tiers") == []


def test_lines_have_no_rank_where_there_is_no_value() -> None:
    found = rows(ranks.lines(board(), {"e0": 0}, 4), "all")
    assert {row["rank"] for row in found if row["id"] == "e3"} == {None}
    assert {row["slot"] for row in found if row["id"] == "e0"} == {0}


def test_dots_stand_best_first_on_an_axis_of_their_differences() -> None:
    found = board()
    chart = one_metric.dots(found[::-1], NAP, {}, found)
    assert [row["id"] for row in rows(chart, "dots")] == ["e0", "e1", "e2"]
    assert rows(chart, "dots")[0]["place"] == "1 of 3"
    (axis,) = {
        tuple(layer["encoding"]["x"]["scale"]["domain"])
        for layer in chart.spec["layer"]
        if "x" in layer["encoding"]
    }
    assert 0.5 < axis[0] < 0.6
    assert 0.95 < axis[1] < 1
    assert one_metric.frame(found, NAP, full=True) == one_metric.Frame(0, 1)
    baseline = [layer for layer in chart.spec["layer"] if "values" in layer["data"]]
    assert baseline[0]["data"]["values"] == [{"value": 0.8}]


def told(chart: Chart, name: str) -> Any:
    """The value of a chart's parameter."""
    return {one["name"]: one.get("value") for one in chart.spec["params"]}[name]


def test_the_number_of_records_is_beside_each_model_and_dataset() -> None:
    found = board()
    chart = one_metric.dots(found, NAP, {}, found)
    assert told(chart, "records") == {"e0": "648", "e1": "648", "e2": "648"}
    assert ">648<" in files.svg(chart.spec, "").decode()
    unknown = one_metric.dots(some(2), NAP, {}, some(2))
    assert not rows(unknown, "counted")
    assert ">n<" not in files.svg(unknown.spec, "").decode()
    chart = one_metric.by_dataset(found, NAP, {})
    assert told(chart, "records") == {"AVOS": "n = 200"}
    assert "n = 200" in files.svg(chart.spec, "").decode()


def test_a_source_dataset_with_few_records_has_no_value_anywhere() -> None:
    chart = one_metric.by_dataset(board(), NAP, {})
    assert [row["dataset"] for row in rows(chart, "cells")] == ["AVOS"]
    assert ("Model 0", "JIGSAWS", None, 60) in chart.data.rows
    assert "0.8" not in json.dumps([chart.spec["datasets"], chart.data.rows])
    assert "interval" not in json.dumps(chart.spec)


def test_the_pareto_front_is_what_no_smaller_model_beats() -> None:
    assert [m.id for m in two_metrics.pareto(board(), NAP)] == ["e1", "e0"]
    chart = two_metrics.scatter(board(), NAP, two_metrics.SIZE, {})
    assert [row["x"] for row in rows(chart, "front")] == [3.0, 7.0]


def test_a_brush_selects_what_lies_in_it_and_nonsense_selects_nothing() -> None:
    found = board()

    def selected(against: str, **brush: object) -> list[str]:
        return [m.id for m in two_metrics.inside(found, NAP, against, brush)]

    assert selected("stg_miou", x=[0.75, 1], y=[0, 0.85]) == ["e1"]
    assert selected("stg_miou", x=[1, 0.75], y=[0.85, 0]) == ["e1"]
    assert selected("date", x=[0, marks.milliseconds("2026-01-01")], y=[0, 1]) == ["e0"]
    for nonsense in ({}, {"x": [1]}, {"x": ["a", "b"], "y": [0, 1]}, {"x": None, "y": None}):
        assert selected("stg_miou", **nonsense) == []


def test_the_best_so_far_rises_and_the_undated_stand_apart() -> None:
    found = models(entry(0, 0.5), entry(1, 0.4), entry(2, 0.9), entry(3, 0.9, verified_date=None))
    steps = over_time.best_so_far(over_time.moments(found, "nap_acc"), "nap_acc")
    assert [(day, value) for day, value, _ in steps] == [("2026-01-01", 0.5), ("2026-01-03", 0.9)]
    chart = over_time.over_time(found, "nap_acc", {})
    assert [row["id"] for row in rows(chart, "undated")] == ["e3"]
    ranked = over_time.best_so_far(over_time.moments(found, over_time.AVERAGE), over_time.AVERAGE)
    assert [day for day, _, _ in ranked] == ["2026-01-01", "2026-01-03"]
    assert ranked[-1][1] < ranked[0][1]  # lower is better


def test_where_no_entry_has_a_date_no_line_leads_to_one() -> None:
    found = models(*(entry(n, 0.5, verified_date=None) for n in range(2)))
    chart = over_time.over_time(found, "nap_acc", {})
    assert over_time.best_so_far(over_time.moments(found, "nap_acc"), "nap_acc") == ()
    assert (rows(chart, "best"), len(rows(chart, "undated"))) == ([], 2)


def test_a_score_from_too_few_questions_is_never_the_best_so_far() -> None:
    low, high = models(entry(0, 0.5), entry(1, 0.9))[::-1]
    few = replace(high, cells={**high.cells, "nap_acc": replace(high.cells["nap_acc"], rank=None)})
    moments = over_time.moments((low, few), "nap_acc")
    assert [value for _, value, _ in over_time.best_so_far(moments, "nap_acc")] == [0.5]
    assert [row[-1] for row in over_time.data(moments, "nap_acc").rows] == ["yes", "no"]
    chart = over_time.over_time((few,), "nap_acc", {})
    assert (rows(chart, "best"), len(rows(chart, "dated"))) == ([], 1)
    ranked = over_time.moments((low, few), over_time.AVERAGE)
    assert over_time.best_so_far(ranked, over_time.AVERAGE)[-1][2] is few


def test_an_unknown_set_of_ranks_is_an_empty_cell_of_a_file() -> None:
    for data in (ranks.data(some(1)), one_metric.data(some(1), NAP)):
        (row,) = list(
            csv.DictReader(io.StringIO(files.csv_file(data, AT, "").decode(CSV_ENCODING)))
        )
        assert (row["rank"], row["rank set"]) == ("1", "")


def test_a_score_from_too_few_questions_is_no_baseline_and_on_no_front() -> None:
    small, large = models(
        *(entry(n, 0.9 - n / 10, off_the_shelf=True, declared=Declared(parameters=f"{2 - n}B"))
          for n in range(2))
    )[::-1]  # fmt: skip
    cell = replace(small.cells["nap_acc"], value=0.99, rank=None)
    few = replace(small, cells={**small.cells, "nap_acc": cell})
    assert two_metrics.pareto((large, few), NAP) == (large,)
    assert one_metric.best_baseline((large, few), NAP) is large
    assert one_metric.best_baseline((few,), NAP) is None


def test_texts_at_the_right_end_have_room_that_vega_does_not_measure() -> None:
    """Without it Chromium cuts 1.5 px off the number of records."""
    assert one_metric.dots(some(3), NAP, {}, some(3)).spec["padding"]["right"] > 1.5


def test_the_axis_of_average_ranks_says_10() -> None:
    picture = files.svg(over_time.over_time(some(10), over_time.AVERAGE, {}).spec, "").decode()
    assert ">10</text>" in picture


def test_an_earlier_version_was_the_best_while_it_stood() -> None:
    (found,) = models(entry(5, 0.5))
    found = replace(found, earlier=(Earlier("2026-01-01", {"nap_acc": 0.3}),))
    moments = over_time.moments((found,), "nap_acc")
    assert [(m.date, m.value, m.earlier) for m in moments] == [
        ("2026-01-01", 0.3, True),
        ("2026-01-06", 0.5, False),
    ]


def test_colours_stay_with_pins_and_the_best_have_them_without() -> None:
    found = some(5)
    assert highlighted(found, ()) == {f"e{n}": n for n in range(UNPINNED)}
    assert highlighted(found, ("e4", "", "e0")) == {"e4": 0, "e0": 2}
    assert highlighted(found, ("gone",)) == highlighted(found, ())
    assert len(set(COLOURS)) == len(marks.SHAPES) == PINS == 8


def test_a_picture_is_made_offline_with_title_and_legend() -> None:
    found = models(entry(0, 0.5, model_name="<b>&\"'"), entry(1, 0.4, model_name="模型" * 40))
    chart = ranks.lines(found, {"e0": 7}, 2)
    picture = files.svg(chart.spec, "A title " * 20, "How to read it").decode()
    assert picture.startswith("<svg")
    assert picture.count(">A title A title") == 2  # lines: one would be cut off
    assert "How to read it" in picture
    assert "1. &lt;b&gt;&amp;" in picture
    assert "<b>" not in picture
    assert "currentColor" not in picture
    assert files.png(chart.spec, "A title").startswith(b"\x89PNG")
    assert "usermeta" in chart.spec  # the chart itself is unchanged


def test_a_board_without_models_has_no_picture(tmp_path: Path) -> None:
    assert BoardPictures(world(tmp_path)).png("official") is None


def test_a_name_that_begins_a_formula_is_none_in_the_file() -> None:
    found = models(entry(0, 0.5, model_name="=1+1"))
    data = ranks.lines(found, {}, 1).data
    assert "'=1+1" in files.csv_file(data, AT, "").decode(CSV_ENCODING)
