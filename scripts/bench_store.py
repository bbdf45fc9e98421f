#!/usr/bin/env python3
"""Measures the store against the same I/O, and against msgspec, without our code.

A commit, warm, at 1,000 and 10,000 entries: an edit of a metric, a submit, an add. Alternating
with it, in the same folder, plain system calls write what that change wrote: each file that it
replaced under a temporary name, synced and renamed, the line added to a journal and synced, one
sync of the folder. Medians of the turns. Target: at most twice as long.

Reading a journal of 10,000 and of 100,000 changes with a new Store. Alternating with it, msgspec
decodes the same bytes. Medians of the processor's time. Target: at most 1.5 times as long, at
either size.

The size of the journal of tests/data/golden, and of the same changes in form 1. Target: at most
1.5 times as large. Exit status 1 when a target is missed.
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(REPOSITORY))
from core.benchmark import METRIC_BY_KEY, METRIC_KEYS, SCORED_KEYS  # noqa: E402
from core.changes import editing, submitting  # noqa: E402
from core.changes.about import about  # noqa: E402
from core.changes.act import At, Change  # noqa: E402
from core.changes.acts import canonical  # noqa: E402
from core.changes.effects import between  # noqa: E402
from core.files.ids import new_id  # noqa: E402
from core.model.entries import Declared, Entry, Submission  # noqa: E402
from core.model.state import EMPTY, State  # noqa: E402
from core.store.lines import Draft, encode, read_line  # noqa: E402
from core.store.store import Store  # noqa: E402
from scripts.figures import note  # noqa: E402

ENTRIES, CHANGES = (1_000, 10_000), (10_000, 100_000)
MAX_COMMIT, MAX_READ, MAX_SIZE = 2.0, 1.5, 1.5
TURNS, READS = 75, 7
DATA = REPOSITORY / "tests" / "data"


def main() -> int:
    kept = [_size(), *map(_reading, CHANGES)]
    for entries in ENTRIES:
        kept += _committing(entries)
    return int(not all(kept))


def _size() -> bool:
    now, before = (
        (DATA / folder / "journal.jsonl").stat().st_size for folder in ("golden", "form_1")
    )
    return note("the golden journal", now / before, "×", MAX_SIZE, "of its bytes in form 1")


def _reading(changes: int) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        data = journal_of(changes // 2)
        (Path(folder) / "journal.jsonl").write_bytes(data)
        decoding, ours = [], []
        for _turn in range(READS):
            decoding.append(_processor_ms(lambda: msgspec.json.Decoder().decode_lines(data)))
            ours.append(_processor_ms(lambda: Store(Path(folder)).read()))
    what = f"reading {changes:,} changes ({len(data) / 1e6:.0f} MB) cold"
    how = f"of decoding them with msgspec; processor time, medians of {READS} alternating turns"
    return _noted(what, ours, decoding, MAX_READ, how)


def _committing(entries: int) -> Iterator[bool]:
    """Each kind of change, alternating with the same I/O."""
    with tempfile.TemporaryDirectory() as name:
        folder, chosen = Path(name), np.random.default_rng(2)
        (folder / "journal.jsonl").write_bytes(journal_of(entries))
        store = Store(folder)
        store.recover()
        ours: dict[str, list[float]] = {}
        plain: dict[str, list[float]] = {}
        for turn in range(-2, TURNS):  # two turns to warm up
            for change in _changes(store.read(), chosen, entries + turn + 2):
                before = _contents(folder)
                took = _ms(lambda change=change: store.commit(change))  # type: ignore[misc]
                written = _written(before, _contents(folder))
                line = written.pop("journal.jsonl")[len(before["journal.jsonl"]) :]
                beside = _ms(lambda w=written, line=line: _plain_io(folder, w, line))  # type: ignore[misc]
                if turn >= 0:
                    ours.setdefault(change.kind, []).append(took)
                    plain.setdefault(change.kind, []).append(beside)
    for kind, taken in ours.items():
        what = f"committing at {entries:,} entries: {kind}"
        how = f"of the same I/O; medians of {TURNS} alternating turns"
        yield _noted(what, taken, plain[kind], MAX_COMMIT, how)


def _noted(what: str, ours: list[float], other: list[float], limit: float, how: str) -> bool:
    """A ratio of medians, in ms; whether it is within its limit."""
    found, beside = statistics.median(ours), statistics.median(other)
    return note(what, found / beside, "×", limit, f"{found:,.1f} ms; {how}")


def _changes(state: State, chosen: np.random.Generator, number: int) -> Iterator[Change]:
    entry = state.community[chosen.integers(len(state.community))]
    yield editing.edit("community", entry, {"metrics.cvs_acc": round(chosen.random(), 3)}, "admin")
    yield from _model(number, chosen)


def _contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("[a-z]*.json*")}


def _written(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> dict[str, bytes]:
    return {name: data for name, data in after.items() if before.get(name) != data}


def _plain_io(folder: Path, files: Mapping[str, bytes], line: bytes) -> None:
    for name, data in files.items():
        _write(folder / f".plain-{name}.tmp", data, os.O_TRUNC)
    _write(folder / ".plain-journal", line, os.O_APPEND)
    for name in files:
        (folder / f".plain-{name}.tmp").replace(folder / f".plain-{name}")
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    os.fsync(handle)
    os.close(handle)


def _write(path: Path, data: bytes, flag: int) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | flag, 0o600)
    if os.write(handle, data) != len(data):
        raise OSError(f"{path}: not written at once.")
    os.fsync(handle)
    os.close(handle)


def journal_of(models: int) -> bytes:
    """A journal with which this many models are submitted and published.

    Each is put on a separate board, by the rules: names are not compared with all others, so
    that creating the journal takes time proportional to its length.
    """
    data, tail, writer, chosen = bytearray(), "", new_id(), np.random.default_rng(1)
    for number in range(models):
        state = EMPTY
        for asked in _model(number, chosen):
            change = canonical(asked)
            after = change.act.apply(
                state, At(change.id, change.actor, change.time, lambda _id: None)
            )
            effects = between(state, after)
            subject = about(change.act, effects, state, after)
            act = msgspec.to_builtins(change.act)
            text = encode(
                Draft(change.id, change.actor, change.time, act, effects, subject), writer, tail
            )
            data += text
            tail, state = read_line(text[:-1]).hash, after
    return bytes(data)


def _model(number: int, chosen: np.random.Generator) -> Iterator[Change]:
    """A model as it is submitted, and as it is published."""
    key, name = f"submission-{number:06}", f"Model {number:06}"
    declared = Declared(team=f"Team {number % 97}", base_model="Qwen2.5-VL-7B", weights="open")
    created = (
        f"2026-01-{number // 1440 % 28 + 1:02}T{number // 60 % 24:02}:{number % 60:02}:00.000Z"
    )
    submission = Submission(
        submission_id=key, model_name=name, organization="University Hospital", created=created,
        key_hash="0" * 64, predictions_sha256="1" * 64, records=6245, declared=declared,
    )  # fmt: skip
    yield submitting.submit(submission)
    metrics: dict[str, Any] = {
        key: round(chosen.random() * METRIC_BY_KEY[key].high, 3) if key in SCORED_KEYS else None
        for key in METRIC_KEYS
    }
    coverage = {key: {"scored": 700, "records": 780} for key in SCORED_KEYS}
    entry = Entry(
        entry_id=key, model_name=name, organization="University Hospital", metrics=metrics,
        date="2026-01-02", declared=declared, coverage=coverage, scorer_version="1.0.0",
        ground_truth_sha256="2" * 64, predictions_sha256="1" * 64,
    )  # fmt: skip
    yield submitting.add(key, entry)


def _ms(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return (time.perf_counter() - start) * 1000


def _processor_ms(run: Callable[[], object]) -> float:
    start = time.process_time()
    run()
    return (time.process_time() - start) * 1000


if __name__ == "__main__":
    sys.exit(main())
