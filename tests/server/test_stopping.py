"""A stop does not depend on visitors: acknowledged changes are pushed, and the server ends."""

import json
import socket
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from core.model.state import now
from tests.browser.browser_site import Site, serve
from tests.hub.emulator import Emulator
from tests.hub.emulator_traffic import WRITE
from tests.hub.mirror_world import NAME, SHARED, Machine

TRUTH = Path(__file__).resolve().parents[1] / "data" / "evaluation.json"
PATIENCE_S = 240
# A handshake with a body, which makes the web server's own stop fail with an AssertionError.
BROKEN = (
    b"GET /_stcore/stream HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Content-Length: 5\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    b"Sec-WebSocket-Version: 13\r\n\r\n"
)


@pytest.fixture
def hub() -> Iterator[Emulator]:
    with Emulator() as found:
        found.add_repo(NAME)
        yield found


def wait_for_push(hub: Emulator) -> None:
    guard = time.monotonic() + PATIENCE_S
    while "journal.jsonl" not in hub.repos[NAME].head.files:
        assert time.monotonic() < guard
        time.sleep(0.05)


def held(site: Site) -> socket.socket:
    """A broken handshake whose client keeps the connection open."""
    one = socket.create_connection(("127.0.0.1", int(site.url.rpartition(":")[2])))
    one.sendall(BROKEN)
    with urllib.request.urlopen(f"{site.url}/_stcore/health", timeout=PATIENCE_S):  # noqa: S310
        return one  # the server has read what was sent before


def test_a_broken_handshake_kept_open_does_not_skip_the_last_push(
    tmp_path: Path, hub: Emulator
) -> None:
    truth = tmp_path / "truth.json"
    truth.write_text(json.dumps(json.loads(TRUTH.read_text(encoding="utf-8"))["ground_truth"]))
    machine = Machine(tmp_path / "data", hub.url, ground_truth=truth)
    machine.publish(0)
    with serve(
        tmp_path,
        MEDVIDBENCH_GROUND_TRUTH=str(truth),
        MEDVIDBENCH_HUB_REPO=NAME,
        HF_TOKEN=WRITE,
        HF_ENDPOINT=hub.url,
    ) as site:
        wait_for_push(hub)
        with held(site):
            # Acknowledged, but not pushed yet: it is sent now, or the server gives up half-way.
            machine.publish(1, created=now())
            server = psutil.Process(site.pid)
            server.terminate()
            assert server.wait(PATIENCE_S) in (0, None)
    files = hub.repos[NAME].head.files
    assert {name: files[name].data for name in SHARED} == {
        name: (machine.root / name).read_bytes() for name in SHARED
    }
    assert "Traceback" not in (tmp_path / "log").read_text().rpartition("Stopping.")[2]


def test_no_connection_delays_the_end_beyond_the_grace_period() -> None:
    """In a separate process whose web server never returns."""
    program = (
        "import signal, time\n"
        "from core.web.closing import Closing\n"
        "closing = Closing(lambda: print('last', flush=True), grace_s=0.2)\n"
        "signal.signal(signal.SIGTERM, lambda *_: None)\n"
        "closing.listen()\n"
        "signal.raise_signal(signal.SIGTERM)\n"
        "time.sleep(600)\n"
    )
    done = psutil.Popen([sys.executable, "-c", program], stdout=-1, text=True)
    said, _ = done.communicate(timeout=PATIENCE_S)
    assert (done.returncode, said) == (0, "last\n")
