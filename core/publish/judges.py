"""What readers are told of the judge that graded captions, and of what its calls cost."""

from typing import Final

from core.benchmark import DEMO_JUDGE
from core.publish.numbers import usd

# What the demo's judge is, wherever its grades or its name are shown.
DEMO_MEANS: Final = (
    "demo-judge compares words and sentences. It is not a language model, and its grades mean "
    "nothing outside this demo."
)


def means(model: str) -> str | None:
    """What must be said beside the name of the model that judged; None when nothing must."""
    return DEMO_MEANS if model == DEMO_JUDGE else None


def cost(amount: float, model: str) -> str:
    """What calls of a model cost, in US dollars; those of the demo's judge cost nothing."""
    return "free" if model == DEMO_JUDGE else usd(amount)
