"""Machines that write concurrently through a failing Hub: `python -m tests.hub.soak`.

Every machine is a process with a separate data folder that is killed and restarted.
In the end all journals must be identical, the boards their fold,
every acknowledged change present once, and no machine above its commit limit.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from core.changes import submitting
from core.changes.act import Change
from core.errors import MedVidBenchError, RefusedError
from core.model.state import EMPTY
from core.store import journal
from core.store.follower import folded
from core.store.rendering import Renderer
from scripts.figures import note
from tests.core.store_world import entry, submission
from tests.hub.emulator import Emulator
from tests.hub.mirror_world import NAME, Machine, remote

REPOSITORY = Path(__file__).resolve().parents[2]
PER_HOUR = 60  # the default
SYNCS = 20  # per machine, about: few enough that no run waits for the pace


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a soak; `problems` is empty if all checks passed. `refused` counts acknowledged
    changes that a join refused: they stay in the journal, each with the reason.
    """

    changes: int
    requests: int
    failed: int
    landed: int
    lost_races: int
    restarts: int
    most_commits: int
    refused: int
    seconds: float
    problems: list[str]


def worker(folder: Path, url: str, name: str, count: int, seed: int) -> None:
    """Continue to `count` random changes, printing each id once it is on disk."""
    machine = Machine(folder, url, hub_commits_per_hour=PER_HOUR)
    done_file = folder / "acknowledged.txt"
    done = done_file.read_text().splitlines() if done_file.exists() else []
    rng = random.Random(f"{seed} {name} {len(done)}")
    with done_file.open("a") as acknowledged:
        while len(done) < count:
            change = random_change(machine, rng, f"{name}-{len(done)}")
            with suppress(RefusedError):
                machine.store.commit(change)
                acknowledged.write(f"{change.id}\n")
                acknowledged.flush()
                os.fsync(acknowledged.fileno())
                done.append(change.id)
            if rng.random() < min(0.25, SYNCS / count):
                with suppress(MedVidBenchError):
                    machine.mirror.sync(force=rng.random() < 0.5)


def random_change(machine: Machine, rng: random.Random, tag: str) -> Change:
    """A submit, or the next step of some open or released submission; names collide at times."""
    known = list(machine.store.read().submissions.values())
    still = [found for found in known if found.state == "open"]
    if still and rng.random() < 0.5:
        chosen = rng.choice(still)
        if rng.random() < 0.2:
            return submitting.release(chosen.submission_id, "soak")
        row = entry(chosen.submission_id, model_name=chosen.model_name)
        return submitting.add(chosen.submission_id, row)
    name = f"Shared {rng.randrange(1000)}" if rng.random() < 0.3 else f"Model {tag}"
    made = submission(f"{tag}-{rng.randrange(10**9)}", model_name=name)
    return submitting.submit(made, "participant")


def run(
    folder: Path, *, machines: int, count: int, faults: float, kills: int, seed: int
) -> Outcome:
    """The whole soak in `folder`."""
    began = time.monotonic()
    rng = random.Random(seed)
    with Emulator() as hub:
        repo = hub.add_repo(NAME)
        for fields in ({"status": 503}, {"drop": True}):
            for after in (False, True):
                hub.fault("/(api|datasets)/", times=-1, rate=faults / 4, after=after, **fields)
        names = [f"m{index}" for index in range(machines)]
        running = {name: _start(folder / name, hub.url, name, count, seed) for name in names}
        restarts = 0
        while running:
            time.sleep(rng.uniform(0.2, 0.8))
            for name, child in list(running.items()):
                if child.poll() == 0:
                    del running[name]
                elif child.poll() is not None:
                    error = (child.communicate()[1] or b"").decode()[-800:]
                    raise AssertionError(f"{name} ended with {child.returncode}: {error}")
            if running and restarts < kills:
                name = rng.choice(sorted(running))
                running[name].send_signal(signal.SIGKILL)
                running[name].communicate()
                running[name] = _start(folder / name, hub.url, name, count, seed)
                restarts += 1
        hub.heal()
        alive = [Machine(folder / n, hub.url, hub_commits_per_hour=PER_HOUR) for n in names]
        for _round in range(2):
            for machine in alive:
                machine.mirror.sync(force=True)
        log = [request for request in hub.log if request.path.startswith(("/api", "/data"))]
        sent = [request for request in log if "/commit/" in request.path]
        return Outcome(
            changes=machines * count,
            requests=len(log),
            failed=sum(request.status in (0, 503) for request in log),
            landed=len(repo.commits) - 1,
            lost_races=sum(request.status == 412 for request in sent),
            restarts=restarts,
            most_commits=max(len(machine.record()["commits"]) for machine in alive),
            refused=len(refused_ids(remote(repo)["journal.jsonl"], folder)),
            seconds=time.monotonic() - began,
            problems=problems(alive, remote(repo), folder),
        )


