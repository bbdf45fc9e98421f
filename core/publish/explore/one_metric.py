"""One metric: a dot with a 95 % interval for each model, or values by source dataset."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from core.benchmark import DATASETS, Metric
from core.publish.chart_axes import INK
from core.publish.explore import marks
from core.publish.explore.marks import Chart, Data, Rows, Spec
from core.publish.explore.models import Model
from core.publish.numbers import DASH, fixed
from core.publish.text import one_line

_ROOM: Final = 0.04  # share of the axis beyond the outermost mark


def scored(models: Sequence[Model], metric: Metric) -> tuple[Model, ...]:
    """The models with a value, best first; values that do not count come last."""
    found = [model for model in models if model.cells[metric.key].value is not None]

    def place(model: Model) -> tuple[bool, int, int]:
        cell = model.cells[metric.key]
        return cell.rank is None, cell.rank or 0, model.rank

    return tuple(sorted(found, key=place))


def best_baseline(models: Sequence[Model], metric: Metric) -> Model | None:
    """The best off-the-shelf model, by scores that count; None without one."""
    counting = (m for m in scored(models, metric) if m.cells[metric.key].rank is not None)
    return next((m for m in counting if m.entry.off_the_shelf), None)


@dataclass(frozen=True, slots=True)
class Frame:
    """The limits of a metric's axis: its differences, or its full range."""

    low: float
    high: float


def frame(models: Sequence[Model], metric: Metric, *, full: bool) -> Frame:
    """An axis that shows the differences, intervals included; `full`: the metric's range."""
    cells = [model.cells[metric.key] for model in models]
    ends = [end for c in cells if c.value is not None for end in (c.interval or (c.value,))]
    if full or not ends or min(ends) == max(ends):
        return Frame(metric.low, metric.high)
    room = _ROOM * (max(ends) - min(ends))
    return Frame(max(metric.low, min(ends) - room), min(metric.high, max(ends) + room))


def value_axis(metric: Metric, channel: str, place: Frame, **more: Any) -> Spec:
    """The encoding of a metric's values."""
    return {
        "field": channel,
        "type": "quantitative",
        "scale": {"domain": [place.low, place.high], "nice": False, "zero": False},
        "axis": marks.axis(
            f"{metric.name} ({metric.range_text}, higher is better)", tickCount=6, **more
        ),
    }


def dots(
    models: Sequence[Model],
    metric: Metric,
    colours: Mapping[str, int],
    board: Sequence[Model],
    *,
    full: bool = False,
) -> Chart:
    """A row for each model with a value, best first; lines between rows separate tiers.

    Ranks are among all models of the `board`; the value of its best baseline is a dashed line.
    """
    rows_of = scored(models, metric)
    of = sum(model.cells[metric.key].rank is not None for model in board)
    rows = [_row(model, metric, of, marks.slot(colours, model)) for model in rows_of]
    baseline = best_baseline(board, metric)
    shown = [*rows_of, *([baseline] if baseline else [])]
    x = value_axis(metric, "value", frame(shown, metric, full=full), orient="top", titlePadding=6)
    y = marks.by_name(rows_of, grid=True)
    line = [_baseline(baseline.cells[metric.key].value, x)] if baseline else []
    unnamed = {**y, "axis": None}  # only one layer has the names
    layer = [*line, _intervals(x, unnamed), _dots(metric, x, y), _tier_lines(unnamed), _counts(y)]
    sets: dict[str, Rows] = {
        "dots": rows,
        "intervals": [row for row in rows if row["low"] is not None],
        "tiers": _borders(rows_of, metric),
        "counted": [{"id": m.id} for m in rows_of if m.cells[metric.key].n],
    }
    spec = marks.chart(layer, sets, rows_of, {"step": marks.ROW}, colours)
    spec["resolve"] = {"axis": {"y": "independent"}}
    spec["params"].append({"name": "records", "value": {r["id"]: r["records"] for r in rows}})
    return Chart(
        spec,
        f"{metric.name} of each model as a dot with its 95 % interval, best model first. "
        "The data table has the same content.",
        data(rows_of, metric),
    )


def _intervals(x: Spec, y: Spec) -> Spec:
    return {
        "data": {"name": "intervals"},
        "mark": {"type": "rule", "strokeWidth": 2, "yOffset": marks.SHIFT, "clip": True},
        "encoding": {
            "x": {**x, "field": "low"}, "x2": {"field": "high"}, "y": y, "color": marks.colour(),
        },
    }  # fmt: skip


def _dots(metric: Metric, x: Spec, y: Spec) -> Spec:
    return {
        "data": {"name": "dots"},
        "mark": {"type": "point", "filled": True, "size": 120, "opacity": 1, "yOffset": marks.SHIFT,
                 "cursor": "pointer", **marks.FINGER},
        "params": [marks.pick()],
        "encoding": {
            "x": x, "y": y, "color": marks.colour(), "shape": marks.shape(),
            "tooltip": marks.tips(
                ("name", "Model"), ("organization", "Organization"), ("text", metric.name),
                ("interval", "95 % interval"), ("place", "Rank"),
                ("set", "Ranks the data allow"), ("records", "Records"), ("tier", "Tier"),
            ),
        },
    }  # fmt: skip


