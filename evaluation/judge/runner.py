"""Runs a plan against a judge: asks what is missing, keeps every score as it comes."""

import asyncio
import datetime
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence

import msgspec

from evaluation.judge import prompts
from evaluation.judge.aggregate import METRIC_OF_TASK
from evaluation.judge.client import Client, Endpoint, JudgeStoppedError
from evaluation.judge.pairs import Pair, Plan
from evaluation.judge.records import Budget, Score, ScoreFile

_SAY_S = 1.0
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
    """What a run will take: distinct pairs, those to be asked, tokens, US dollars."""

    pairs: int
    calls: int
    tokens: int
    cost: float


class Ended(msgspec.Struct, frozen=True):
    """How a run ended. `share` is scored / distinct pairs of each task present."""

    scores: dict[str, Score]
    pairs: int
    scored: int
    share: dict[str, float]
    failed: dict[str, int]
    calls: int
    cost: float
    stopped: str | None

    def complete(self, least: float) -> bool:
        """Whether every task reaches the share `least`."""
        return self.stopped is None and all(share >= least for share in self.share.values())

    def sentence(self, least: float) -> str:
        """complete, incomplete or failed, with the counts."""
        counts = f"{self.scored:,} of {self.pairs:,} scored"
        if self.stopped:
            return f"failed: {self.stopped} ({counts})"
        if self.failed:
            each = ", ".join(f"{why} {n:,}" for why, n in sorted(self.failed.items()))
            counts += f", {sum(self.failed.values()):,} failed ({each})"
        return f"{'complete' if self.complete(least) else 'incomplete'}: {counts}"


def estimate(plan: Plan, known: ScoreFile, prices: Prices) -> Estimate:
    """What asking for the pairs that `known` has no score of takes; tokens are estimated."""
    pairs = plan.distinct()
    missing = [pair for pair in pairs if pair.key not in known.scores]
    sent = sum(sum(len(one["content"]) for one in prompts.messages(pair, None)) for pair in missing)
    tokens = sent // _CHARACTERS_PER_TOKEN
    received = _REPLY_TOKENS * len(missing)
    return Estimate(len(pairs), len(missing), tokens + received, prices.cost(tokens, received))


class Run:
    """One run of one plan."""

    def __init__(
        self, plan: Plan, cache: ScoreFile, budget: Budget, prices: Prices = LIST_PRICES
    ) -> None:
        self._plan, self._cache, self._budget, self._prices = plan, cache, budget, prices
        self._failed: Counter[str] = Counter()
        self._sent = self._received = 0
        self._said = 0.0

    async def work(self, endpoint: Endpoint, say: Callable[[str], None]) -> Ended:
        """Asks for what is missing; returns also when the endpoint or the budget stops it."""
        pairs = self._plan.distinct()
        missing = [pair for pair in pairs if pair.key not in self._cache.scores]
        # Two runs of the same pairs at once meet seldom when each has an order of its own.
        random.shuffle(missing)
        client = Client(endpoint, self._budget.spend)
        queue, begun, stopped = list(missing), time.monotonic(), None

        async def worker() -> None:
            while queue:
                await self._judge(client, queue.pop())
                self._tell(say, len(pairs), begun)

        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(min(endpoint.concurrency, len(missing))):
                    group.create_task(worker())
        except* JudgeStoppedError as errors:
            stopped = str(errors.exceptions[0])
        finally:
            await client.close()
        return self._ended(pairs, stopped)

    async def _judge(self, client: Client, pair: Pair) -> None:
        self._cache.refresh()
        if pair.key in self._cache.scores:
            return
        answer = await client.ask(pair)
        self._sent += answer.input_tokens
        self._received += answer.output_tokens
        if answer.scores is None:
            self._failed[(answer.reason or "unreadable").partition(":")[0]] += 1
            return
        now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        prompt = prompts.prompt_hash(pair.task)
        self._cache.add(
            Score(pair.key, answer.scores, answer.model, prompts.RUBRIC_VERSION, prompt, now)
        )

    def _tell(self, say: Callable[[str], None], total: int, begun: float) -> None:
        now = time.monotonic()
        if now - self._said < _SAY_S:
            return
        self._said = now
        calls = self._budget.spent
        missing = sum(pair.key not in self._cache.scores for pair in self._plan.distinct())
        done = total - missing
        rate = calls / max(now - begun, 1e-3)
        cost = self._prices.cost(self._sent, self._received)
        say(
            f"[progress] {done / total:.2f} {done:,} of {total:,} pairs scored, "
            f"{rate:.1f} calls/s, {cost:.2f} USD so far"
        )

    def _ended(self, pairs: Sequence[Pair], stopped: str | None) -> Ended:
        scores = {
            pair.key: self._cache.scores[pair.key]
            for pair in pairs
            if pair.key in self._cache.scores
        }
        all_of, scored = Counter(pair.task for pair in pairs), Counter[str]()
        scored.update(pair.task for pair in pairs if pair.key in scores)
        share = {
            METRIC_OF_TASK[task]: scored[task] / all_of[task] if all_of[task] else 0.0
            for task in self._plan.present
        }
        return Ended(
            scores,
            len(pairs),
            len(scores),
            share,
            dict(self._failed),
            self._budget.spent,
            self._prices.cost(self._sent, self._received),
            stopped,
        )
