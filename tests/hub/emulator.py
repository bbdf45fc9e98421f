"""A Hugging Face Hub on loopback, as far as huggingface_hub 2.4 needs it for dataset repos.

In a test:            with Emulator() as hub: HfApi(endpoint=hub.url, token=WRITE)
As a process:         python -m tests.hub.emulator --port 8899 --repo alice/bench
Faults from outside:  POST /__faults with the fields of Fault; GET /__log lists the requests.

Its responses are those of the real Hub where known; xet storage is deliberately missing.
"""

import argparse
import random
import re
import threading
from dataclasses import asdict
from http.server import ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from tests.hub.emulator_repo import Repo
from tests.hub.emulator_routes import Handler
from tests.hub.emulator_traffic import Fault, Redirect, Request


class Emulator:
    """The server with its repos, tokens, faults and request log. Thread-safe.

    redirect: how files are downloaded: "none" directly, "hub" by a 307 on the same host
    (what the Hub does for small files), "cdn" by a 302 to another origin with a signed
    address (large files).
    """

    def __init__(self, port: int = 0, redirect: Redirect = "hub", page_size: int = 1000) -> None:
        self.lock = threading.RLock()
        self.repos: dict[str, Repo] = {}
        self.uploaded: dict[str, bytes] = {}
        self.redirect: Redirect = redirect
        self.page_size = page_size
        self.stopping = threading.Event()
        self._log: list[Request] = []
        self._faults: list[Fault] = []
        self._random = random.Random(1)
        handler = type("BoundHandler", (Handler,), {"hub": self})
        self.server = _Server(("127.0.0.1", port), handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.other_origin = f"http://localhost:{self.server.server_port}"

    def add_repo(self, name: str, private: bool = True) -> Repo:
        """Make a repo as its owner would on the website."""
        with self.lock:
            return self.repos.setdefault(name, Repo(name, private))

    def fault(self, pattern: str, **fields: Any) -> None:
        """Inject a fault; see Fault for the fields."""
        with self.lock:
            self._faults.append(Fault(pattern, **fields))

    def heal(self) -> None:
        """Forget all faults."""
        with self.lock:
            self._faults.clear()

    def fault_for(self, method: str, path: str) -> Fault | None:
        """The first fault that applies to this request, which uses it up."""
        with self.lock:
            for fault in self._faults:
                hit = fault.times and re.search(fault.pattern, f"{method} {path}")
                if hit and self._random.random() < fault.rate:
                    fault.times -= 1
                    return fault
        return None

    def record(self, request: Request) -> None:
        with self.lock:
            self._log.append(request)

    @property
    def log(self) -> list[Request]:
        """All requests so far, oldest first."""
        with self.lock:
            return list(self._log)

    @property
    def lines(self) -> list[str]:
        """The requests so far as "METHOD /path", without queries."""
        return [request.line for request in self.log]

    def forget(self) -> None:
        """Empty the request log."""
        with self.lock:
            self._log.clear()

    def dump(self) -> list[dict[str, Any]]:
        """The log for another process; bodies as latin-1 text."""
        return [{**asdict(request), "body": request.body.decode("latin-1")} for request in self.log]

    def __enter__(self) -> Self:
        threading.Thread(
            target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        ).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stopping.set()  # wakes requests that a fault delays
        self.server.shutdown()
        self.server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Log nothing: tests expect clients to disconnect."""


def main() -> None:
    """Serve until the process ends; the first line of output is the address."""
    parser = argparse.ArgumentParser(description="A Hugging Face Hub on loopback.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--redirect", choices=["none", "hub", "cdn"], default="hub")
    parser.add_argument("--repo", action="append", default=[], help="owner/name to start with")
    options = parser.parse_args()
    hub = Emulator(options.port, options.redirect)
    for name in options.repo:
        hub.add_repo(name)
    print(hub.url, flush=True)
    hub.server.serve_forever()


if __name__ == "__main__":
    main()
