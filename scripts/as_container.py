#!/usr/bin/env python3
"""Runs the Dockerfile's steps without Docker, and checks what the container promises.

    scripts/as_container.py [--install]

The program's files are copied like `COPY . .`, read-only, and run by user 1000 (if this
is root) with only the Dockerfile's environment. Its health check must succeed,
a submission from outside must be scored, SIGTERM must end it with status 0, and no file of the
program may have changed. --install also creates a Python environment by the RUN lines; without it,
that of this checkout is used.
"""

import argparse
import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
USER = 1000
GUARD_S = 240.0  # only to avoid hanging forever


@dataclass(frozen=True, slots=True)
class Image:
    """The content of a Dockerfile with the few instructions that ours uses."""

    run: tuple[str, ...]
    user: int
    environment: Mapping[str, str]
    health: tuple[str, ...]
    command: tuple[str, ...]


def read_dockerfile(text: str) -> Image:
    """The relevant instructions. Raises ValueError for one that this script does not support."""
    lines = re.sub(r"\\\n\s*", "", re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE)).splitlines()
    run: list[str] = []
    environment: dict[str, str] = {}
    user, health, command = 0, (), ()
    for line in filter(None, map(str.strip, lines)):
        word, rest = line.split(maxsplit=1)
        match word:
            case "RUN":
                run.append(rest)
            case "ENV":
                environment |= dict(pair.split("=", 1) for pair in shlex.split(rest))
            case "USER":
                user = int(rest)
            case "HEALTHCHECK":
                health = tuple(json.loads(rest[rest.index("[") :]))
            case "CMD":
                command = tuple(json.loads(rest))
            case "FROM" | "WORKDIR" | "COPY" | "ARG" | "EXPOSE" | "VOLUME":
                pass
            case _:
                raise ValueError(f"Dockerfile: this script does not support {word}. Add it.")
    return Image(tuple(run), user, environment, health, command)


def copied() -> Iterator[Path]:
    """The files of `COPY . .`: those of the repository that .dockerignore does not exclude."""
    rules = (REPOSITORY / ".dockerignore").read_text(encoding="utf-8").split()
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"],  # noqa: S607
        cwd=REPOSITORY, check=True, capture_output=True, text=True,
    ).stdout.split("\0")  # fmt: skip
    for name in filter(None, listed):
        kept = True
        for rule in rules:  # the last one that matches decides
            pattern = rule.removeprefix("!").removeprefix("**/")
            places = [name, *map(str, Path(name).parents)][:-1]
            if any(
                fnmatch(place, pattern) for place in places if "/" not in place or "/" in pattern
            ):
                kept = rule.startswith("!")
        if kept and (REPOSITORY / name).is_file():
            yield Path(name)


def lay_out(app: Path) -> dict[str, int]:
    """Copy the program, read-only; returns each file's modification time."""
    for name in copied():
        (app / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(REPOSITORY / name, app / name)
    for path in (app, *app.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    return marks(app)


def marks(app: Path) -> dict[str, int]:
    """All files of a folder with their modification times."""
    return {str(path): path.stat().st_mtime_ns for path in app.rglob("*")}


def as_user(user: int) -> list[str]:
    """The command prefix that starts a program as that user; empty if this is not root.

    It may still read everything, since Python may be installed for root only, but write nothing.
    """
    if os.geteuid() != 0:
        return []
    reading = "--inh-caps=+dac_read_search --ambient-caps=+dac_read_search"
    return ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", *reading.split(),
            "--bounding-set=-all,+dac_read_search", "--no-new-privs"]  # fmt: skip


def make_environment(image: Image, app: Path, folder: Path) -> str:
    """Create a Python environment by the installing RUN lines; returns its interpreter."""
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    path = f"{folder / 'bin'}:{os.defpath}"
    for line in image.run:
        if line.startswith("pip "):
            subprocess.run(
                ["/bin/sh", "-c", line], cwd=app, check=True, env={**os.environ, "PATH": path}
            )
    return str(folder / "bin" / "python")


@contextmanager
def container(
    folder: Path, python: str = "", settings: Mapping[str, str] | None = None
) -> Iterator["Container"]:
    """The program running as in its image, until the block ends."""
    image = read_dockerfile((REPOSITORY / "Dockerfile").read_text(encoding="utf-8"))
    running = Container(folder, image, python, settings or {})
    try:
        yield running
    finally:
        running.end()


class Container:
    """A running program, its files and its data."""

    def __init__(
        self, folder: Path, image: Image, python: str, settings: Mapping[str, str]
    ) -> None:
        self.app, self.data = folder / "app", folder / "data"
        for made in (self.app, self.data):
            made.mkdir()
        self.before = lay_out(self.app)
        if os.geteuid() == 0:
            os.chown(self.data, image.user, image.user)
        folder.chmod(0o755)
        self._python = python or sys.executable
        self._image = image
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self._environment = {
            "PATH": os.defpath,
            **image.environment,
            "MEDVIDBENCH_DATA_DIR": str(self.data),
            "PORT": str(self.port),
            **settings,
        }
        self.log = folder / "log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                self._line(image.command),
                cwd=self.app,
                env=self._environment,
                stdout=log,
                stderr=log,
            )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def healthy(self) -> bool:
        """The current result of the health check."""
        found = subprocess.run(
            self._line(self._image.health), cwd=self.app, env=self._environment,
            capture_output=True, check=False,
        )  # fmt: skip
        return found.returncode == 0

    def wait(self) -> None:
        """Wait until it is healthy. Raises RuntimeError with the log if it fails."""
        deadline = time.monotonic() + GUARD_S
        while not self.healthy():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"not healthy:\n{self.log.read_text()}")
            time.sleep(0.2)

    def stop(self) -> int:
        """Send SIGTERM, like Docker; returns the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(GUARD_S)

    def end(self) -> None:
        """Ensure that nothing keeps running."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        for path in (self.app, *self.app.rglob("*")):
            path.chmod(0o755)

    def changed(self) -> list[str]:
        """Files of the program that have changed."""
        now = marks(self.app)
        return sorted(
            name for name in now.keys() | self.before if now.get(name) != self.before.get(name)
        )

    def _line(self, command: tuple[str, ...]) -> list[str]:
        first = self._python if command[0] == "python" else command[0]
        return [*as_user(self._image.user), first, *command[1:]]


def main() -> int:
    """Check everything; prints a line for each promise."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--install", action="store_true", help="install by the RUN lines first")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder, python = Path(name), ""
        if options.install:
            image = read_dockerfile((REPOSITORY / "Dockerfile").read_text(encoding="utf-8"))
            python = make_environment(image, REPOSITORY, folder / "venv")
            tell("installed by the RUN lines")
        with container(folder, python) as running:
            running.wait()
            tell(f"healthy at {running.url}, as user {USER if os.geteuid() == 0 else os.geteuid()}")
            sample = running.data / "demo" / "benchmark" / "sample_good.json"
            while not sample.exists():
                time.sleep(0.2)
            subprocess.run(
                [python or sys.executable, "-m", "evaluation.submit", str(sample),
                 "--url", running.url,
                 "--name", "Container", "--organization", "Ours", "--accept-terms", "--wait",
                 "--key", str(folder / "key")],
                cwd=REPOSITORY, check=True,
            )  # fmt: skip
            tell("a submission was scored")
            status = running.stop()
            tell(f"ended by SIGTERM with status {status}")
            changed = running.changed()
            tell(f"files of the program that changed: {', '.join(changed) or 'none'}")
    return int(status != 0 or bool(changed))


def tell(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