def refused_ids(text: bytes, folder: Path) -> set[str]:
    """The changes that a join refused: two machines used one name, or one gave up what the other
    published."""
    lines = journal.decode(text, journal.START, folder / "remote").lines
    return {line.id for line in lines if line.refused}


def problems(
    machines: list[Machine],
    there: dict[str, bytes],
    folder: Path,
    most_commits: int | None = PER_HOUR,
) -> list[str]:
    """The problems after the soak."""
    found: list[str] = []
    text = there["journal.jsonl"]
    read = journal.decode(text, journal.START, folder / "remote")
    lines, rest = read.lines, read.rest
    found += journal.problems(text)
    ids = [line.id for line in lines if not line.refused]
    refused = refused_ids(text, folder)
    if rest or len(ids) != len(set(ids)):
        found.append("the journal in the repo is incomplete or has a change twice")
    state = folded(EMPTY, lines)
    if Renderer({}).files(state) != {n: there[n] for n in there if n != "journal.jsonl"}:
        found.append("the boards in the repo are not the fold of its journal")
    for machine in machines:
        found += machine.store.verify()
        if machine.shared() != there:
            found.append(f"{machine.root.name}: differs from the repo")
        files = sorted(machine.root.glob("acknowledged*.txt"))
        told = [line for file in files for line in file.read_text().splitlines()]
        found += [
            f"{machine.root.name}: lost {change_id}" for change_id in set(told) - set(ids) - refused
        ]
        if most_commits is not None and len(machine.record()["commits"]) > most_commits:
            found.append(f"{machine.root.name}: used more commits than it may")
    published = [found.model_name for found in state.community]
    if len(published) != len(set(published)):
        found.append("a name is on the board twice")
    return found


def _start(folder: Path, url: str, name: str, count: int, seed: int) -> "subprocess.Popen[bytes]":
    command = ["--worker", str(folder), url, name, str(count), str(seed)]
    return subprocess.Popen(
        [sys.executable, "-m", "tests.hub.soak", *command],
        cwd=REPOSITORY,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


def main(arguments: list[str]) -> int:
    """Run the full soak and print its figures; 1 if a check failed."""
    if arguments[:1] == ["--worker"]:
        folder, url, name, count, seed = arguments[1:]
        worker(Path(folder), url, name, int(count), int(seed))
        return 0
    parser = argparse.ArgumentParser()
    parser.add_argument("--machines", type=int, default=4)
    parser.add_argument("--changes", type=int, default=100)
    parser.add_argument("--faults", type=float, default=0.2)
    parser.add_argument("--kills", type=int, default=12)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        outcome = run(
            Path(folder),
            machines=chosen.machines,
            count=chosen.changes,
            faults=chosen.faults,
            kills=chosen.kills,
            seed=chosen.seed,
        )
    print(json.dumps({name: getattr(outcome, name) for name in outcome.__slots__}, indent=1))
    how = (
        f"{chosen.machines} machines × {chosen.changes} changes, {outcome.restarts} kills, "
        f"{outcome.failed} of {outcome.requests} requests failed; {outcome.seconds:.0f} s"
    )
    note("changes lost, doubled or different in the end", len(outcome.problems), "", 0, how)
    note("commits of a machine in an hour", outcome.most_commits, "", PER_HOUR)
    return 1 if outcome.problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
