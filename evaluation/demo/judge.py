"""The demo's judge: a chat completions server on an inherited socket.

    OPENAI_API_KEY=… python -m evaluation.demo.judge FILE_DESCRIPTOR

It supports the part of the API that the app's judge client uses, calls itself `demo-judge`, and
grades with evaluation.demo.grading. core.web.demo_judge starts it, and it ends with its parent.
It runs at low priority.
"""

import asyncio
import hmac
import json
import os
import re
import socket
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from core.benchmark import DEMO_JUDGE
from evaluation.demo.grading import grades, sentences
from evaluation.encoder import Array, MiniLM

_NICE: Final = 10
_KEPT: Final = 20_000  # sentences, of 1.5 kB each
_TOKEN_CHARACTERS: Final = 4
_TEXT: Final = r"<<<{0} (\w+)>>>\n(.*?)\n<<<END {0} \1>>>"
_REFERENCE: Final = re.compile(_TEXT.format("REFERENCE"), re.S)
_CANDIDATE: Final = re.compile(_TEXT.format("CANDIDATE"), re.S)
_NONCE: Final = re.compile(r"VERDICT (\w+)")

Texts = tuple[str, str]
"""A candidate and its reference."""


class Grader:
    """Grades pairs; keeps the embeddings of recent sentences."""

    def __init__(self) -> None:
        self._model: MiniLM | None = None
        self._known: OrderedDict[str, Array] = OrderedDict()

    def grade(self, pairs: Sequence[Texts]) -> list[dict[str, int]]:
        """The grades of each pair; their sentences are embedded together."""
        self._learn([one for pair in pairs for text in pair for one in sentences(text)])
        return [grades(candidate, reference, self._encode) for candidate, reference in pairs]

    def _learn(self, told: Sequence[str]) -> None:
        for one in told:
            if one in self._known:
                self._known.move_to_end(one)
        missing = [one for one in dict.fromkeys(told) if one not in self._known]
        if missing:
            self._model = self._model or MiniLM()
            self._known.update(zip(missing, self._model.encode(missing), strict=True))
        while len(self._known) > max(_KEPT, len(told)):
            self._known.popitem(last=False)

    def _encode(self, told: Sequence[str]) -> Array:
        return np.stack([self._known[one] for one in told])


class Queue:
    """Grades in one thread; requests that arrive meanwhile form the next batch."""

    def __init__(self, grader: Grader) -> None:
        self._grader = grader
        self._waiting: list[tuple[Texts, asyncio.Future[dict[str, int]]]] = []
        self._working: asyncio.Task[None] | None = None

    async def grade(self, pair: Texts) -> dict[str, int]:
        """The grades of a pair, once its batch is done."""
        answer: asyncio.Future[dict[str, int]] = asyncio.get_running_loop().create_future()
        self._waiting.append((pair, answer))
        if self._working is None or self._working.done():
            self._working = asyncio.create_task(self._work())
        return await answer

    async def _work(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            try:
                found = await asyncio.to_thread(self._grader.grade, [pair for pair, _ in batch])
            except Exception as error:
                for _pair, answer in batch:
                    answer.set_exception(error)
                continue
            for (_pair, answer), given in zip(batch, found, strict=True):
                if not answer.done():
                    answer.set_result(given)


def app(key: str, queue: Queue) -> Starlette:
    """The server; requests need the key."""

    async def complete(request: Request) -> Response:
        shown = request.headers.get("authorization", "")
        if not hmac.compare_digest(shown.encode(), f"Bearer {key}".encode()):
            return _refusal(401, "Wrong key for the demo's judge.")
        try:
            asked = await request.json()
            text = str(asked["messages"][-1]["content"])
        except (ValueError, KeyError, IndexError, TypeError):
            return _refusal(400, "Not a request of the app's judge client.")
        reference, candidate = _REFERENCE.search(text), _CANDIDATE.search(text)
        if reference is None or candidate is None:
            return _refusal(400, "The request has no candidate or no reference to grade.")
        given = await queue.grade((candidate[2], reference[2]))
        nonce = None if "response_format" in asked else _NONCE.search(text, candidate.end())
        return JSONResponse(_completion(len(text), _verdict(given, nonce and nonce[1])))

    return Starlette(routes=[Route("/v1/chat/completions", complete, methods=["POST"])])


def _verdict(given: dict[str, int], nonce: str | None) -> str:
    if nonce is None:
        return json.dumps(given)
    return "\n".join([f"VERDICT {nonce}", *(f"{key}: {grade}" for key, grade in given.items())])


def _completion(asked: int, content: str) -> dict[str, Any]:
    sent, received = (size // _TOKEN_CHARACTERS for size in (asked, len(content)))
    return {
        "id": DEMO_JUDGE,
        "object": "chat.completion",
        "created": int(time.time()),
        "model": DEMO_JUDGE,
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": content},
                "finish_reason": "stop",
            }
        ],
        "usage": {
            "prompt_tokens": sent,
            "completion_tokens": received,
            "total_tokens": sent + received,
        },
    }


def _refusal(status: int, message: str) -> Response:
    return JSONResponse({"error": {"message": message}}, status)


def _end_with(parent: int) -> None:
    """Ends with the parent on systems that do not do so themselves."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(0)


def main(arguments: Sequence[str]) -> int:
    """Serve until terminated."""
    os.nice(_NICE)
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    found = app(os.environ["OPENAI_API_KEY"], Queue(Grader()))
    config = uvicorn.Config(found, lifespan="off", log_level="warning", access_log=False)
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=int(arguments[0]))])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
