"""Who is best at what: ranks of all models in all metrics."""

from core.publish import address
from core.publish.address import Exploration
from core.publish.explore import ranks
from core.ui.explore import state
from core.ui.explore.view import Field, Made

QUESTION = "Who is best at what?"


def controls(now: Exploration) -> None:
    """What the cells show; or lines instead of the matrix."""
    state.choice("Show", "ranks_as", address.RANKS_AS, now)


def make(field: Field, now: Exploration) -> Made:
    """The matrix, or the lines."""
    size = len(field.all)
    if now.ranks_as == "lines":
        note = "Rank within each metric. A model that leads everywhere is a flat line at the top."
        return Made(QUESTION, note, ranks.lines(field.drawn, field.colours, size))
    values = now.ranks_as == "value"
    chart = ranks.matrix(field.drawn, field.colours, size, show_values=values)
    parted = chart.spec["datasets"].get("tiers")
    tiers = " Lines across the rows separate distinguishable groups." if parted else ""
    note = f"The bluer, the better the rank within the metric, of {size}.{tiers}"
    return Made(QUESTION, note, chart)
