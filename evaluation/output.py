"""The files an evaluation writes: results (--json) and sample scores (--samples).

Each appears whole or not at all, and none appears unless all can be written.
"""

import gzip
from collections.abc import Sequence
from pathlib import Path

import msgspec

from core.benchmark import METRIC_BY_KEY, SCORED_KEYS, SCORER_VERSION
from core.errors import StoreError
from core.files import atomic
from core.model.contracts.evaluation import Results
from core.model.contracts.samples import SampleFile, SampleRow
from evaluation.scoring import Result
from evaluation.tasks.sample import Sample
from evaluation.truth import TruthRecord

# (path, content, private)
Output = tuple[Path, bytes, bool]


def results_json(result: Result, truth_sha256: str, predictions_sha256: str) -> bytes:
    """The --json file: full precision, NaN as null."""
    content = Results(
        metrics=dict(result.metrics),
        strict=dict(result.strict),
        coverage=result.coverage,
        surplus=result.surplus,
        by_dataset=result.by_dataset,
        scorer_version=SCORER_VERSION,
        ground_truth_sha256=truth_sha256,
        predictions_sha256=predictions_sha256,
    )
    return msgspec.json.format(msgspec.json.encode(content), indent=1) + b"\n"


def samples_json(
    result: Result,
    records: Sequence[TruthRecord],
    truth_sha256: str,
    predictions_sha256: str,
) -> bytes:
    """The --samples file: every record of every scored task, in the truth's order."""
    keys = {task: _keys(task) for task in result.samples}
    rows = [
        _row(sample, task, keys[task], records[sample.index].video)
        for task, samples in result.samples.items()
        for sample in samples
    ]
    rows = _number_unnamed_parts(sorted(rows, key=lambda row: row.index))
    content = SampleFile(SCORER_VERSION, truth_sha256, predictions_sha256, rows)
    return msgspec.json.encode(content)


def _number_unnamed_parts(rows: Sequence[SampleRow]) -> list[SampleRow]:
    """The rows with numbers for names of parts that no answer of this file has.

    An aspect's name can be a word of the truth; one that the answers name too is theirs.
    """
    told = {name for row in rows for name, value in row.parts.items() if value is not None}
    secret = sorted({name for row in rows for name in row.parts} - told)
    names = {name: f"part {number}" for number, name in enumerate(secret, start=1)}
    return [
        msgspec.structs.replace(
            row, parts={names.get(name, name): value for name, value in row.parts.items()}
        )
        for row in rows
    ]


def _keys(task: str) -> tuple[str, ...]:
    return tuple(key for key in SCORED_KEYS if METRIC_BY_KEY[key].task == task)


def _row(sample: Sample, task: str, keys: Sequence[str], video: str) -> SampleRow:
    scores = {key: sample.scores.get(key) for key in keys}
    return SampleRow(sample.index, task, sample.dataset, video, scores, sample.reason, sample.parts)


def check_outputs(outputs: Sequence[Path], inputs: Sequence[Path]) -> None:
    """Refuses, before any work, files that no output may be written to (StoreError)."""
    taken = {path.resolve() for path in inputs}
    for path in outputs:
        target = path.resolve()
        if target in taken:
            raise StoreError(f"{path} is already used by this command. Name another output file.")
        taken.add(target)
        if target.exists() and not target.is_file():
            raise StoreError(f"{path} is not a regular file. Name another output file.")
        if not target.parent.is_dir():
            raise StoreError(f"{path} cannot be written: its folder does not exist. Create it.")


def write_all(outputs: Sequence[Output]) -> None:
    """Writes every file beside its place, then moves all into place.

    Private files get mode 0600, others what the umask allows. A name that ends with .gz
    is packed. Raises StoreError, after which no file has changed.
    """
    atomic.write_all(
        (
            path,
            gzip.compress(data, 6, mtime=0) if path.suffix == ".gz" else data,
            atomic.PRIVATE if private else None,
        )
        for path, data, private in outputs
    )
