"""Connections to the server send small messages at once."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CONNECTION = """
import socket
from core.web import server
server._prepare_streamlit()
from streamlit.web.server.starlette import starlette_server
with starlette_server._bind_server_socket("127.0.0.1", "127.0.0.1", 0, 1)[0] as listening:
    with socket.create_connection(listening.getsockname()):
        listening.setblocking(True)
        with listening.accept()[0] as accepted:
            print(accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
"""


def test_a_connection_does_not_wait_for_an_acknowledgement() -> None:
    done = subprocess.run(
        [sys.executable, "-c", CONNECTION], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert int(done.stdout) != 0