def _counts(y: Spec) -> Spec:
    """The number of records behind each value, if known, as an axis at the right."""
    return {
        "data": {"name": "counted"},
        "mark": {"type": "rule", "opacity": 0, "interactive": False},
        "encoding": {"y": {**y, "axis": marks.right_axis("n", "records")}},
    }


def data(models: Sequence[Model], metric: Metric) -> Data:
    """Value, interval, rank, set, tier and records of each model."""
    columns = ("rank", "model", "organization", metric.name, "low", "high", "rank set", "tier",
               "records", "note")  # fmt: skip
    return Data(
        columns,
        tuple(
            (
                cell.rank,
                model.name,
                model.organization,
                cell.value,
                *(cell.interval or (None, None)),
                cell.rank_set and marks.range_text(cell.rank_set),
                cell.tier,
                cell.n,
                cell.reason,
            )
            for model in models
            for cell in [model.cells[metric.key]]
        ),
    )


def by_dataset(models: Sequence[Model], metric: Metric, colours: Mapping[str, int]) -> Chart:
    """A row for each source dataset, a mark for each model. No intervals, and no values from few
    records, which would reveal single answers (core.publish.cells)."""
    found = [
        (model, name, cell)
        for model in scored(models, metric)
        for name, cell in model.datasets.get(metric.key, {}).items()
    ]
    rows: Rows = [
        {
            "id": model.id, "name": model.name, "dataset": name, "value": cell.value,
            "text": fixed(cell.value), "records": f"{cell.n:,}", "slot": marks.slot(colours, model),
        }
        for model, name, cell in found
        if name in DATASETS and cell.value is not None
    ]  # fmt: skip
    present = {row["dataset"] for row in rows}
    values = [row["value"] for row in rows]
    room = _ROOM * (max(values) - min(values)) if values else 0
    place = Frame(metric.low, metric.high)
    if room:
        place = Frame(min(values) - room, max(values) + room)
    counts = {name: [c.n for _, part, c in found if part == name and c.n] for name in present}
    layer: Spec = {
        "data": {"name": "cells"},
        "mark": {"type": "point", "filled": True, "size": 110, "opacity": 0.9,
                 "cursor": "pointer"},
        "params": [marks.pick()],
        "encoding": {
            "x": value_axis(metric, "value", place, orient="top", titlePadding=6),
            "y": {
                "field": "dataset", "type": "nominal", "sort": None,
                "scale": {"domain": [name for name in DATASETS if name in present]},
                "axis": marks.axis(
                    None, grid=True, ticks=False, domain=False,
                    labelExpr="[datum.label, records[datum.label]]", labelBaseline="bottom",
                    labelLineHeight=13,
                ),
            },
            "color": marks.colour(), "shape": marks.shape(),
            "tooltip": marks.tips(
                ("name", "Model"), ("dataset", "Source dataset"), ("text", metric.name),
                ("records", "Records"),
            ),
        },
    }  # fmt: skip
    in_front = sorted(rows, key=lambda row: int(row["slot"]))
    spec = marks.chart([layer], {"cells": in_front}, models, {"step": 34}, colours)
    spec["params"].append(
        {"name": "records", "value": {name: _n(given) for name, given in counts.items()}}
    )
    return Chart(
        spec,
        f"{metric.name} by source dataset: a row for each dataset, a mark for each model. "
        "The data table has the same content.",
        Data(
            ("model", "source dataset", metric.name, "records"),
            tuple((model.name, one_line(name), cell.value, cell.n) for model, name, cell in found),
        ),
    )


def _n(counts: Sequence[int]) -> str:
    """On how many records models were scored.

    >>> _n([200, 200]), _n([1980, 2000])
    ('n = 200', 'n = 1,980–2,000')
    """
    ends = dict.fromkeys((min(counts, default=0), max(counts, default=0)))
    return f"n = {'–'.join(f'{end:,}' for end in ends)}"


def _row(model: Model, metric: Metric, of: int, slot: int) -> dict[str, Any]:
    cell = model.cells[metric.key]
    low, high = cell.interval or (None, None)
    return {
        "id": model.id,
        "name": model.name,
        "organization": model.organization,
        "value": cell.value,
        "low": low,
        "high": high,
        "text": fixed(cell.value),
        "interval": marks.interval_text(cell.interval, cell.reason),
        "place": marks.place_text(cell.rank, of),
        "set": marks.range_text(cell.rank_set),
        "records": f"{cell.n:,}" if cell.n else DASH,
        "tier": str(cell.tier or DASH),
        "slot": slot,
    }


def _borders(models: Sequence[Model], metric: Metric) -> Rows:
    """The models below which another tier of this metric starts."""
    tiers = [(model.id, model.cells[metric.key].tier) for model in models]
    pairs = pairwise(tiers)
    return [
        {"id": a} for (a, first), (_, then) in pairs if None not in (first, then) and first != then
    ]


def _tier_lines(y: Spec) -> Spec:
    return {
        "data": {"name": "tiers"},
        "mark": {"type": "rule", "color": INK, "strokeWidth": 1, "yOffset": marks.ROW / 2},
        "encoding": {"y": y},
    }


def _baseline(value: float | None, x: Spec) -> Spec:
    return {
        "data": {"values": [{"value": value}]},
        "mark": {"type": "rule", "color": INK, "strokeDash": [4, 4], "opacity": 0.6},
        "encoding": {"x": x},
    }
