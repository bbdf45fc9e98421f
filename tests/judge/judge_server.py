"""A real HTTP server on loopback that speaks the chat completions API.

As a program (`python tests/judge/judge_server.py LATENCY`) it prints its address, serves until
its input is closed, and prints the seconds from the first request to the last reply.
"""

import asyncio
import contextlib
import email.utils
import hashlib
import json
import re
import socket
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from evaluation.judge.sanity import PAIRS

KNOWN = {pair.reference for pair in PAIRS}
ASPECTS = ("R2", "R4", "R5", "R7", "R8")


def scorer(prediction: str, reference: str) -> dict[str, int]:
    r"""Aspect -> 1 + first byte of sha256("A\np\ng") mod 5."""
    return {
        aspect: 1 + hashlib.sha256(f"{aspect}\n{prediction}\n{reference}".encode()).digest()[0] % 5
        for aspect in ASPECTS
    }


def body_of(text: str, label: str) -> str:
    found = re.search(rf"<<<{label} (\w+)>>>\n(.*)\n<<<END {label} \1>>>", text, re.S)
    assert found, f"no {label} in {text!r}"
    return found[2]


def refusal(
    status: int, message: str = "no", headers: dict[str, str] | None = None, **error: str
) -> JSONResponse:
    """An error as the API words it."""
    return JSONResponse({"error": {"message": message, **error}}, status, headers)


class Until(Response):
    """Requests a wait until a date 1 to 2 seconds later, since dates have whole seconds."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.headers["retry-after"] = email.utils.formatdate(time.time() + 2, usegmt=True)
        await super().__call__(scope, receive, send)


class Cut(Response):
    """Announces more than it sends: the connection is closed during the reply."""

    def __init__(self) -> None:
        super().__init__(b'{"id": "1", "cho', headers={"content-length": "4000"})


class Judge:
    """Responds like the parity scorer, after the `faults`, in order.

    A fault is a Response, "hang", the content of a reply, or None for a good answer.
    structured: True, False (refused), or "ignored" (free-text replies);
    temperature False: requests with it are refused. sane False: it grades the pairs that every
    run asks first (evaluation.judge.sanity) like any others.
    """

    def __init__(
        self,
        latency: float = 0.0,
        structured: bool | str = True,
        faults: Sequence[Response | str | None] = (),
        temperature: bool = True,
        sane: bool = True,
    ) -> None:
        self.latency, self.structured, self.faults = latency, structured, list(faults)
        self.temperature = temperature
        self.sane = sane
        self.asked: list[str] = []
        self.bodies: list[dict[str, Any]] = []
        self.times: list[float] = []
        self.running = self.most_running = 0
        self.last = 0.0

    async def handle(self, request: Request) -> Response:
        data = await request.json()
        text = data["messages"][1]["content"]
        if self.sane and body_of(text, "REFERENCE") in KNOWN:
            return self._known(text, data)  # not counted, delayed or made to fail
        self.times.append(time.monotonic())
        self.bodies.append(data)
        if self.structured is False and "response_format" in data:
            return refusal(400, "no response_format")
        if not self.temperature and "temperature" in data:
            return refusal(400, "Unsupported value", param="temperature")
        self.asked.append(data["messages"][1]["content"])
        self.running += 1
        self.most_running = max(self.running, self.most_running)
        try:
            await asyncio.sleep(self.latency)
            return await self._reply(data)
        finally:
            self.running -= 1
            self.last = time.monotonic()

    def _known(self, text: str, data: dict[str, Any]) -> Response:
        """The right grades of the pairs that every run asks first."""
        same = body_of(text, "CANDIDATE") == body_of(text, "REFERENCE")
        return self._given(data, dict.fromkeys(ASPECTS, 5 if same else 1))

    async def _reply(self, data: dict[str, Any]) -> Response:
        text = data["messages"][1]["content"]
        fault = self.faults.pop(0) if self.faults else None
        if isinstance(fault, Response):
            return fault
        if fault == "hang":
            await asyncio.sleep(60)
        scores = scorer(body_of(text, "CANDIDATE"), body_of(text, "REFERENCE"))
        return self._given(data, scores, fault)

    def _given(
        self, data: dict[str, Any], scores: dict[str, int], fault: str | None = None
    ) -> Response:
        text = data["messages"][1]["content"]
        content = json.dumps(scores)
        if "response_format" not in data:
            asked = re.search(r"VERDICT (\w+)", text.rsplit(">>>", 1)[1])
            assert asked, text
            lines = "\n".join(f"{key}: {value}" for key, value in scores.items())
            content = f"Well then.\nVERDICT {asked[1]}\n{lines}"
        elif self.structured == "ignored":
            content = "I would give it a four."
        if fault is not None:
            content = fault
        return JSONResponse(
            {
                "id": "1", "object": "chat.completion", "created": 1, "model": "test-judge-2026",
                "choices": [{"index": 0, "finish_reason": "stop",
                             "message": {"role": "assistant", "content": content}}],
                "usage": {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110},
            }
        )  # fmt: skip


@contextlib.contextmanager
def serving(judge: Judge) -> Iterator[str]:
    """The base URL of `judge` while the context lasts."""
    app = Starlette(routes=[Route("/v1/chat/completions", judge.handle, methods=["POST"])])
    # With an explicit protocol asyncio sends immediately; otherwise replies take 40 ms (Nagle).
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as free:
        free.bind(("127.0.0.1", 0))
        config = uvicorn.Config(app, log_level="critical", lifespan="off", access_log=False)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [free]})
        free.listen(128)
        thread.start()
        try:
            yield f"http://127.0.0.1:{free.getsockname()[1]}/v1"
        finally:
            server.should_exit = server.force_exit = True
            thread.join(20)


if __name__ == "__main__":
    judge = Judge(latency=float(sys.argv[1]))
    with serving(judge) as address:
        print(address, flush=True)
        sys.stdin.read()
    print(judge.last - judge.times[0])
