"""The best value so far, of a metric or of the average rank, over the dates of the entries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from core.benchmark import METRIC_BY_KEY
from core.publish.chart_axes import INK
from core.publish.explore import marks
from core.publish.explore.marks import Chart, Data, Rows, Spec
from core.publish.explore.models import Model
from core.publish.numbers import fixed

AVERAGE: Final = "average_rank"  # instead of a metric's key
_HEIGHT: Final = 340
_APART: Final = 60  # px at the left, for undated entries


@dataclass(frozen=True, slots=True)
class Moment:
    """A score and its date; None: unknown. `earlier`: of a version that has been replaced;
    `counts`: it may be the best, which a score from too few questions may not."""

    model: Model
    date: str | None
    value: float
    earlier: bool = False
    counts: bool = True


def moments(models: Sequence[Model], what: str) -> tuple[Moment, ...]:
    """All scores by date, including those of earlier versions; undated ones last.

    Average ranks are today's, among all models on the board now.
    """
    found = []
    for model in models:
        value = model.average if what == AVERAGE else model.cells[what].value
        if value is not None:
            counts = what == AVERAGE or model.cells[what].rank is not None
            found.append(Moment(model, model.date, value, counts=counts))
        if what != AVERAGE:
            found += [
                Moment(model, was.date, old, earlier=True, counts=what not in was.not_counted)
                for was in model.earlier
                if (old := was.metrics.get(what)) is not None
            ]
    return tuple(sorted(found, key=lambda moment: (moment.date or "9999", moment.model.rank)))


def best_so_far(found: Sequence[Moment], what: str) -> tuple[tuple[str, float, Model], ...]:
    """Date, score and model for each new best score, of those that count."""
    steps: list[tuple[str, float, Model]] = []
    for moment in (one for one in found if one.counts):
        if moment.date and (not steps or _better(moment.value, steps[-1][1], what)):
            if steps and steps[-1][0] == moment.date:
                steps.pop()
            steps.append((moment.date, moment.value, moment.model))
    return tuple(steps)


def _better(value: float, than: float, what: str) -> bool:
    return value < than if what == AVERAGE else value > than


def over_time(models: Sequence[Model], what: str, colours: Mapping[str, int]) -> Chart:
    """Entries as points, the best so far as a line; undated entries apart, at the left."""
    found = moments(models, what)
    rows = [_row(moment, what, marks.slot(colours, moment.model)) for moment in found]
    steps = best_so_far(found, what)
    dated = [row for row in rows if row["date"]]
    undated = [row for row in rows if not row["date"]]
    line: Rows = [{"date": marks.milliseconds(day), "value": value} for day, value, _ in steps]
    if line:  # the best stays the best until the last entry
        line.append({"date": dated[-1]["date"], "value": line[-1]["value"]})
    x: Spec = {
        "field": "date", "type": "temporal",
        "scale": {"type": "utc", "range": [_APART if undated else 12, {"expr": "width - 12"}]},
        "axis": marks.axis(None, format="%-d %b %Y", tickCount=5, labelOverlap=True, grid=False),
    }  # fmt: skip
    y = _upwards(rows, what)
    tooltip = marks.tips(
        ("name", "Model"), ("organization", "Organization"), ("text", _title(what)),
        ("day", "Date"), ("version", "Version"),
    )  # fmt: skip
    point: Spec = {"type": "point", "filled": True, "size": 110, "cursor": "pointer"}
    encoding = {
        "y": y, "color": marks.colour(), "shape": marks.shape(), "tooltip": tooltip,
        "opacity": {"condition": {"test": "datum.version === 'earlier'", "value": 0.4}, "value": 1},
    }  # fmt: skip
    layer: list[Spec] = [
        {
            "data": {"name": "best"},
            "mark": {"type": "line", "interpolate": "step-after", "color": INK, "strokeWidth": 1.5,
                     "interactive": False},
            "encoding": {"x": x, "y": y},
        },
        {"data": {"name": "dated"}, "mark": point, "params": [marks.pick()],
         "encoding": {"x": x, **encoding}},
    ]  # fmt: skip
    layer += _apart(point, encoding)
    sets: dict[str, Rows] = {
        "best": line,
        "dated": sorted(dated, key=lambda row: int(row["slot"])),
        "undated": undated,
        "apart": [{"it": 1}] if undated else [],
    }
    return Chart(
        marks.chart(layer, sets, models, _HEIGHT, colours),
        f"{_title(what)} of the entries by date, and the best so far as a line. "
        "The data table has the same content.",
        data(found, what),
    )


def data(found: Sequence[Moment], what: str) -> Data:
    """Every entry with its date and score, and whether it was the best so far."""
    led = {(date, value) for date, value, _ in best_so_far(found, what)}
    return Data(
        ("date", "model", "organization", _title(what), "version", "best so far"),
        tuple(
            (
                m.date,
                m.model.name,
                m.model.organization,
                round(m.value, 3),
                "earlier" if m.earlier else "current",
                "yes" if m.counts and (m.date, m.value) in led else "no",
            )
            for m in found
        ),
    )


def _title(what: str) -> str:
    return "Average rank today" if what == AVERAGE else METRIC_BY_KEY[what].name


def _apart(point: Spec, encoding: Spec) -> list[Spec]:
    """Undated entries, at the left of a separating line."""
    return [
        {
            "data": {"name": "undated"},
            "mark": {**point, "x": 14},
            "params": [{**marks.pick(), "name": f"{marks.PICK}_undated"}],
            "encoding": encoding,
        },
        {"data": {"name": "apart"}, "encoding": {},
         "mark": {"type": "rule", "x": 40, "y": 0, "y2": "height", "color": marks.GREY,
                  "interactive": False}},
        {"data": {"name": "apart"}, "encoding": {},
         "mark": {"type": "text", "x": 30, "y": 4, "text": "no date", "angle": 270,
                  "align": "right", "color": INK, "fontSize": 11, "interactive": False}},
    ]  # fmt: skip


def _upwards(rows: Rows, what: str) -> Spec:
    values = [row["value"] for row in rows] or [0.0]
    title = "Average rank (lower is better)"
    if what != AVERAGE:
        metric = METRIC_BY_KEY[what]
        title = f"{metric.name} ({metric.range_text}, higher is better)"
    # If all values are the same, extend the axis on both sides.
    room = 0.06 * (max(values) - min(values)) or (0.5 if what == AVERAGE else 0.05)
    scale: Spec = {
        "domain": [min(values) - room, max(values) + room],
        "zero": False, "nice": False, "reverse": what == AVERAGE,
    }  # fmt: skip
    return {
        "field": "value",
        "type": "quantitative",
        "scale": scale,
        "axis": marks.axis(title, tickCount=6),
    }


def _row(moment: Moment, what: str, slot: int) -> dict[str, Any]:
    return {
        "id": moment.model.id,
        "name": moment.model.name,
        "organization": moment.model.organization,
        "date": marks.milliseconds(moment.date) if moment.date else None,
        "day": moment.date or "no date",
        "value": moment.value,
        "text": fixed(moment.value, 2 if what == AVERAGE else 3),
        "version": "earlier" if moment.earlier else "current",
        "slot": slot,
    }
