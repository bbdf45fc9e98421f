"""Estimates calls, tokens and US dollars of a run before it starts. Pure.

Does not import the client's library, which takes a second: a page waits for the estimate.
"""

import msgspec

from core.model.contracts.judge import JudgePlan
from evaluation.judge import prompts
from evaluation.judge.pairs import Plan
from evaluation.judge.scores import ScoreFile

_CHARACTERS_PER_TOKEN = 4
_REPLY_TOKENS = 40


class Prices(msgspec.Struct, frozen=True):
    """US dollars per million input and output tokens."""

    input: float = 2.0
    output: float = 8.0

    def cost(self, sent: int, received: int) -> float:
        """US dollars."""
        return (sent * self.input + received * self.output) / 1e6


LIST_PRICES = Prices()


def estimate(plan: Plan, known: ScoreFile, prices: Prices, left: int) -> JudgePlan:
    """The cost of the pairs without a score in `known`; tokens are estimated."""
    pairs = plan.distinct()
    missing = [pair for pair in pairs if pair.key not in known.scores]
    sent = sum(sum(len(one["content"]) for one in prompts.messages(pair, None)) for pair in missing)
    tokens, received = sent // _CHARACTERS_PER_TOKEN, _REPLY_TOKENS * len(missing)
    cost = round(prices.cost(tokens, received), 4)
    return JudgePlan(
        pairs=len(plan.uses),
        distinct=len(pairs),
        calls=len(missing),
        tokens=tokens + received,
        cost_usd=cost,
        budget_left=left,
    )
