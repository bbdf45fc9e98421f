"""Over time: how the best value has changed, of a metric or of the average rank."""

from core.publish import address
from core.publish.address import Exploration
from core.publish.explore import over_time
from core.publish.explore.over_time import AVERAGE
from core.publish.numbers import count
from core.ui.explore import state
from core.ui.explore.view import Field, Made


def controls(now: Exploration) -> None:
    """The metric, or the average rank."""
    state.selection("Score", "over", address.OVER, now)


def make(field: Field, now: Exploration) -> Made:
    """The entries by date."""
    name = address.OVER[now.over]
    question = f"How has the best {name if now.over != AVERAGE else 'average rank'} changed?"
    found = over_time.moments(field.drawn, now.over)
    if not found:
        return Made(question, f"No model here has a value for {name} yet.", None)
    all_count = all(moment.counts for moment in found)
    notes = [f"Line: the best so far{'' if all_count else ', of the scores that count'}."]
    if now.over == AVERAGE:
        notes.append("Average ranks are today’s, among all models on the board now.")
    elif any(moment.earlier for moment in found):
        notes.append("Pale: earlier versions of an entry.")
    if undated := sum(moment.date is None for moment in found):
        notes.append(f"At the left: {count(undated, 'entry', 'entries')} without a date.")
    return Made(
        question, " ".join(notes), over_time.over_time(field.drawn, now.over, field.colours)
    )
