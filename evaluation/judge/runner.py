"""Runs a plan against a judge: requests missing scores, saves each as it arrives."""

import asyncio
import datetime
import math
import random
import time
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from core.model.contracts.judge import JudgeProgress, judge_progress_line
from evaluation.judge import prompts
from evaluation.judge.aggregate import METRIC_OF_TASK
from evaluation.judge.estimate import LIST_PRICES, Prices
from evaluation.judge.failures import BudgetSpentError, JudgeStoppedError
from evaluation.judge.pairs import Pair, Plan
from evaluation.judge.scores import Budget, Score, ScoreFile

if TYPE_CHECKING:
    from evaluation.judge.client import Client, Endpoint

_EVERY_S = 1.0  # report progress and flush scores to the disk
_LOOK_S = 0.1
# Calls that start together end together, and would then wait for each other every time.
_APART_S = 0.01
_GRACE_S = 1.5  # for running calls when the run is stopped: they are paid for


class Ended(msgspec.Struct, frozen=True):
    """The result of a run. By metric: distinct pairs `asked` and `scored`; `failed` by reason.

    `calls` and `cost` are of this run only; a metric without pairs is in neither mapping.
    """

    scores: dict[str, Score]
    asked: dict[str, int]
    scored: dict[str, int]
    failed: dict[str, int]
    calls: int
    cost: float
    stopped: str | None

    @property
    def share(self) -> dict[str, float]:
        """Scored / asked of each metric, 0 to 1."""
        return {key: self.scored[key] / count for key, count in self.asked.items()}

    def complete(self, least: float) -> bool:
        """Whether the share of every task is at least `least`."""
        return self.stopped is None and all(share >= least for share in self.share.values())

    def sentence(self, least: float) -> str:
        """The state (complete, incomplete or failed) with the counts."""
        counts = f"{sum(self.scored.values()):,} of {sum(self.asked.values()):,} scored"
        if self.stopped:
            return f"failed: {self.stopped} ({counts})"
        if self.failed:
            often = sorted(self.failed.items(), key=lambda one: (-one[1], one[0]))
            each = ", ".join(f"{why} {n:,}" for why, n in often)
            counts += f", {sum(self.failed.values()):,} failed ({each})"
        return f"{'complete' if self.complete(least) else 'incomplete'}: {counts}"


class Run:
    """One run of one plan."""

    def __init__(
        self, plan: Plan, cache: ScoreFile, budget: Budget, prices: Prices = LIST_PRICES
    ) -> None:
        self._cache, self._budget, self._prices = cache, budget, prices
        self._pairs = {pair.key: pair for pair in plan.distinct()}
        self._failed: dict[str, str] = {}
        self._sent = self._received = 0
        self._stopped: str | None = None
        self._deadline = math.inf

    @property
    def stopped(self) -> bool:
        """Whether no further request may be sent."""
        return self._stopped is not None

    def stop(self, why: str, grace_s: float = _GRACE_S) -> None:
        """Sends no more requests; running calls may end within `grace_s`. The first reason wins."""
        self._stopped = self._stopped or why
        self._deadline = min(self._deadline, time.monotonic() + grace_s)

    def missing(self) -> list[str]:
        """The keys of the pairs without a score."""
        return [key for key in self._pairs if key not in self._cache.scores]

    async def work(self, endpoint: "Endpoint", say: Callable[[str], None]) -> Ended:
        """Requests the missing scores; also returns when something stops it.

        Raises OSError when a score cannot be saved.
        """
        # Its import takes half a second, which a run with all scores does not need.
        from evaluation.judge.client import Client

        missing = self.missing()
        # Two simultaneous runs of the same pairs rarely collide if each has its own order.
        random.shuffle(missing)
        client = Client(endpoint, self._budget.spend)
        workers = [
            asyncio.create_task(self._worker(client, missing, endpoint.timeout_s, _APART_S * n))
            for n in range(min(endpoint.concurrency, len(missing)))
        ]
        try:
            await self._watch(workers, say)
        finally:
            for worker in workers:
                worker.cancel()
            ended = await asyncio.gather(*workers, return_exceptions=True)
            await client.close()
            self._cache.sync()
        for error in ended:
            if isinstance(error, Exception):
                raise error
        return self.result()

    async def _watch(self, workers: list["asyncio.Task[None]"], say: Callable[[str], None]) -> None:
        """Until done or the deadline: reports progress and flushes scores once a second."""
        begun = said = time.monotonic()
        pending = set(workers)
        while pending and time.monotonic() < self._deadline:
            _, pending = await asyncio.wait(pending, timeout=_LOOK_S)
            if time.monotonic() - said >= _EVERY_S:
                said = time.monotonic()
                say(self._progress(said - begun))
                await asyncio.to_thread(self._cache.sync)
                await asyncio.to_thread(self._budget.sync)
        if workers:
            say(self._progress(time.monotonic() - begun))

    async def _worker(
        self, client: "Client", missing: list[str], timeout_s: float, wait_s: float
    ) -> None:
        try:
            await asyncio.sleep(wait_s)
            while missing and not self._stopped:
                await self._judge(client, self._pairs[missing.pop()])
        except BudgetSpentError as error:
            self.stop(str(error), timeout_s)
        except JudgeStoppedError as error:
            self.stop(str(error), 0)
        except Exception:
            self.stop("a fault", 0)
            raise

    async def _judge(self, client: "Client", pair: Pair) -> None:
        key = pair.key
        self._cache.refresh()
        if key in self._cache.scores:
            return
        answer = await client.ask(pair)
        self._sent += answer.input_tokens
        self._received += answer.output_tokens
        if answer.scores is None:
            self._failed[key] = (answer.reason or "unreadable").partition(":")[0]
            return
        self._cache.add(
            Score(
                key,
                answer.scores,
                answer.model,
                prompts.RUBRIC_VERSION,
                prompts.prompt_hash(pair.task),
                datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
                pair.task,
                answer.calls,
                answer.input_tokens,
                answer.output_tokens,
            )
        )

    def _progress(self, seconds: float) -> str:
        total = len(self._pairs)
        done = len(self._pairs.keys() & self._cache.scores.keys())
        rate = self._budget.spent / max(seconds, 1e-3)
        cost = self._prices.cost(self._sent, self._received)
        share = math.floor(100 * done / total) / 100  # 1.00 only when everything is done
        progress = JudgeProgress(done=done, total=total, rate=rate, cost_usd=cost)
        return judge_progress_line(share, progress)

    def result(self) -> Ended:
        """The result so far."""
        known = self._cache.scores
        scores = {key: known[key] for key in self._pairs if key in known}
        asked = Counter(METRIC_OF_TASK[pair.task] for pair in self._pairs.values())
        scored = Counter(METRIC_OF_TASK[self._pairs[key].task] for key in scores)
        return Ended(
            scores,
            dict(asked),
            {metric: scored[metric] for metric in asked},
            dict(Counter(why for key, why in self._failed.items() if key not in scores)),
            self._budget.spent,
            self._prices.cost(self._sent, self._received),
            self._stopped,
        )
