"""Reads and checks the result of an evaluation, and converts it to a board row."""

import math
from collections.abc import Mapping
from pathlib import Path

import msgspec

from core.benchmark import JUDGE_KEYS, METRIC_BY_KEY, METRIC_KEYS, SCORED_KEYS
from core.errors import JobError
from core.model.contracts.evaluation import Results
from core.model.entries import Entry, Submission, rounded
from core.publish.cells import stored_cells

_LOG_DECIMALS = 4


def read(data: bytes) -> Results:
    """Decode the evaluator's --json file. Raises JobError when it is malformed."""
    try:
        return msgspec.json.decode(data, type=Results)
    except (ValueError, RecursionError) as error:  # not UTF-8 is a ValueError too
        raise JobError("The evaluation wrote an unreadable result. Run it again.") from error


def read_if_whole(path: Path) -> Results | None:
    """The outcome in a file; None when it is missing or unreadable."""
    try:
        return read(path.read_bytes())
    except (FileNotFoundError, JobError):
        return None


def check(
    outcome: Results, log: Mapping[str, float], *, truth_sha256: str, predictions_sha256: str
) -> None:
    """Refuse an outcome that is out of range, does not match the log, or is of other files.

    `log` has the metrics from the evaluator's log, with four decimals; the hashes are of the two
    files on disk.
    Raises JobError with one sentence.
    """
    if set(outcome.metrics) != set(METRIC_KEYS):
        raise _wrong("does not have the metrics of the benchmark")
    for key, value in [*outcome.metrics.items(), *outcome.strict.items()]:
        _check_range(key, value)
    for key in JUDGE_KEYS:
        if outcome.metrics[key] is not None:
            raise _wrong(f"has {METRIC_BY_KEY[key].name}, which only the judge may set")
    for key in METRIC_KEYS:
        _check_log(key, outcome.metrics[key], log.get(key))
    if outcome.ground_truth_sha256 != truth_sha256:
        raise JobError("The ground truth was replaced during the evaluation. Run it again.")
    if outcome.predictions_sha256 != predictions_sha256:
        raise JobError("The evaluated file is not the one that was submitted. Submit it again.")


def _check_range(key: str, value: float | None) -> None:
    metric = METRIC_BY_KEY.get(key)
    if metric is None:
        raise _wrong("has an unknown metric")
    if value is None:
        return
    # A strict value counts unscored samples as 0, which is below the judge's scale.
    if not math.isfinite(value) or not 0 <= value <= metric.high:
        raise _wrong(f"has {metric.name} outside its range of {metric.range_text}")


def _check_log(key: str, value: float | None, logged: float | None) -> None:
    name = METRIC_BY_KEY[key].name
    if (value is None) != (logged is None):
        raise _wrong(f"and its log do not agree on whether {name} was computed")
    half = 0.5 * 10**-_LOG_DECIMALS + 1e-9
    if value is not None and logged is not None and abs(value - logged) > half:
        raise _wrong(f"and its log do not agree on {name}")


def _wrong(what: str) -> JobError:
    return JobError(f"The evaluation's result {what}. Nothing was published; run it again.")


def entry(submission: Submission, outcome: Results, date: str) -> Entry:
    """The board row of a checked outcome: metrics with three decimals, `date` as YYYY-MM-DD.

    The contact is not included: the store adds it by reference. The predictions are identified by
    the hash of the decompressed file, which does not depend on the compression.
    """
    return Entry(
        entry_id=submission.submission_id,
        model_name=submission.model_name,
        organization=submission.organization,
        metrics={key: rounded(outcome.metrics[key]) for key in METRIC_KEYS},
        date=date,
        model_url=submission.model_url,
        declared=submission.declared,
        coverage=msgspec.to_builtins(outcome.coverage),
        strict={key: rounded(outcome.strict.get(key)) for key in SCORED_KEYS},
        by_dataset=stored_cells(outcome),
        surplus=msgspec.to_builtins(outcome.surplus),
        scorer_version=outcome.scorer_version,
        ground_truth_sha256=outcome.ground_truth_sha256,
        predictions_sha256=submission.predictions_sha256,
    )
