"""One metric: values with intervals, or by source dataset."""

from core.benchmark import METRIC_BY_KEY, METRIC_KEYS
from core.publish import address
from core.publish.address import Exploration
from core.publish.cells import LEAST_RECORDS
from core.publish.explore import one_metric
from core.publish.numbers import fixed
from core.ui.explore import state
from core.ui.explore.view import Field, Made


def controls(now: Exploration) -> None:
    """Metric, axis, and all records or each source dataset."""
    names = {key: address.label(key) for key in METRIC_KEYS}
    state.selection("Metric", "metric", names, now)
    state.choice("Records", "parts", address.PARTS, now)
    if now.parts == "whole":
        state.choice("Axis", "axis", address.AXES, now)


def make(field: Field, now: Exploration) -> Made:
    """The dots of the metric."""
    metric = METRIC_BY_KEY[now.metric]
    question = f"{metric.full_name}: which model is best?"
    if not one_metric.scored(field.drawn, metric):
        return Made(question, f"No model here has a value for {metric.name} yet.", None)
    if now.parts == "datasets":
        note = (
            f"By source dataset. Datasets with fewer than {LEAST_RECORDS} scored records have no "
            "value, and none has an interval: these would reveal single answers."
        )
        chart = one_metric.by_dataset(field.drawn, metric, field.colours)
        if not chart.spec["layer"]:
            return Made(question, f"No model here has a value by source dataset. {note}", None)
        return Made(question, note, chart)
    baseline = one_metric.best_baseline(field.all, metric)
    cells = [model.cells[metric.key] for model in field.drawn]
    notes = ["Bars are 95 % intervals."] if any(cell.interval for cell in cells) else []
    if any(cell.n for cell in cells):
        notes.append("n: scored records.")
    chart = one_metric.dots(field.drawn, metric, field.colours, field.all, full=now.axis == "full")
    if chart.spec["datasets"].get("tiers"):
        notes.append("Lines between rows separate distinguishable groups.")
    if any(cell.value is not None and cell.rank is None for cell in cells):
        notes.append("At the end: scores that do not count, from too few questions.")
    if baseline:
        value = fixed(baseline.cells[metric.key].value)
        notes.append(f"Dashed: {value}, the best off-the-shelf model.")
    return Made(question, " ".join(notes), chart)
