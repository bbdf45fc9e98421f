"""Machines for the mirror's tests, each with a data folder, sharing one emulated repo."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from core.changes import submitting
from core.mirror.sync import Mirror
from core.runs.queue import Jobs
from core.settings import Settings
from core.store.opened import open_store
from core.usecases.services import services_with
from tests.core.store_world import entry, submission
from tests.hub.emulator import Emulator
from tests.hub.emulator_repo import Blob, Repo
from tests.hub.emulator_traffic import WRITE

NAME = "alice/bench"
BOARDS = (
    "leaderboard.json",
    "official_leaderboard.json",
    "hidden.json",
    "submissions.json",
    "trash.json",
    "policy.json",
    "reports.json",
)
SHARED = ("journal.jsonl", *BOARDS)


def settings(folder: Path, url: str, **changes: Any) -> Settings:
    values: dict[str, Any] = {
        "data_dir": folder,
        "ground_truth": None,
        "questions": None,
        "max_upload_mb": 50,
        "min_records": 1,
        "max_running": 2,
        "evaluation_timeout_s": 300,
        "hub_repo": NAME,
        "hub_token": WRITE,
        "hub_endpoint": url,
        "hub_commits_per_hour": 1000,
    }
    return Settings(**{**values, **changes})


class Machine:
    """One data folder with its mirror. `restart` gives the view of a new process."""

    def __init__(self, folder: Path, url: str, **changes: Any) -> None:
        self.settings = settings(folder, url, **changes)
        self.root = self.settings.root
        self.root.mkdir(parents=True, exist_ok=True)
        self.restart()

    def restart(self) -> None:
        self.store = open_store(self.settings)
        self.store.recover()
        self.mirror = Mirror(self.settings, self.store)

    def jobs(self) -> Jobs:
        """The machine's queue as seen by a new process."""
        return services_with(self.settings, self.store).jobs

    def submit(self, number: int | str, **changes: Any) -> None:
        made = submission(number, **changes)
        self.store.commit(submitting.submit(made, "participant"))

    def add(self, number: int | str, **changes: Any) -> None:
        self.store.commit(submitting.add(f"submission-{number}", entry(number, **changes)))

    def publish(self, number: int | str, name: str | None = None, **changes: Any) -> None:
        called = name or f"Model {number}"
        self.submit(number, model_name=called, **changes)
        self.add(number, model_name=called)

    def write(self, path: str, data: bytes) -> None:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)

    def names(self) -> list[str]:
        return sorted(found.model_name for found in self.store.read().community)

    def shared(self) -> dict[str, bytes]:
        return {name: (self.root / name).read_bytes() for name in SHARED}

    def record(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.root / "mirror.json").read_bytes())
        return found


Make = Callable[..., Machine]  # the fixture `make`: a machine by its name


def environment(one: Machine) -> dict[str, str]:
    """The settings with which the mirror's commands run on this machine."""
    return {
        "MEDVIDBENCH_DATA_DIR": str(one.root),
        "MEDVIDBENCH_HUB_REPO": NAME,
        "HF_TOKEN": one.settings.hub_token,
        "HF_ENDPOINT": one.settings.hub_endpoint,
    }


def remote(repo: Repo) -> dict[str, bytes]:
    """The files in the repo that all machines share."""
    return {name: repo.head.files[name].data for name in SHARED if name in repo.head.files}


def put(repo: Repo, files: dict[str, bytes]) -> None:
    """Put files into the repo, as if somebody else had uploaded them."""
    blobs = {name: Blob(data) for name, data in files.items()}
    commit = replace(repo.head, id=f"{len(repo.commits):040x}", files={**repo.head.files, **blobs})
    repo.commits.append(commit)


def committed(server: Emulator) -> int:
    """Commit requests that the Hub accepted."""
    return sum(r.status == 200 and "/commit/" in r.path for r in server.log)
