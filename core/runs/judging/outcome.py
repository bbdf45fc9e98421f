"""Checks the result of a judge run, and converts it for the entry. Pure."""

import math
from collections.abc import Sequence

import msgspec

from core.benchmark import JUDGE_KEYS, METRIC_BY_KEY, Metric
from core.errors import JobError
from core.model.contracts.judge import JudgeProgress, JudgeResult, judge_progress_of
from core.model.entries import Judgement, rounded

FLAGGED_KEPT = 100  # records listed on the entry; the count includes all


def read(data: bytes) -> JudgeResult:
    """Decode judge.json. Raises JobError when it is malformed."""
    try:
        return msgspec.json.decode(data, type=JudgeResult)
    except msgspec.DecodeError as error:
        raise JobError(
            "The judge wrote an unreadable result. The scores so far are kept: resume the run."
        ) from error


def check(
    found: JudgeResult, *, truth_sha256: str, predictions_sha256: str, least_share: float
) -> None:
    """Refuse a result that is incomplete, out of range, or of other files.

    The hashes are of the two files on disk. Raises JobError with one sentence.
    """
    if not found.complete:
        raise _wrong("is not complete")
    if set(found.metrics) != set(JUDGE_KEYS) or not set(found.aspects) <= set(JUDGE_KEYS):
        raise _wrong("does not have the caption metrics")
    for key, value in found.metrics.items():
        metric = METRIC_BY_KEY[key]
        _check_range(metric, metric.name, value)
        for aspect, mean in found.aspects.get(key, {}).items():
            _check_range(metric, f"{metric.name} {aspect}", mean)
        if value is not None and not least_share <= found.share.get(key, 0.0) <= 1:
            raise _wrong(
                f"has {METRIC_BY_KEY[key].name} from {found.share.get(key, 0.0):.1%} of its "
                f"captions; {least_share:.1%} are needed"
            )
    if all(value is None for value in found.metrics.values()):
        raise _wrong("has no metric")
    if not any(name.strip() for name in found.models_named):
        raise _wrong("does not have the judge's model")
    if found.ground_truth_sha256 != truth_sha256:
        raise JobError("The ground truth was replaced during the judge run. Resume it.")
    if found.predictions_sha256 != predictions_sha256:
        raise JobError("The judged file is not the one that was submitted. Submit it again.")


def _check_range(metric: Metric, name: str, value: float | None) -> None:
    if value is not None and (not math.isfinite(value) or not metric.low <= value <= metric.high):
        raise _wrong(f"has {name} outside its range of {metric.range_text}")


def _wrong(what: str) -> JobError:
    return JobError(f"The judge's result {what}. Nothing was published; resume it.")


def judgement(found: JudgeResult, run_id: str, *, calls: int, cost_usd: float) -> Judgement:
    """The part of a checked result that the entry keeps.

    `calls` and `cost_usd` are those of all attempts that ended normally, or of its scores if that
    is more, as after a kill.
    """
    listed = sorted(found.flagged.items(), key=lambda item: (len(item[0]), item[0]))
    return Judgement(
        run_id=run_id,
        date=found.date,
        model=", ".join(name for name in found.models_named if name.strip()),
        metrics={key: rounded(found.metrics[key]) for key in JUDGE_KEYS},
        rubric_version=found.rubric_version,
        prompt_hash=found.prompt_hash,
        aspects={
            key: {aspect: rounded(mean) for aspect, mean in means.items()}
            for key, means in found.aspects.items()
            if found.metrics[key] is not None
        },
        share={key: round(share, 4) for key, share in found.share.items()},
        calls=max(calls, found.scores_calls),
        cost_usd=round(max(cost_usd, found.scores_cost_usd), 4),
        flagged=len(found.flagged),
        flagged_records={index: tuple(why) for index, why in listed[:FLAGGED_KEPT]},
    )


def progress_of(lines: Sequence[str]) -> JudgeProgress | None:
    """The last progress in these lines; None without any."""
    for line in reversed(lines):
        found = judge_progress_of(line)
        if found is not None:
            return found
    return None
