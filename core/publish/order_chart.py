"""How far each model's rank depends on weights and rules, as a chart. Pure."""

from dataclasses import dataclass
from typing import Any, Final

from core.publish.chart_axes import BLUE, INK
from core.publish.explore import marks
from core.publish.explore.marks import Chart, Rows, Spec
from core.publish.order_tables import SHOWN, capitalized, labelled, models_table
from core.publish.order_text import Changes
from core.publish.text import one_line
from core.ranking.weights import DRAWS

QUESTION: Final = "How far does a rank depend on weights and rules?"
NOTE: Final = (
    f"Dot: rank on the board. Band: ranks in {DRAWS:,} random weightings of the metrics; at the "
    "right, the share of them in which the model leads. Ticks: ranks by other rules."
)


@dataclass(frozen=True, slots=True)
class _Row:
    id: str
    label: str


def order_chart(changes: Changes) -> Chart:
    """A row for each of the first SHOWN models, and for all that lead in some weighting.

    A band from the best to the worst rank, a dot for the one on the board, ticks for those by
    other rules.
    """
    places = [
        place for place in range(len(changes.names)) if place < SHOWN or changes.random.leads[place]
    ]
    models = [_Row(changes.ids[place], labelled(changes.names, place)) for place in places]
    rows = [_row(changes, place) for place in places]
    ticks: Rows = [
        {"id": changes.ids[place], "rank": one.rank.tolist()[place],
         "name": one_line(changes.names[place]), "rule": capitalized(one.scheme.name),
         "by_rule": f"{one.rank.tolist()[place]}"}
        for one in changes.schemes
        for place in places
    ]  # fmt: skip
    y = marks.by_name(models, grid=True)
    layer = [_bands(y), _ticks(y), _dots(y), _leads(y)]
    spec = marks.chart(layer, {"ranks": rows, "rules": ticks}, models, {"step": marks.ROW}, {})
    spec["resolve"] = {"axis": {"y": "independent"}}
    spec["params"].append({"name": "leads", "value": {row["id"]: row["leads"] for row in rows}})
    return Chart(
        spec,
        "Rank of each model on the board, by other rules, and in random weightings of the metrics. "
        "The table below has the same content.",
        models_table(changes, whole=True),
    )


def _row(changes: Changes, place: int) -> dict[str, Any]:
    best, worst = int(changes.random.best[place]), int(changes.random.worst[place])
    return {
        "id": changes.ids[place],
        "name": one_line(changes.names[place]),
        "rank": place + 1,
        "place": f"{place + 1} of {len(changes.names)}",
        "low": best - 0.3,  # a band has a width where best and worst are the same
        "high": worst + 0.3,
        "range": marks.range_text((best, worst)),
        "leads": f"{100 * changes.random.leads[place]:.3g} %",
    }


def _x(field: str, **more: Any) -> Spec:
    return {
        "field": field,
        "type": "quantitative",
        "scale": {"zero": False, "nice": False, "padding": 6},
        "axis": marks.axis("Rank", orient="top", format="d", tickMinStep=1, grid=False, **more),
    }


_TIPS: Final = marks.tips(
    ("name", "Model"), ("place", "Rank on the board"), ("range", "Random weights"),
    ("leads", "Leads in"),
)  # fmt: skip


def _bands(y: Spec) -> Spec:
    return {
        "data": {"name": "ranks"},
        "mark": {"type": "bar", "color": BLUE, "opacity": 0.3, "height": 12,
                 "yOffset": marks.SHIFT},
        "encoding": {"x": _x("low"), "x2": {"field": "high"}, "y": y, "tooltip": _TIPS},
    }  # fmt: skip


def _ticks(y: Spec) -> Spec:
    return {
        "data": {"name": "rules"},
        "mark": {"type": "tick", "color": INK, "thickness": 1.5, "size": 18,
                 "yOffset": marks.SHIFT},
        "encoding": {
            "x": _x("rank"), "y": {**y, "axis": None},
            "tooltip": marks.tips(("name", "Model"), ("rule", "Rule"), ("by_rule", "Rank")),
        },
    }  # fmt: skip


def _dots(y: Spec) -> Spec:
    return {
        "data": {"name": "ranks"},
        "mark": {"type": "point", "filled": True, "color": BLUE, "size": 90, "opacity": 1,
                 "yOffset": marks.SHIFT, **marks.FINGER},
        "encoding": {"x": _x("rank"), "y": {**y, "axis": None}, "tooltip": _TIPS},
    }  # fmt: skip


def _leads(y: Spec) -> Spec:
    return {
        "data": {"name": "ranks"},
        "mark": {"type": "rule", "opacity": 0, "interactive": False},
        "encoding": {"y": {**y, "axis": marks.right_axis("leads", "leads")}},
    }
