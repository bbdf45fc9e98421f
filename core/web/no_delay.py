"""Sends small messages at once, by turning Nagle's algorithm off.

Otherwise the second small message to a browser waits until it acknowledges the first one, usually
for 40 ms. asyncio turns it off only for sockets made with a protocol number; Streamlit makes its
own without one, and has no option for this.
"""

import socket
from functools import wraps
from typing import Protocol


class Bind(Protocol):
    """Makes a listening socket."""

    def __call__(self, address: str, port: int, backlog: int) -> socket.socket: ...


def without_delay(bind: Bind) -> Bind:
    """`bind`, which makes the socket that accepts connections, with the algorithm turned off."""

    @wraps(bind)
    def bound(address: str, port: int, backlog: int) -> socket.socket:
        found = bind(address, port, backlog)
        # Connections have the options of the socket that accepts them.
        found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return found

    return bound
