"""A metric against another one, the size of models, or their date."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from core.benchmark import METRIC_BY_KEY, Metric
from core.publish.explore import marks
from core.publish.explore.marks import Chart, Data, Rows, Spec
from core.publish.explore.models import Model
from core.publish.explore.one_metric import frame, value_axis
from core.publish.numbers import fixed

SIZE: Final = "size"
DATE: Final = "date"
_HEIGHT: Final = 380


def drawable(models: Sequence[Model], metric: Metric, against: str) -> tuple[Model, ...]:
    """The models with both values; `against` is a metric's key, SIZE or DATE."""
    return tuple(
        m
        for m in models
        if m.cells[metric.key].value is not None and _other(m, against) is not None
    )


def pareto(models: Sequence[Model], metric: Metric) -> tuple[Model, ...]:
    """The Pareto front: models for which no model of at most their size is better, by size.

    Scores that do not count are not on it.
    """
    found: list[Model] = []
    best = float("-inf")
    counting = (model for model in models if model.cells[metric.key].rank is not None)
    for model in sorted(counting, key=lambda m: (m.size or 0, -(m.cells[metric.key].value or 0))):
        value = model.cells[metric.key].value
        if model.size is not None and value is not None and value > best:
            found.append(model)
            best = value
    return tuple(found)


def scatter(
    models: Sequence[Model], metric: Metric, against: str, colours: Mapping[str, int]
) -> Chart:
    """A mark with intervals for each model with both values. `metric` is on the vertical axis.

    Against size, a line joins the Pareto front: the best models up to each size.
    """
    shown = drawable(models, metric, against)
    rows = sorted((_row(m, metric, against, marks.slot(colours, m)) for m in shown),
                  key=lambda row: int(row["slot"]))  # fmt: skip
    front = pareto(shown, metric) if against == SIZE else ()
    x = _across(shown, against)
    y = value_axis(metric, "y", frame(shown, metric, full=False), titlePadding=8)
    y["axis"]["title"] = f"{metric.name} ({metric.range_text})"
    layer = [_front(x, y), *_intervals(x, y), _points(metric, against, x, y)]
    sets: dict[str, Rows] = {
        "points": rows,
        "up": [row for row in rows if row["y_low"] is not None],
        "across": [row for row in rows if row["x_low"] is not None],
        "front": [{"x": m.size, "y": m.cells[metric.key].value} for m in front],
    }
    return Chart(
        marks.chart(layer, sets, shown, _HEIGHT, colours),
        f"{metric.name} against {_title(against)}, a mark for each model. "
        "The data table has the same content.",
        data(shown, metric, against),
    )


def _front(x: Spec, y: Spec) -> Spec:
    return {
        "data": {"name": "front"},
        "mark": {"type": "line", "color": marks.GREY, "strokeDash": [4, 3],
                 "interpolate": "step-after", "interactive": False},
        "encoding": {"x": x, "y": y},
    }  # fmt: skip


def _intervals(x: Spec, y: Spec) -> list[Spec]:
    mark = {"type": "rule", "strokeWidth": 1.5, "opacity": 0.7, "clip": True, "interactive": False}
    up = {"x": x, "y": {**y, "field": "y_low"}, "y2": {"field": "y_high"}}
    across = {"x": {**x, "field": "x_low"}, "x2": {"field": "x_high"}, "y": y}
    return [
        {"data": {"name": name}, "mark": mark, "encoding": {**ends, "color": marks.colour()}}
        for name, ends in (("up", up), ("across", across))
    ]


def _points(metric: Metric, against: str, x: Spec, y: Spec) -> Spec:
    return {
        "data": {"name": "points"},
        "mark": {"type": "point", "filled": True, "size": 130, "opacity": 1, "cursor": "pointer"},
        "params": [marks.pick(), {"name": marks.BRUSH, "select": {"type": "interval"}}],
        "encoding": {
            "x": x, "y": y, "color": marks.colour(), "shape": marks.shape(),
            "tooltip": marks.tips(
                ("name", "Model"), ("organization", "Organization"),
                ("y_text", metric.name), ("y_interval", _interval_title(metric)),
                ("x_text", _title(against)), *_interval_tip(against),
            ),
        },
    }  # fmt: skip


