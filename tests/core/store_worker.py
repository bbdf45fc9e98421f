"""Processes of the store's tests: `python store_worker.py COMMAND ROOT …`."""

import json
import os
import random
import resource
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from core.changes import submitting
from core.errors import StoreError
from core.store import lock
from core.store.store import Store
from tests.core.store_world import BOARD_FILES, entry, publish, submission


def add(root: Path, worker: str, count: str) -> None:
    """Publish `count` entries."""
    lock.LOCK_TIMEOUT_S = 240.0  # type: ignore[misc] # a busy machine keeps one of many away for long
    store = Store(root)
    for number in range(int(count)):
        publish(store, f"{worker}-{number}")


def watch(root: Path) -> None:
    """Read every file repeatedly until standard input ends; print how often."""
    store, reads, most = Store(root), 0, 0
    while not select.select([sys.stdin], [], [], 0)[0]:
        for name in BOARD_FILES:
            if (root / name).exists():
                json.loads((root / name).read_bytes())
        state = store.read()
        published = sum(s.state == "published" for s in state.submissions.values())
        assert published == len(state.community), "a reader saw half a change"
        assert len(state.community) >= most, "a reader saw an entry and then did not"
        most = len(state.community)
        reads += 1
        time.sleep(0.03)  # leaves a processor to the writers
    print(reads)


def kill(root: Path, times: str, seed: str) -> None:
    """Kill a committing child `times` times at random moments; print what it acknowledged.

    The children are forks of this process, so that a kill takes milliseconds. A kill
    happens during the start of a child or one of its first changes, at any point: the
    measured pace of acknowledgements determines how long to wait on this machine. What a first
    change imports is imported here, once: otherwise most kills would hit imports.
    """
    with tempfile.TemporaryDirectory() as aside:
        publish(Store(Path(aside)), "first")
    rng = random.Random(int(seed))
    acknowledged: list[str] = []
    pace = 0.01
    for attempt in range(int(times)):
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reading)
            _commit_for_ever(root, attempt, writing)
        os.close(writing)
        with os.fdopen(reading, buffering=1) as pipe:
            started = time.monotonic()
            wanted = rng.randrange(4)
            heard = [pipe.readline().strip() for _ in range(wanted)]
            if wanted > 1:
                pace = 0.8 * pace + 0.2 * (time.monotonic() - started) / wanted
            time.sleep(rng.uniform(0.0, pace))
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            acknowledged += [*heard, *pipe.read().splitlines()]
        for name in BOARD_FILES:
            if (root / name).exists():
                json.loads((root / name).read_bytes())
        _check(Store(root), acknowledged)
    print("\n".join(acknowledged))


def _commit_for_ever(root: Path, attempt: int, writing: int) -> None:
    """Publish entries, printing the id of each change once `commit` has returned."""
    try:
        store = Store(root)
        store.recover()
        for number in range(1_000_000):
            made = submission(f"{attempt}-{number}")
            row = entry(f"{attempt}-{number}")
            for change in (submitting.submit(made, "p"), submitting.add(made.submission_id, row)):
                store.commit(change)
                os.write(writing, f"{change.id}\n".encode())
    except BaseException as error:
        os.write(writing, f"{type(error).__name__}: {error}\n".encode())
    finally:
        os._exit(1)


def _check(store: Store, acknowledged: list[str]) -> None:
    """Check that every acknowledged change is visible, even before a recovery."""
    found = store.read().submissions
    for change_id in acknowledged:
        kind, _, number = change_id.partition("-")
        assert kind in {"submit", "add"}, change_id
        assert number in found, f"lost: {change_id}"
        assert kind == "submit" or found[number].state == "published", f"lost: {change_id}"


def full_disk(root: Path) -> None:
    """Fill a disk of 400 kB (mounted by the caller at `root`) until a commit is refused.

    The last kilobytes are filled too, so that nothing fits. Then remove
    the ballast and continue. Prints the observations as JSON.
    """
    ballast = root / "ballast"
    ballast.write_bytes(bytes(100_000))
    store = Store(root / "data")
    published, error = _publish_until_error(store)
    with suppress(OSError), (root / "filler").open("wb", buffering=0) as filler:
        while True:
            filler.write(bytes(4096))
    before = {n: (root / "data" / n).read_bytes() for n in (*BOARD_FILES, "journal.jsonl")}
    again = _error_of(store)
    after = {n: (root / "data" / n).read_bytes() for n in before}
    ballast.unlink()
    store.commit(submitting.submit(submission("later"), "participant"))
    print(
        json.dumps(
            {
                "published": published,
                "error": error,
                "again": again,
                "same": before == after,
                "leftovers": [path.name for path in (root / "data").glob("*.tmp")],
                "board": len(Store(root / "data").read().community),
                "later": "submission-later" in store.read().submissions,
                "problems": store.verify(),
            }
        )
    )


def mounted_full_disk(root: Path) -> None:
    """`full_disk` on a small tmpfs; call it in a separate user and mount namespace."""
    mount = shutil.which("mount") or "/bin/mount"
    subprocess.run([mount, "-t", "tmpfs", "-o", "size=400k", "tmpfs", str(root)], check=True)
    full_disk(root)


def file_limit(root: Path, limit: str) -> None:
    """Commit under a file-size limit until a commit is refused; print the error."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), resource.RLIM_INFINITY))
    store = Store(root)
    published, error = _publish_until_error(store)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    torn = not (root / "journal.jsonl").read_bytes().endswith(b"\n")
    store.commit(submitting.submit(submission("later"), "participant"))
    board = len(Store(root).read().community)
    print(
        json.dumps(
            {
                "published": published,
                "error": error,
                "torn": torn,
                "board": board,
                "problems": store.verify(),
            }
        )
    )


def forbidden(root: Path) -> None:
    """Read and try to commit; print entries read and the error."""
    store = Store(root)
    seen = len(store.read().community)
    print(json.dumps({"seen": seen, "error": _error_of(store)}))


def hold(root: Path) -> None:
    """Print a line and die while holding the lock."""
    with Store(root)._locked():
        print("held", flush=True)
        time.sleep(600)


def _publish_until_error(store: Store) -> tuple[int, str]:
    for number in range(100_000):
        try:
            publish(store, number)
        except StoreError as error:
            return number, str(error)
    raise AssertionError("nothing was ever refused")


def _error_of(store: Store) -> str:
    try:
        store.commit(submitting.submit(submission("one-more"), "participant"))
    except StoreError as error:
        return str(error)
    return ""


if __name__ == "__main__":
    commands = (add, watch, kill, mounted_full_disk, file_limit, forbidden, hold)
    chosen = {command.__name__: command for command in commands}[sys.argv[1]]
    chosen(Path(sys.argv[2]), *sys.argv[3:])
