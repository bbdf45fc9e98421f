"""Asks an OpenAI-compatible endpoint for one verdict, with retries.

If an endpoint refuses or ignores structured output or temperature 0, simpler request formats are
tried. The first format that gives a verdict is kept, so that one odd caption changes nothing.
A caption that could contain a verdict itself always gets a request with a nonce.
Messages say what happened, but never quote the key or the endpoint's response.
"""

import asyncio
import random
import secrets
from collections import Counter
from collections.abc import Callable
from typing import Any, Literal

import msgspec
import openai

from evaluation.judge import prompts, reply
from evaluation.judge.failures import (
    FOREIGN,
    MAX_PAUSE_S,
    UNREADABLE,
    out_of_reach,
    retry_after,
    stop_for,
)
from evaluation.judge.fence import as_shown
from evaluation.judge.pace import Pace
from evaluation.judge.pairs import Pair

TIMEOUT_S = 30.0
MAX_TRIES = 5
MAX_WAITS = 50  # for responses 429, which only ask for a slower pace
MAX_FAILED_IN_A_ROW = 50  # pairs, or twice the concurrency: an unreachable endpoint ends a run
_FORMAT = {
    "type": "json_schema",
    "json_schema": {"name": "verdict", "strict": True, "schema": prompts.SCHEMA},
}
_NO_STRUCTURE = (reply.NOT_JSON, reply.NO_OBJECT, reply.OTHER_ASPECTS)


class Answer(msgspec.Struct, frozen=True):
    """The result of one pair: scores, or the reason why not; the model as the server names it.

    Requests and tokens are counted over all attempts.
    """

    scores: dict[str, int] | None
    reason: str | None = None
    model: str = ""
    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0


class Endpoint(msgspec.Struct, frozen=True):
    """Endpoint and request options; times in seconds. Never log its `repr`: it has the key."""

    key: str
    base_url: str | None
    model: str
    concurrency: int = 20
    timeout_s: float = TIMEOUT_S
    backoff_s: float = 1.0


class Form(msgspec.Struct, frozen=True):
    """The optional features that a request uses."""

    structured: bool = True
    temperature: bool = True

    def plain(self) -> "Form":
        """The same without structured output: a verdict needs the request's nonce."""
        return Form(False, self.temperature)

    def simpler(self, hint: str) -> "Form | None":
        """The format to try after this one was refused; `hint` is the parameter that was named."""
        if self.temperature and ("temperature" in hint or not self.structured):
            return Form(self.structured, False)
        return Form(False, self.temperature) if self.structured else None


class _Attempt(msgspec.Struct, frozen=True):
    """The result of one request and the next step; `hint` is the parameter named in a refusal."""

    found: reply.Verdict
    then: Literal["take", "leave", "form", "wait", "again"]
    wait_s: float = 0.0
    hint: str = ""


class _Usage:
    """Requests and tokens of one pair, over all attempts."""

    def __init__(self) -> None:
        self.calls = self.sent = self.received = 0
        self.model = ""

    def count(self, given: Any) -> None:
        """Token counts of a reply; a value that is not a number counts as 0."""
        usage = getattr(given, "usage", None)
        counts = [getattr(usage, name, 0) for name in ("prompt_tokens", "completion_tokens")]
        sent, received = (count if isinstance(count, int) else 0 for count in counts)
        self.sent, self.received = self.sent + sent, self.received + received
        self.model = str(getattr(given, "model", "") or "")[:100]


