"""`make soak`: two servers on one failing repo, four processes that write, for SOAK_SECONDS (3600).

Each server has a data folder into which two other processes write. One request in five to the
emulated Hub fails. Every process is repeatedly killed with SIGKILL and restarted; the
writing processes also meet a full disk (a file-size limit ends a write half-way) and clocks that
step by up to two days. Meanwhile readers request the boards of both servers.

At the end both journals and the repo's must be identical, the boards must be their fold, and every
acknowledged change must be there once. Usage: python -m tests.hub.long_soak [--seconds S]
"""

import argparse
import json
import os
import random
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, tzinfo
from functools import partial
from pathlib import Path
from typing import Self, TypeVar

from core.errors import MedVidBenchError, StoreError
from core.model import state
from tests.hub.emulator import Emulator
from tests.hub.emulator_traffic import WRITE
from tests.hub.mirror_world import NAME, Machine, remote
from tests.hub.soak import REPOSITORY, problems, random_change

TRUTH = REPOSITORY / "tests" / "data" / "evaluation.json"
SERVERS, WRITERS = 2, 2  # writers of each server
FAULTS = 0.2
DAYS = 2 * 86_400
Result = TypeVar("Result")
PAUSE_S = 0.3  # between a writer's changes, on average
_real_time = time.time


class _Stepped(datetime):
    """The process's wall clock, which may be wrong."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Self:
        return cls.fromtimestamp(time.time(), tz)


def step_clock(seconds: float) -> None:
    """Shift this process's wall clock from now on."""
    time.time = lambda: _real_time() + seconds
    state.datetime = _Stepped  # type: ignore[attr-defined]


@contextmanager
def full_disk(journal: Path) -> Iterator[None]:
    """Limit the size of files to slightly more than the journal's current size."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    size = journal.stat().st_size if journal.exists() else 0
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 20, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def patiently(act: Callable[[], Result]) -> Result:
    """What `act` gives once the store can be used: as a server does, try again if others hold its
    lock for long, or if the journal is just being replaced."""
    while True:
        try:
            return act()
        except StoreError as error:
            print(f"busy {str(error).partition(': ')[2]}", flush=True)
            time.sleep(1)


def write(folder: Path, url: str, name: str, seed: str) -> None:
    """Make changes until SIGTERM, printing each id once it is on disk."""
    machine = patiently(lambda: Machine(folder, url, ground_truth=folder.parent / "truth.json"))
    rng, ended = random.Random(seed), []
    signal.signal(signal.SIGTERM, lambda *_: ended.append(True))
    with (folder / f"acknowledged-{name}.txt").open("a") as acknowledged:
        while not ended:
            if rng.random() < 0.02:
                step_clock(rng.choice([0.0, rng.uniform(-DAYS, DAYS)]))
                print("clock", flush=True)
            tag = f"{name}-{rng.randrange(10**9)}"
            change = patiently(partial(random_change, machine, rng, tag))
            disk = full_disk(machine.root / "journal.jsonl")
            with suppress(MedVidBenchError):
                if rng.random() < 0.02:
                    print("disk", flush=True)
                    with disk:
                        machine.store.commit(change)
                else:
                    machine.store.commit(change)
                acknowledged.write(f"{change.id}\n")
                acknowledged.flush()
                os.fsync(acknowledged.fileno())
            time.sleep(rng.expovariate(1 / PAUSE_S))


class Process:
    """A server or a writer: started, killed, started again."""

    def __init__(self, command: list[str], log: Path, **variables: str) -> None:
        self.command, self.log, self.variables = command, log, variables
        self.start()

    def start(self) -> None:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("MEDVIDBENCH_")}
        with self.log.open("ab") as log:
            self.running = subprocess.Popen(
                [sys.executable, "-m", *self.command],
                cwd=REPOSITORY,
                env={**kept, **self.variables},
                stdout=log,
                stderr=log,
            )

    def restart(self) -> None:
        self.running.kill()
        self.running.wait()
        self.start()

    def last(self) -> str:
        """The end of its log: why it ended."""
        return self.log.read_text("utf-8", errors="replace")[-1500:]

    def end(self) -> int:
        """Ask it to stop; its status."""
        self.running.terminate()
        return self.running.wait(120)


def _port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _asked(port: int) -> str:
    """A server's response to a reader: a status, or that it is not reachable."""
    url = f"http://127.0.0.1:{port}/api/v1/boards/community"
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:
            return str(answer.status)
    except urllib.error.HTTPError as error:
        return str(error.code)
    except OSError:
        return "away"


