"""Aggregates scores per pair to the three caption metrics and their aspects. Pure.

Agrees with tests/data/evaluation.json to 1e-9 (dvc_llm, vs_llm, rc_llm). Undefined is NaN.
"""

import math
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from core.benchmark import JUDGE_ASPECTS, JUDGE_KEYS, METRIC_BY_KEY
from evaluation.judge.pairs import THRESHOLDS, Plan, Use
from evaluation.tasks.sample import mean

ASPECTS = tuple(JUDGE_ASPECTS)
METRIC_OF_TASK = {METRIC_BY_KEY[key].task: key for key in JUDGE_KEYS}


class Judged(msgspec.Struct, frozen=True):
    """Metric key -> value, and metric key -> aspect -> mean; NaN where nothing was scored."""

    metrics: dict[str, float]
    aspects: dict[str, dict[str, float]]


def aggregate(plan: Plan, scores: Mapping[str, Mapping[str, float]]) -> Judged:
    """The metrics of a plan's uses; `scores` maps a pair's key to its five aspects, each 1 to 5."""
    metrics = dict.fromkeys(JUDGE_KEYS, math.nan)
    aspects = {key: dict.fromkeys(ASPECTS, math.nan) for key in JUDGE_KEYS}
    for task, key in METRIC_OF_TASK.items():
        if task not in plan.present:
            continue
        uses = [use for use in plan.uses if use.pair.task == task]
        aspects[key] = _aspects(uses, scores)
        metrics[key] = _dvc(plan, uses, scores) if task == "dvc" else mean(aspects[key].values())
    return Judged(metrics, aspects)


def _aspects(uses: Iterable[Use], scores: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """Mean of each aspect over the uses whose pair was scored."""
    found = [scored for use in uses if (scored := scores.get(use.pair.key)) is not None]
    return {aspect: mean(scored[aspect] for scored in found) for aspect in ASPECTS}


def _dvc(plan: Plan, uses: Sequence[Use], scores: Mapping[str, Mapping[str, float]]) -> float:
    """The mean over thresholds of each dataset, weighted by its number of records."""
    groups: dict[tuple[str, float | None], list[Use]] = {}
    for use in uses:
        groups.setdefault((use.dataset, use.threshold), []).append(use)
    total, weight = 0.0, 0
    for dataset, records in plan.dvc_records.items():
        values = [
            _positive(_aspects(groups.get((dataset, threshold), ()), scores).values())
            for threshold in THRESHOLDS
        ]
        value = _positive(values)
        if not math.isnan(value):
            total += value * records
            weight += records
    return total / weight if weight else math.nan


def _positive(values: Iterable[float]) -> float:
    """Mean of the values above 0, NaN excluded."""
    return mean(value for value in values if value > 0)
