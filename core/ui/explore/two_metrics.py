"""Two metrics: one against another, or one against the models' size or date."""

from core.benchmark import METRIC_BY_KEY, METRIC_KEYS
from core.publish import address
from core.publish.address import Exploration
from core.publish.explore import two_metrics
from core.publish.explore.two_metrics import DATE, SIZE
from core.publish.numbers import count
from core.ui.explore import state
from core.ui.explore.view import Field, Made

_NONE = {
    SIZE: "No model here declares its number of parameters.",
    DATE: "No model here has a date.",
}


def controls(now: Exploration) -> None:
    """What the vertical and the horizontal axis show."""
    names = {key: address.label(key) for key in METRIC_KEYS}
    state.selection("Upwards", "up", names, now, "Up: ")
    state.selection("Across", "against", address.AGAINST, now, "Across: ")


def make(field: Field, now: Exploration) -> Made:
    """The marks of the models that have both."""
    metric = METRIC_BY_KEY[now.up]
    across = address.AGAINST[now.against]
    question = f"How does {metric.name} relate to {across if now.against != DATE else 'the date'}?"
    if now.against == SIZE:
        question = f"How does {metric.name} relate to model size?"
    shown = two_metrics.drawable(field.drawn, metric, now.against)
    if not shown:
        none = f"No model here has both {metric.name} and {across}."
        return Made(question, _NONE.get(now.against, none), None)
    notes = []
    if now.against == SIZE:
        notes.append("Dashed: the best of models up to a size, as declared.")
    if out := len(field.drawn) - len(shown):
        notes.append(f"Left out: {count(out, 'model')} without both values.")
    return Made(
        question,
        " ".join(notes),
        two_metrics.scatter(field.drawn, metric, now.against, field.colours),
        "With a mouse, draw a rectangle to select models.",
    )
