"""Ends a job on a full disk, and prints its record as JSON.

    python full_disk_job.py FOLDER [mount]

With `mount`, a small disk is mounted at FOLDER and filled; without it, there is space.
"""

import json
import subprocess
import sys
from pathlib import Path

import msgspec

REPOSITORY = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(REPOSITORY))

from tests.core.job_world import World  # noqa: E402


def fill(folder: Path) -> Path:
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(1024))
        except OSError:
            return filler


def main() -> None:
    folder = Path(sys.argv[1])
    full = sys.argv[2:] == ["mount"]
    if full:
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=8m", "disk", str(folder)],  # noqa: S607
            check=True,
        )
    world = World(folder)
    job = world.submit(predictions=world.predictions[:5])
    world.files.change(job.job_id, lambda found: msgspec.structs.replace(found, state="running"))
    filler = fill(folder) if full else None
    world.jobs.recover()
    ended = world.get(job)
    told = {"state": ended.state, "error": ended.error, "then": world.submission(job).state}
    if filler is not None:
        filler.unlink()
    world.jobs.recover()
    told["later"] = world.submission(job).state
    print(json.dumps(told))


if __name__ == "__main__":
    main()
