"""A real HTTP server on loopback that speaks the chat completions API."""

import asyncio
import contextlib
import json
import re
import socket
import threading
import time

import uvicorn
from judge_data import scorer
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route


def body_of(text, label):
    return re.search(rf"<<<{label} (\w+)>>>\n(.*)\n<<<END {label} \1>>>", text, re.S)[2]


class Judge:
    """Answers like the parity scorer; `faults` are responses given before that, in order."""

    def __init__(self, latency=0.0, structured=True, faults=()):
        self.latency, self.structured, self.faults = latency, structured, list(faults)
        self.asked, self.times = [], []

    async def handle(self, request):
        data = await request.json()
        text = data["messages"][1]["content"]
        self.times.append(time.monotonic())
        if not self.structured and "response_format" in data:
            return JSONResponse({"error": {"message": "no response_format"}}, 400)
        self.asked.append(text)
        await asyncio.sleep(self.latency)
        fault = self.faults.pop(0) if self.faults else None
        if isinstance(fault, Response):
            return fault
        if fault == "hang":
            await asyncio.sleep(60)
        scores = scorer(body_of(text, "CANDIDATE"), body_of(text, "REFERENCE"))
        content = json.dumps(scores)
        if "response_format" not in data:
            nonce = re.search(r"VERDICT (\w+)", text.rsplit(">>>", 1)[1])[1]
            lines = "\n".join(f"{key}: {value}" for key, value in scores.items())
            content = f"Well then.\nVERDICT {nonce}\n{lines}"
        if isinstance(fault, str):
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
def serving(judge):
    """The base URL of `judge` while the context lasts."""
    app = Starlette(routes=[Route("/v1/chat/completions", judge.handle, methods=["POST"])])
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [free]})
        free.listen(128)
        thread.start()
        try:
            yield f"http://127.0.0.1:{free.getsockname()[1]}/v1"
        finally:
            server.should_exit = server.force_exit = True
            thread.join(20)