def data(models: Sequence[Model], metric: Metric, against: str) -> Data:
    """Both figures of each model, with their intervals."""
    low_high = ("low", "high")
    across = low_high if against in METRIC_BY_KEY else ()
    return Data(
        ("rank", "model", "organization",
         metric.name, *(f"{metric.name} {end}" for end in low_high),
         _title(against), *(f"{_title(against)} {end}" for end in across)),
        tuple(
            (
                m.rank, m.name, m.organization,
                m.cells[metric.key].value, *(m.cells[metric.key].interval or (None, None)),
                _other(m, against),
                *((m.cells[against].interval or (None, None)) if across else ()),
            )
            for m in models
        ),
    )  # fmt: skip


def inside(
    models: Sequence[Model], metric: Metric, against: str, brush: dict[str, Any]
) -> tuple[Model, ...]:
    """The models in a brushed rectangle, as the browser sends it: {"x": [low, high], "y": [low,
    high]}, with dates in milliseconds since 1970. Anything else selects none."""
    try:
        (left, right), (low, high) = (sorted(map(float, brush[axis])) for axis in ("x", "y"))
    except (KeyError, TypeError, ValueError):
        return ()
    return tuple(
        m
        for m in drawable(models, metric, against)
        if left <= _number(_other(m, against)) <= right
        and low <= (m.cells[metric.key].value or 0) <= high
    )


def _number(value: float | str | None) -> float:
    """A model's value on the horizontal axis, in the browser's units."""
    if isinstance(value, str):
        return marks.milliseconds(value)
    return float("nan") if value is None else value


def _other(model: Model, against: str) -> float | str | None:
    if against == SIZE:
        return model.size
    return model.date if against == DATE else model.cells[against].value


def _title(against: str) -> str:
    if against == SIZE:
        return "Declared parameters (billions)"
    return "Date" if against == DATE else METRIC_BY_KEY[against].name


def _interval_tip(against: str) -> tuple[tuple[str, str], ...]:
    metric = METRIC_BY_KEY.get(against)
    return (("x_interval", _interval_title(metric)),) if metric else ()


def _interval_title(metric: Metric) -> str:
    """Vega keeps one field of each title."""
    return f"{metric.name}, 95 % interval"


def _across(models: Sequence[Model], against: str) -> Spec:
    if against == SIZE:
        scale: Spec = {"type": "log", "nice": False, "padding": 16}
        axis = marks.axis(_title(against), tickCount=6, format="~g", grid=False)
        return {"field": "x", "type": "quantitative", "scale": scale, "axis": axis}
    if against == DATE:
        axis = marks.axis("Date", format="%-d %b %Y", tickCount=5, labelOverlap=True)
        return {"field": "x", "type": "temporal", "scale": {"type": "utc", "padding": 16},
                "axis": axis}  # fmt: skip
    metric = METRIC_BY_KEY[against]
    found = value_axis(metric, "x", frame(models, metric, full=False))
    found["axis"]["title"] = f"{metric.name} ({metric.range_text})"
    return found


def _row(model: Model, metric: Metric, against: str, slot: int) -> dict[str, Any]:
    up, other = model.cells[metric.key], _other(model, against)
    across = model.cells[against].interval if against in METRIC_BY_KEY else None
    texts = {SIZE: f"{other:g} billion" if against == SIZE else "", DATE: other}
    return {
        "id": model.id,
        "name": model.name,
        "organization": model.organization,
        "x": _number(other),
        "y": up.value,
        "x_low": across[0] if across else None,
        "x_high": across[1] if across else None,
        "y_low": up.interval[0] if up.interval else None,
        "y_high": up.interval[1] if up.interval else None,
        "x_text": texts[against] if against in texts else fixed(_number(other)),
        "x_interval": marks.interval_text(across),
        "y_text": fixed(up.value),
        "y_interval": marks.interval_text(up.interval),
        "slot": slot,
    }
