"""The columns of an entry: its sample scores summed by recording, stored by content.

If an entry's files are damaged, it gets no columns but a reason, and the others are computed
without it.
"""

import gzip
import hashlib
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import msgspec

from core.benchmark import SCORER_VERSION
from core.changes.versions import stale_reason
from core.files import atomic
from core.files.ids import is_id
from core.model.contracts.samples import KeptJudgement, SampleFile
from core.model.entries import Entry
from core.model.published import own_run
from core.publish.figures import enough
from core.ranking.columns import (
    VERSION,
    Columns,
    MetricColumns,
    judged_columns,
    scored_columns,
)
from core.runs.judging.command import JudgeFiles
from core.runs.records import result_files
from core.runs.statistics.folder import StatisticsFolder

NO_SAMPLES: Final = "No interval: published or entered by hand, without sample scores."
DAMAGED: Final = "No interval: its sample scores cannot be read. Score it again."
OTHER_TRUTH: Final = "No interval: its sample scores are of a different ground truth."
_MOST_BYTES: Final = 256 << 20  # decompressed; a file of 6,245 records has 2 MB


class Kept(msgspec.Struct, frozen=True):
    """A file of columns, with the truths that they were scored and judged against."""

    truth: str
    judged_truth: str
    scored: dict[str, MetricColumns]
    judged: dict[str, MetricColumns]


@dataclass(frozen=True, slots=True)
class EntryColumns:
    """The columns of an entry by metric key; none with a `reason` in one sentence.

    content: identifies their inputs; "" if there are none. few: metrics left out because too few
    records are scored (core.publish.figures).
    """

    metrics: Columns = field(default_factory=dict)
    few: frozenset[str] = frozenset()
    reason: str = ""
    content: str = ""


def entry_columns(root: Path, entry: Entry, truth: str | None) -> EntryColumns:
    """The columns of an entry scored on `truth`, the current digest (None: there is none here).

    Raises StoreError when they cannot be stored.
    """
    if stale := stale_reason(entry, truth):
        return EntryColumns(reason=f"No interval: {stale[0].lower()}{stale[1:]}")
    if own_run(entry) or not is_id(entry.upload_id):
        return EntryColumns(reason=NO_SAMPLES)
    files = JudgeFiles(result_files(root, entry.upload_id).folder)
    try:
        samples = files.samples.read_bytes()
        judged = files.kept.read_bytes() if entry.judge and files.kept.is_file() else b""
    except FileNotFoundError:
        return EntryColumns(reason=NO_SAMPLES)
    except OSError:
        return EntryColumns(reason=DAMAGED)
    content = _digest(samples, judged)
    kept = _kept(StatisticsFolder(root).columns / f"{content}.json.gz", samples, judged)
    if kept is None:
        return EntryColumns(reason=DAMAGED)
    if truth not in (None, kept.truth):
        return EntryColumns(reason=OTHER_TRUTH)
    both = kept.scored | (kept.judged if kept.judged_truth == kept.truth else {})
    found = enough(both)
    return EntryColumns(found, frozenset(both.keys() - found.keys()), content=content)


def remove_others(root: Path, used: set[str]) -> None:
    """Remove columns of contents that no entry has."""
    for path in StatisticsFolder(root).columns.glob("*.json.gz"):
        if path.name.removesuffix(".json.gz") not in used:
            path.unlink(missing_ok=True)


def _digest(samples: bytes, judged: bytes) -> str:
    found = hashlib.sha256(f"{VERSION} {SCORER_VERSION} {len(samples)} ".encode())
    found.update(samples)
    found.update(judged)
    return found.hexdigest()[:32]


def _kept(path: Path, samples: bytes, judged: bytes) -> Kept | None:
    """The stored columns, computed again if missing or damaged; None: not readable."""
    try:
        return msgspec.json.decode(_unpacked(path.read_bytes()), type=Kept)
    except (OSError, ValueError):
        made = _made(samples, judged)
    if made is not None:
        packed = gzip.compress(msgspec.json.encode(made), 1, mtime=0)
        atomic.write(path, packed)
    return made


def _made(samples: bytes, judged: bytes) -> Kept | None:
    try:
        found = msgspec.json.decode(_unpacked(samples), type=SampleFile)
    except ValueError:
        return None
    scored = scored_columns(found.samples)
    try:
        grades = msgspec.json.decode(_unpacked(judged), type=KeptJudgement)
    except ValueError:  # none, or not readable: the other metrics still have their figures
        return Kept(found.ground_truth_sha256, "", scored, {})
    of_judge = judged_columns(grades)
    return Kept(found.ground_truth_sha256, grades.judge.ground_truth_sha256, scored, of_judge)


def _unpacked(packed: bytes) -> bytes:
    """Raises ValueError if it is not gzip or too large."""
    try:
        unpacker = zlib.decompressobj(wbits=31)
        data = unpacker.decompress(packed, _MOST_BYTES)
    except zlib.error as error:
        raise ValueError from error
    if not unpacker.eof:
        raise ValueError
    return data


def files_mark(root: Path, entries: Iterable[Entry]) -> str:
    """Changes whenever sample scores of an entry are added, removed or replaced. Cheap."""
    found = []
    for entry in entries:
        if is_id(entry.upload_id):
            files = JudgeFiles(result_files(root, entry.upload_id).folder)
            found += [_stat(files.samples), _stat(files.kept)]
    return hashlib.sha256(repr(found).encode()).hexdigest()


def _stat(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size
