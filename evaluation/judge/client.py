"""Asks an OpenAI-compatible endpoint for one verdict, and knows when to wait or to stop.

Messages name what happened, never the key and never what the endpoint wrote.
"""

import asyncio
import random
import secrets
import time
from collections.abc import Callable
from typing import Any

import msgspec
import openai

from core.errors import MedVidBenchError
from evaluation.judge import prompts, reply
from evaluation.judge.pairs import Pair

TIMEOUT_S = 30.0
MAX_TRIES = 5
MAX_WAITS = 50  # for answers 429, which say that nothing is wrong but the pace
MAX_PAUSE_S = 120.0
_FORMAT = {
    "type": "json_schema",
    "json_schema": {"name": "verdict", "strict": True, "schema": prompts.SCHEMA},
}


class JudgeStoppedError(MedVidBenchError):
    """The run cannot go on; the message says what to fix."""


class Answer(msgspec.Struct, frozen=True):
    """What one pair got: scores, or a reason; the model as the server named it; tokens."""

    scores: dict[str, int] | None
    reason: str | None = None
    model: str = ""
    input_tokens: int = 0
    output_tokens: int = 0


class Pace:
    """Lets at most `limit` requests run: halved at 429, grown by one per `limit` successes."""

    def __init__(self, most: int) -> None:
        self._most, self.limit = most, float(most)
        self._running, self._until = 0, 0.0
        self._free = asyncio.Condition()

    async def __aenter__(self) -> None:
        async with self._free:
            while True:
                pause = self._until - time.monotonic()
                if pause <= 0 and self._running < max(1, int(self.limit)):
                    break
                if pause > 0:
                    self._free.release()
                    try:
                        await asyncio.sleep(pause)
                    finally:
                        await self._free.acquire()
                else:
                    await self._free.wait()
            self._running += 1

    async def __aexit__(self, *_error: object) -> None:
        async with self._free:
            self._running -= 1
            self._free.notify_all()

    def slower(self, pause_s: float) -> None:
        """Nobody starts for `pause_s`; those refused together halve the pace once."""
        now = time.monotonic()
        if now >= self._until:
            self.limit = max(1.0, self.limit / 2)
        self._until = max(self._until, now + min(pause_s, MAX_PAUSE_S))

    def faster(self) -> None:
        """One more success."""
        self.limit = min(self._most, self.limit + 1 / self.limit)


class Endpoint(msgspec.Struct, frozen=True):
    """Where and how to ask; times in seconds. `repr` is never logged: it holds the key."""

    key: str
    base_url: str | None
    model: str
    concurrency: int = 20
    timeout_s: float = TIMEOUT_S
    backoff_s: float = 1.0


class Client:
    """One endpoint and model. `spend` is called before every request and may raise."""

    def __init__(self, endpoint: Endpoint, spend: Callable[[], None] = lambda: None) -> None:
        self._api = openai.AsyncOpenAI(
            api_key=endpoint.key,
            base_url=endpoint.base_url or "https://api.openai.com/v1",
            max_retries=0,
        )
        self._model, self._timeout = endpoint.model, endpoint.timeout_s
        self._backoff, self._spend = endpoint.backoff_s, spend
        self._plain = False
        self.pace = Pace(endpoint.concurrency)

    async def close(self) -> None:
        """Closes its connections."""
        await self._api.close()

    async def ask(self, pair: Pair) -> Answer:
        """One verdict, asked up to MAX_TRIES times. Raises JudgeStoppedError."""
        tries, waits = 0, 0
        while True:
            plain = self._plain
            nonce = secrets.token_hex(8) if plain else None
            try:
                async with self.pace:
                    self._spend()
                    async with asyncio.timeout(self._timeout):
                        given = await self._send(pair, nonce)
                self.pace.faster()
                return _answer(given, nonce, pair)
            except openai.RateLimitError as error:
                _stop_without_credit(error)
                waits += 1
                why, out = "rate limit", waits >= MAX_WAITS
                self.pace.slower(retry_after(error) or self._pause(min(waits, 6)))
                if not out:
                    continue
            except (openai.APITimeoutError, TimeoutError):
                why = "time-out"
            except openai.APIConnectionError:
                why = "connection"
            except openai.APIStatusError as error:
                if error.status_code in (400, 422) and not plain:
                    self._plain = True  # an endpoint without structured output; asked once
                    continue
                _stop_for(error.status_code)
                if error.status_code < 500 and error.status_code not in (408, 409):
                    return Answer(None, f"refused ({error.status_code})")
                why = f"server error {error.status_code}"
            except (openai.OpenAIError, ValueError):
                return Answer(None, "unreadable")
            tries += 1
            if tries >= MAX_TRIES or why == "rate limit":
                return Answer(None, why)
            await asyncio.sleep(self._pause(tries))

    def _pause(self, tries: int) -> float:
        jitter = random.uniform(0.5, 1.0)  # noqa: S311 - no secret
        return float(self._backoff * 2 ** (tries - 1) * jitter)

    async def _send(self, pair: Pair, nonce: str | None) -> Any:
        extra: dict[str, Any] = {} if nonce else {"response_format": _FORMAT}
        return await self._api.chat.completions.create(
            model=self._model,
            messages=prompts.messages(pair, nonce),  # type: ignore[arg-type]
            temperature=0,
            timeout=self._timeout,
            **extra,
        )


def _answer(given: Any, nonce: str | None, pair: Pair) -> Answer:
    """Endpoints are many and their replies untyped: what is not there is unreadable."""
    try:
        verdict = reply.read(given.choices[0].message.content, nonce, pair.prediction)
    except (AttributeError, IndexError, TypeError):
        return Answer(None, "unreadable")
    usage = getattr(given, "usage", None)
    model = str(getattr(given, "model", "") or "")[:100]
    counts = [getattr(usage, name, 0) or 0 for name in ("prompt_tokens", "completion_tokens")]
    sent, received = (count if isinstance(count, int) else 0 for count in counts)
    if isinstance(verdict, str):
        return Answer(None, f"unreadable: {verdict}", model, sent, received)
    return Answer(verdict, None, model, sent, received)


def retry_after(error: openai.APIStatusError) -> float | None:
    """Seconds that the server asks to wait, None when it does not say so in seconds."""
    try:
        seconds = float(error.response.headers.get("retry-after", ""))
    except ValueError:
        return None
    return seconds if 0 < seconds < 1e6 else None


def _stop_without_credit(error: openai.APIStatusError) -> None:
    if "insufficient_quota" in (error.code, error.type):
        raise JudgeStoppedError(
            "The judge's account has no credit left (insufficient_quota). Add credit, then resume."
        ) from None


def _stop_for(status: int) -> None:
    advice = {
        401: "does not accept the key (401). Set OPENAI_API_KEY to a valid key, then resume.",
        403: "does not let this key use the model (403). Change the key's rights or the model, "
        "then resume.",
        404: "does not know the model or the address (404). Check MEDVIDBENCH_JUDGE_MODEL and "
        "OPENAI_BASE_URL, then resume.",
    }
    if status in advice:
        raise JudgeStoppedError(f"The judge's endpoint {advice[status]}") from None
