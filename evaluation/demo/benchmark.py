"""Makes the synthetic benchmark of the first run: truth, questions and two sample uploads.

    python -m evaluation.demo FOLDER [--seed N]

The files, all invented, with the sizes of the full test set:

    ground_truth.json    6,245 records, as the private truth has them
    questions.json       id, qa_type and question of each, in order
    sample_good.json     an average model, prediction-only form
    sample_flawed.json   the same with the flaws of real submissions, inference form
    demo.json            the marker: seed, version, sha256 of each file

The marker is deleted first and written last, so an incomplete folder is recognised
and created again. Same seed and version: same bytes.
"""

import argparse
import hashlib
import random
import shutil
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec
from filelock import FileLock, Timeout

from core.errors import MedVidBenchError, StoreError
from evaluation.demo.answers import flawed_answers, good_answers
from evaluation.demo.clips import Clip
from evaluation.demo.records import Item, make_items
from evaluation.labels import label_sets

SEED = 20260512
VERSION = 1  # increase whenever the same seed gives other bytes
FILES = ("ground_truth.json", "questions.json", "sample_good.json", "sample_flawed.json")
MARKER = "demo.json"

_LOCK_SECONDS = 120.0
# One in this many records has only the older key for its dataset, or the roles
# `user` and `assistant`, as some real files do.
_OLDER_KEY = 100
_OTHER_ROLES = 20


class _Marker(msgspec.Struct, frozen=True):
    note: str
    seed: int
    version: int
    files: dict[str, str]


def generate(folder: Path, seed: int = SEED) -> None:
    """Creates the files in `folder`, unless it has all of them for this seed and version.

    Several processes may call it at once. Raises StoreError when the folder
    cannot be written or another process holds its lock.
    """
    folder = folder.resolve()
    if is_complete(folder, seed):
        return
    lock = folder.parent / f".{folder.name}.lock"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(lock, timeout=_LOCK_SECONDS):
            if not is_complete(folder, seed):
                _make(folder, seed)
    except Timeout as error:
        raise StoreError(
            f"Demo data: another process has held the lock {lock.name} for {_LOCK_SECONDS:.0f} s. "
            "End that process, then start again."
        ) from error
    except OSError as error:
        raise StoreError(
            f"Demo data: cannot write {folder}: {error.strerror or error}. "
            "It needs write permission and about 30 MB of free space; then start again."
        ) from error


def is_complete(folder: Path, seed: int = SEED) -> bool:
    """Whether the folder has every file, unchanged, of this seed and version."""
    try:
        marker = msgspec.json.decode((folder / MARKER).read_bytes(), type=_Marker)
        return (
            (marker.seed, marker.version) == (seed, VERSION)
            and tuple(marker.files) == FILES
            and all(_sha256(folder / name) == digest for name, digest in marker.files.items())
        )
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return False  # missing, incomplete or damaged: create it again


def _make(folder: Path, seed: int) -> None:
    """Writes the files next to the folder, then moves them in. The caller holds the lock."""
    prefix = f".{folder.name}.making-"
    for left_by_a_killed_process in folder.parent.glob(f"{prefix}*"):
        shutil.rmtree(left_by_a_killed_process)
    building = Path(tempfile.mkdtemp(prefix=prefix, dir=folder.parent))
    try:
        for name, records in _contents(seed).items():
            (building / name).write_bytes(_lines(records))
        marker = _Marker(
            "Synthetic demo data: no real video, person or model.",
            seed,
            VERSION,
            {name: _sha256(building / name) for name in FILES},
        )
        (building / MARKER).write_bytes(msgspec.json.format(msgspec.json.encode(marker), indent=1))
        (folder / MARKER).unlink(missing_ok=True)
        for name in (*FILES, MARKER):
            (building / name).replace(folder / name)
    finally:
        shutil.rmtree(building)


def _contents(seed: int) -> dict[str, list[dict[str, object]]]:
    """The records of each file."""
    items = make_items(label_sets(), random.Random(f"{seed} truth"))
    good = good_answers(items, random.Random(f"{seed} good"))
    flaws = random.Random(f"{seed} flawed")
    flawed = flawed_answers(items, good, flaws)
    return {
        "ground_truth.json": [_truth(index, item) for index, item in enumerate(items)],
        "questions.json": [
            {"id": item.clip.id, "qa_type": item.qa_type, "question": item.question}
            for item in items
        ],
        "sample_good.json": [
            {"id": item.clip.id, "qa_type": item.qa_type, "prediction": answer}
            for item, answer in zip(items, good, strict=True)
        ],
        "sample_flawed.json": [
            _inference(item, answer) for item, answer in zip(items, flawed, strict=True)
        ],
    }


def _truth(index: int, item: Item) -> dict[str, object]:
    clip = item.clip
    human, gpt = ("user", "assistant") if index % _OTHER_ROLES == 7 else ("human", "gpt")
    record: dict[str, object] = {
        "id": clip.id,
        "qa_type": item.qa_type,
        "data_source": clip.source,
        "dataset_name": clip.source,
        "metadata": {"video_id": clip.video, "fps": clip.fps, **_bounds(clip), "synthetic": True},
        "struc_info": item.struc_info,
        "conversations": [
            {"from": human, "value": f"<video>\n{item.question}"},
            {"from": gpt, "value": item.answer},
        ],
    }
    if index % _OLDER_KEY == 13:
        del record["data_source"]
    return record


def _bounds(clip: Clip) -> dict[str, str]:
    if clip.timed:
        rate = (clip.end_frame - clip.start_frame) / clip.seconds
        return {
            "input_video_start_time": f"{clip.start_frame / rate:.2f}",
            "input_video_end_time": f"{clip.end_frame / rate:.2f}",
        }
    return {
        "input_video_start_frame": str(clip.start_frame),
        "input_video_end_frame": str(clip.end_frame),
    }


def _inference(item: Item, answer: str) -> dict[str, object]:
    """A record of the flawed sample.

    Its bounds are empty if the clip is bounded by times. `struc_info` and `gnd`
    claim that the answer is the truth; the evaluation must ignore them.
    """
    clip = item.clip
    start, end = ("", "") if clip.timed else (str(clip.start_frame), str(clip.end_frame))
    return {
        "metadata": {
            "video_id": clip.video,
            "fps": clip.fps,
            "input_video_start_frame": start,
            "input_video_end_frame": end,
        },
        "qa_type": item.qa_type,
        "question": item.question,
        "answer": answer,
        "gnd": answer,
        "struc_info": [],
    }


def _lines(records: Iterable[dict[str, object]]) -> bytes:
    """A JSON array with one record on each line."""
    return b"[\n" + b",\n".join(map(msgspec.json.encode, records)) + b"\n]\n"


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line. Exit status 0, or 1 with a one-line error."""
    parser = argparse.ArgumentParser(
        prog="python -m evaluation.demo",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=SEED)
    options = parser.parse_args(arguments)
    try:
        generate(options.folder, options.seed)
    except MedVidBenchError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0
