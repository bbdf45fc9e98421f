"""What a run will take, before anything is asked: calls, tokens, US dollars. Pure.

Without the client's library, whose import takes a second: a page waits for the estimate.
"""

import msgspec

from evaluation.judge import prompts
from evaluation.judge.pairs import Plan
from evaluation.judge.scores import ScoreFile

_CHARACTERS_PER_TOKEN = 4
_REPLY_TOKENS = 40


class Prices(msgspec.Struct, frozen=True):
    """US dollars per million tokens sent and received."""

    input: float = 2.0
    output: float = 8.0

    def cost(self, sent: int, received: int) -> float:
        """US dollars."""
        return (sent * self.input + received * self.output) / 1e6


LIST_PRICES = Prices()


class Estimate(msgspec.Struct, frozen=True):
    """What a run will take: pairs, distinct ones, calls, tokens, US dollars; calls allowed."""

    pairs: int
    distinct: int
    calls: int
    tokens: int
    cost_usd: float
    budget_left: int


def estimate(plan: Plan, known: ScoreFile, prices: Prices, left: int) -> Estimate:
    """What asking for the pairs that `known` has no score of takes; tokens are estimated."""
    pairs = plan.distinct()
    missing = [pair for pair in pairs if pair.key not in known.scores]
    sent = sum(sum(len(one["content"]) for one in prompts.messages(pair, None)) for pair in missing)
    tokens, received = sent // _CHARACTERS_PER_TOKEN, _REPLY_TOKENS * len(missing)
    cost = round(prices.cost(tokens, received), 4)
    return Estimate(
        len(plan.uses), len(pairs), len(missing), tokens + received, cost, budget_left=left
    )
