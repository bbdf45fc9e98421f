"""A real scheduler and real workers on loopback, as processes that tests may kill."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil

from core.cluster import scheduler
from core.model.entries import Job
from tests.core.job_world import World, wait_for

REPOSITORY = Path(__file__).resolve().parents[2]
CERTIFICATES = REPOSITORY / "tests" / "data" / "tls"  # self-signed, valid for a hundred years


def disconnect() -> None:
    """Make this process forget its clusters, like a stopping server; their tasks continue."""
    with scheduler._clusters_lock:
        while scheduler._clusters:
            scheduler._clusters.popitem()[1].close()


class LocalCluster:
    """`close` ends all of it."""

    def __init__(self, folder: Path, *, tls: bool = False) -> None:
        self._folder = folder
        self._options: list[str] = []
        if tls:
            for option, name in (("ca-file", "ca"), ("cert", "cert"), ("key", "key")):
                self._options += [f"--tls-{option}", str(CERTIFICATES / f"{name}.pem")]
        self._protocol = ["--protocol", "tls"] if tls else []
        self.workers: list[subprocess.Popen[bytes]] = []
        self._start_scheduler(port="0")

    def _start_scheduler(self, port: str) -> None:
        told = self._folder / "scheduler.json"
        told.unlink(missing_ok=True)
        arguments = ["--scheduler-file", str(told), "--port", port, *self._protocol]
        self._scheduler = self._start("scheduler", arguments)
        wait_for(
            lambda: _address(told) != "" or self._scheduler.poll() is not None, "the scheduler"
        )
        self.address = _address(told)
        assert self.address, (self._folder / "scheduler.log").read_text()[-500:]

    def restart_scheduler(self) -> None:
        """Kill it and start another one, without state, at the same address."""
        self._scheduler.kill()
        self._scheduler.wait()
        address = self.address
        self._start_scheduler(port=address.rpartition(":")[2])
        assert self.address == address

    def add_worker(self, environment: dict[str, str], threads: int = 1) -> None:
        """A worker with these settings."""
        arguments = [self.address, "--nthreads", str(threads), "--no-nanny"]
        arguments += ["--local-directory", str(self._folder)]
        self.workers.append(self._start("worker", arguments, environment))

    def worker_of(self, world: World, job: Job) -> psutil.Process:
        """The worker that started the job's process."""
        pid = world.get(job).pid
        assert pid is not None
        parent = psutil.Process(pid).parent()
        assert parent is not None
        assert parent.pid in [worker.pid for worker in self.workers]
        return parent

    def close(self) -> None:
        for process in (*self.workers, self._scheduler):
            process.kill()
            process.wait()

    def _start(
        self, what: str, arguments: list[str], environment: dict[str, str] | None = None
    ) -> "subprocess.Popen[bytes]":
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("MEDVIDBENCH_", "HF_"))}
        host = ["--host", "127.0.0.1", "--no-dashboard"]
        module = f"distributed.cli.dask_{what}"
        with (self._folder / f"{what}.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", module, *arguments, *self._options, *host],
                cwd=REPOSITORY,
                env={**kept, **(environment or {})},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )


def _address(told: Path) -> str:
    try:
        found: dict[str, Any] = json.loads(told.read_text())
    except (FileNotFoundError, ValueError):
        return ""
    return str(found["address"])