def _started(folder: Path, url: str, ports: list[int]) -> tuple[list[Process], list[Process]]:
    """The servers, and the processes that write beside them."""
    servers, writers = [], []
    for number, port in enumerate(ports):
        data = folder / f"data-{number}"
        data.mkdir()
        settings = {
            "MEDVIDBENCH_DATA_DIR": str(data),
            "MEDVIDBENCH_GROUND_TRUTH": str(folder / "truth.json"),
            "MEDVIDBENCH_HUB_REPO": NAME,
            "HF_TOKEN": WRITE,
            "HF_ENDPOINT": url,
        }
        command = ["core.web.server", "--address", "127.0.0.1", "--port", str(port)]
        servers.append(Process(command, folder / f"server-{number}.log", **settings))
        for name in (f"{number}{letter}" for letter in "ab"[:WRITERS]):
            command = ["tests.hub.long_soak", "--writer", str(data), url, name]
            writers.append(Process(command, folder / f"writer-{name}.log"))
    return servers, writers


def run(folder: Path, seconds: float, seed: int) -> dict[str, object]:
    """The whole soak in `folder`: its figures; `problems` is empty if all checks passed."""
    rng, restarts, answers = random.Random(seed), Counter[str](), Counter[str]()
    truth = folder / "truth.json"
    truth.write_text(json.dumps(json.loads(TRUTH.read_text("utf-8"))["ground_truth"]), "utf-8")
    found: list[str] = []
    with Emulator() as hub:
        repo = hub.add_repo(NAME)
        for fields in ({"status": 503}, {"drop": True}):
            for after in (False, True):
                hub.fault("/(api|datasets)/", times=-1, rate=FAULTS / 4, after=after, **fields)
        ports = [_port() for _ in range(SERVERS)]
        servers, writers = _started(folder, hub.url, ports)
        end = time.monotonic() + seconds
        next_kill = time.monotonic() + 20
        while time.monotonic() < end:
            time.sleep(min(1.0, seconds / 100))
            for port in ports:
                answers[_asked(port)] += 1
            for one in (*writers, *servers):
                if (status := one.running.poll()) is not None:
                    found.append(f"{one.log.name}: ended by itself with {status}: {one.last()}")
                    one.start()
            if time.monotonic() > next_kill:
                chosen = rng.choice([*writers, *servers])
                restarts["server" if chosen in servers else "writer"] += 1
                chosen.restart()
                next_kill = time.monotonic() + rng.uniform(3, 20)
        for one in (*writers, *servers):
            status = one.end()
            if status and (one in servers or status != -signal.SIGTERM):  # a writer just started
                found.append(f"{one.log.name}: stopped with {status}")
        hub.heal()
        alive = [
            Machine(folder / f"data-{number}", hub.url, ground_truth=truth)
            for number in range(SERVERS)
        ]
        for _round in range(2):
            for machine in alive:
                machine.mirror.sync(force=True)
        found += problems(alive, remote(repo), folder, most_commits=None)
        met = Counter(line for one in writers for line in one.log.read_text().splitlines())
        log = [request for request in hub.log if request.path.startswith(("/api", "/data"))]
        return {
            "seconds": seconds,
            "changes": len(remote(repo)["journal.jsonl"].splitlines()),
            "requests": len(log),
            "failed": sum(request.status in (0, 503) for request in log),
            "commits": len(repo.commits) - 1,
            "kills of servers": restarts["server"],
            "kills of writers": restarts["writer"],
            "steps of a clock": met["clock"],
            "writes to a full disk": met["disk"],
            "waits for a store": {line: n for line, n in met.items() if line.startswith("busy ")},
            "answers to readers": dict(answers),
            "problems": found,
        }


def main(arguments: list[str]) -> int:
    """Run the soak and print its figures; 1 if something was wrong."""
    if arguments[:1] == ["--writer"]:
        folder, url, name = arguments[1:]
        write(Path(folder), url, name, f"{name} {time.monotonic_ns()}")
        return 0
    parser = argparse.ArgumentParser()
    parser.add_argument(
        "--seconds", type=float, default=float(os.environ.get("SOAK_SECONDS", "3600"))
    )
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        outcome = run(Path(folder), chosen.seconds, chosen.seed)
    print(json.dumps(outcome, indent=1))
    return 1 if outcome["problems"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
