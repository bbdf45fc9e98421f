"""The files an evaluation writes: results (--json) and sample scores (--samples).

All are written completely, or none at all.
"""

import gzip
from collections.abc import Sequence
from pathlib import Path

import msgspec

from core.benchmark import METRIC_BY_KEY, SCORED_KEYS, SCORER_VERSION
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
    """The rows, with part names that no answer of this file has replaced by numbers.

    An aspect's name may come from the truth; a name that the answers also have does not.
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


def write_all(outputs: Sequence[Output]) -> None:
    """Writes every file to a temporary path, then moves all into place.

    Private files get mode 0600, others the umask's. Files ending in .gz are compressed.
    Raises StoreError, in which case no file has changed.
    """
    atomic.write_all(
        (
            path,
            gzip.compress(data, 6, mtime=0) if path.suffix == ".gz" else data,
            atomic.PRIVATE if private else None,
        )
        for path, data, private in outputs
    )
