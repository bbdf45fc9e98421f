"""Traffic of the emulated Hub: tokens, received requests, faults to inject."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

WRITE, READ, STRANGER = "hf_write", "hf_read", "hf_stranger"
TOKENS = {WRITE: ("alice", "write"), READ: ("alice", "read"), STRANGER: ("mallory", "write")}
Redirect = Literal["none", "hub", "cdn"]


@dataclass
class Fault:
    """A fault for the next matching requests.

    pattern: searched for in "METHOD /path?query". times: how many requests; -1 is all.
    rate: chance that a matching request is hit. after: the request first takes effect.
    drop: the connection is closed without an answer. cut: after this many bytes of the body.
    run: something else that happens just before the request is handled.
    """

    pattern: str
    status: int = 0
    times: int = 1
    rate: float = 1.0
    after: bool = False
    drop: bool = False
    cut: int = -1
    delay_s: float = 0.0
    headers: Mapping[str, str] = field(default_factory=dict)
    run: Callable[[], object] | None = None
    body: str = '{"error": "injected"}'


@dataclass
class Request:
    """One request as received. status 0: it was dropped, or is in progress."""

    method: str
    path: str
    host: str
    authorized: bool
    length: int
    body: bytes
    status: int = 0

    @property
    def line(self) -> str:
        return f"{self.method} {self.path.partition('?')[0]}"