class Client:
    """One endpoint and model. `spend` is called before every request and may raise."""

    def __init__(self, endpoint: Endpoint, spend: Callable[[], None] = lambda: None) -> None:
        self._api = openai.AsyncOpenAI(
            api_key=endpoint.key,
            base_url=endpoint.base_url or "https://api.openai.com/v1",
            max_retries=0,
        )
        self._endpoint, self._spend = endpoint, spend
        self._form, self._proven = Form(), False
        self._failed: Counter[str] = Counter()
        self.pace = Pace(endpoint.concurrency)

    async def close(self) -> None:
        """Closes its connections."""
        await self._api.close()

    async def ask(self, pair: Pair) -> Answer:
        """One verdict, in up to MAX_TRIES attempts. Raises JudgeStoppedError."""
        usage = _Usage()
        found = await self._ask(pair, usage)
        scores, reason = (None, found) if isinstance(found, str) else (found, None)
        if reason is None:
            self._failed.clear()
        else:
            self._failed[reason] += 1
            most = max(MAX_FAILED_IN_A_ROW, 2 * self._endpoint.concurrency)
            if self._failed.total() >= most:
                raise out_of_reach(self._failed)
        return Answer(scores, reason, usage.model, usage.calls, usage.sent, usage.received)

    async def _ask(self, pair: Pair, usage: _Usage) -> reply.Verdict:
        odd = reply.could_hold_verdict(as_shown(pair.prediction))
        base = self._form
        form = base.plain() if odd else base
        tries = waits = 0
        while True:
            attempt = await self._try(pair, form, usage)
            match attempt.then:
                case "take":
                    if not odd:
                        self._adopt_form(base, form)
                    return attempt.found
                case "leave":
                    return attempt.found
                case "form":
                    other = self._other_form(base, form, attempt.hint)
                    if other is None:
                        return attempt.found
                    base, form = self._form, other.plain() if odd else other
                case "wait":
                    waits += 1
                    self.pace.slower(attempt.wait_s or self._pause(min(waits, 6)))
                    if waits >= MAX_WAITS:
                        return attempt.found
                case "again":
                    tries += 1
                    if attempt.wait_s:
                        self.pace.slower(attempt.wait_s)
                    if tries >= MAX_TRIES:
                        return attempt.found
                    await asyncio.sleep(self._pause(tries))

    async def _try(self, pair: Pair, form: Form, usage: _Usage) -> _Attempt:
        try:
            found = await self._request(pair, form, usage)
        except (openai.APITimeoutError, TimeoutError):
            return _Attempt("time-out", "again")
        except openai.APIConnectionError:
            return _Attempt("connection", "again")
        except openai.APIStatusError as error:
            stop_for(error)
            return _failed_attempt(error)
        except (openai.OpenAIError, ValueError):
            return _Attempt(f"{UNREADABLE}: {FOREIGN[1]}", "leave")
        if not isinstance(found, str):
            return _Attempt(found, "take")
        ignored = form.structured and found in _NO_STRUCTURE
        return _Attempt(f"{UNREADABLE}: {found}", "form" if ignored else "leave")

    def _other_form(self, base: Form, form: Form, hint: str) -> Form | None:
        """The format in which to ask again; None when the format is not the problem."""
        if self._form != base:
            return self._form  # another pair has meanwhile found what the endpoint accepts
        return None if self._proven else form.simpler(hint)

    def _adopt_form(self, base: Form, form: Form) -> None:
        """Keeps the first format that gave a verdict."""
        if not self._proven and self._form == base:
            self._form = form
        self._proven = True

    async def _request(self, pair: Pair, form: Form, usage: _Usage) -> reply.Verdict:
        nonce = None if form.structured else secrets.token_hex(8)
        # As extra_body, which the library sends unchanged: validating messages and the schema
        # against its types took a third of a call's processor time.
        body: dict[str, Any] = {"messages": prompts.messages(pair, nonce)}
        if form.structured:
            body["response_format"] = _FORMAT
        if form.temperature:
            body["temperature"] = 0
        async with self.pace:
            self._spend()
            usage.calls += 1
            async with asyncio.timeout(self._endpoint.timeout_s):
                given = await self._api.chat.completions.create(
                    model=self._endpoint.model,
                    messages=[],
                    timeout=self._endpoint.timeout_s,
                    extra_body=body,
                )
        self.pace.faster()
        usage.count(given)
        try:
            return reply.read(given.choices[0].message.content, nonce, as_shown(pair.prediction))
        except (AttributeError, IndexError, TypeError):
            return FOREIGN[0]

    def _pause(self, tries: int) -> float:
        jitter = random.uniform(0.5, 1.0)  # noqa: S311 - no secret
        return float(min(MAX_PAUSE_S, self._endpoint.backoff_s * 2 ** (tries - 1) * jitter))


def _failed_attempt(error: openai.APIStatusError) -> _Attempt:
    status, wait = error.status_code, retry_after(error) or 0.0
    if status == 429:
        return _Attempt("rate limit", "wait", wait)
    if status in (408, 504):
        return _Attempt("time-out", "again", wait)
    if status >= 500 or status == 409:
        return _Attempt(f"server error ({status})", "again", wait)
    hint = str(error.param or error.message).lower()
    return _Attempt(f"refused ({status})", "form" if status in (400, 422) else "leave", hint=hint)
