"""The texts about the judge that graded captions, and the cost of its calls."""

from typing import Final

from core.benchmark import DEMO_JUDGE
from core.publish.numbers import usd

# Shown wherever the demo judge's grades or name are shown.
DEMO_MEANS: Final = (
    "demo-judge compares words and sentences. It is not a language model, and its grades mean "
    "nothing outside this demo."
)

# Its calls use no budget.
DEMO_CALLS: Final = "no limit: the demo’s judge runs on this server"


def means(model: str) -> str | None:
    """The note next to the name of the judge's model, if any."""
    return DEMO_MEANS if model == DEMO_JUDGE else None


def cost(amount: float, model: str) -> str:
    """The cost of a model's calls, in US dollars; calls of the demo's judge are free."""
    return "free" if model == DEMO_JUDGE else usd(amount)
