"""Compares two predictions files on the same references, metric by metric. Pure, except for reading
the files.

The tests are the leaderboard's (core.ranking.differences): paired by record, clustered by
independent recording, corrected over the metrics.
"""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import msgspec

from core.benchmark import METRIC_KEYS
from core.errors import MedVidBenchError, PredictionsError
from core.files.hashes import sha256
from core.model.contracts.judge import RECORDS_FILE, RESULT_FILE, SCORES_FILE, JudgeResult
from core.model.contracts.samples import JudgedRecord, KeptJudgement, PairScore, SampleFile
from core.ranking.columns import MetricColumns, judged_columns, scored_columns
from core.ranking.differences import Difference, compare
from evaluation import output, scoring, truth
from evaluation.upload import alignment, reader

_T = TypeVar("_T")


class ComparedMetric(msgspec.Struct, frozen=True, kw_only=True):
    """One metric of A against B; None where undefined, with the `reason`.

    p is corrected over the metrics (Holm); `detectable` is the smallest difference that such a
    test set shows in 80 of 100 cases; wins, ties and losses count records of A against B; `units`
    the independent recordings.
    """

    a: float | None
    b: float | None
    difference: float | None
    interval: tuple[float, float] | None
    p: float | None
    detectable: float | None
    verdict: str
    wins: int | None
    ties: int | None
    losses: int | None
    units: int
    reason: str


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """All metrics that both files answer, by key, in full precision."""

    a: str
    b: str
    a_sha256: str
    b_sha256: str
    ground_truth_sha256: str
    metrics: dict[str, ComparedMetric]


class Scored(msgspec.Struct, frozen=True):
    """A file's metrics, NaN where undefined, and its sample scores summed by recording."""

    metrics: dict[str, float]
    columns: dict[str, MetricColumns]


def scored(path: Path, records: Sequence[truth.TruthRecord], tasks: Sequence[str]) -> Scored:
    """Scores a predictions file. Raises PredictionsError, which names it."""
    try:
        given = reader.load(path)
        texts = alignment.align(alignment.places(records, given), given).texts
        result = scoring.score(records, texts, tasks)
    except MedVidBenchError as error:
        told = str(error)
        raise PredictionsError(told if path.name in told else f"{path.name}: {told}") from error
    if result.failures:
        task, why = next(iter(result.failures.items()))
        raise PredictionsError(f"{path.name}: {task} could not be evaluated: {why}.")
    samples = msgspec.json.decode(output.samples_json(result, records, "", ""), type=SampleFile)
    return Scored(result.metrics, scored_columns(samples.samples))


def judged(folder: Path, path: Path, truth_path: Path) -> Scored:
    """The caption metrics of a finished judge run of a file. Raises PredictionsError."""
    try:
        result = msgspec.json.decode((folder / RESULT_FILE).read_bytes(), type=JudgeResult)
        scores = _lines(folder / SCORES_FILE, PairScore)
        records = _lines(folder / RECORDS_FILE, JudgedRecord)
    except (OSError, ValueError) as error:
        raise PredictionsError(
            f"{folder}: not the folder of a judge run. Give the one that `python -m "
            "evaluation.judge run … --out DIR` wrote."
        ) from error
    if not result.complete:
        raise PredictionsError(f"{folder}: {result.state}. Run the judge again to finish it.")
    if (result.predictions_sha256, result.ground_truth_sha256) != (
        sha256(path),
        sha256(truth_path),
    ):
        raise PredictionsError(
            f"{folder}: the judge run is of other files than {path.name} and {truth_path.name}."
        )
    values = {key: value for key, value in result.metrics.items() if value is not None}
    return Scored(values, judged_columns(KeptJudgement(result, scores, records)))


def comparison(a: Scored, b: Scored) -> dict[str, ComparedMetric]:
    """The metrics that either has, in the board's order. Needs scipy and statsmodels."""
    found = compare(a.columns, b.columns)
    return {
        key: _metric(found[key], a.metrics, b.metrics, a.columns.get(key), key)
        for key in METRIC_KEYS
        if key in found
    }


def _metric(
    found: Difference,
    a: Mapping[str, float],
    b: Mapping[str, float],
    columns: MetricColumns | None,
    key: str,
) -> ComparedMetric:
    ends = None if found.low is None or found.high is None else (found.low, found.high)
    return ComparedMetric(
        a=_defined(a.get(key, math.nan)),
        b=_defined(b.get(key, math.nan)),
        difference=found.difference,
        interval=ends,
        p=found.p,
        detectable=found.detectable,
        verdict=found.verdict,
        wins=found.wins,
        ties=found.ties,
        losses=found.losses,
        units=len(columns.units) if columns else 0,
        reason=found.reason,
    )


def _defined(value: float) -> float | None:
    return None if math.isnan(value) else value


def _lines(path: Path, form: type[_T]) -> list[_T]:
    return [msgspec.json.decode(line, type=form) for line in path.read_bytes().splitlines()]
