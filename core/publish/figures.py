"""The public part of statistics, rounded so that it reveals no single answer. Pure.

Intervals leak more than values (docs/statistics.md): values have three decimals; ends of
intervals, detectable differences and p have two, and are rounded away from the value.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import msgspec

from core.benchmark import METRIC_BY_KEY, METRIC_KEYS
from core.model.entries import DECIMALS
from core.model.statistics import (
    BoardMetric,
    EntryFigures,
    Interval,
    MetricFigures,
    PairMetric,
    Range,
    Verdict,
)
from core.publish.cells import LEAST_RECORDS
from core.ranking.board import Board
from core.ranking.columns import Columns
from core.ranking.differences import MISSING, Difference
from core.ranking.figures import Figures
from core.ranking.judge_noise import JudgeNoise
from core.ranking.metric_figures import MetricFigures as Measured

if TYPE_CHECKING:
    from core.ranking.average_rank import Integers

FEW_RECORDS: Final = (
    f"No interval: with fewer than {LEAST_RECORDS} scored records it would reveal right answers."
)
_HUNDREDTH: Final = 100
_NOT_COMPARED: Final = Difference(reason=MISSING)
_OTHER_WAY: Final[Mapping[Verdict, Verdict]] = {
    "better": "worse",
    "worse": "better",
    "open": "open",
}
_SLACK: Final = 1e-9  # 0.29 * 100 is 28.99… in floating point


def up(value: float) -> float:
    """The value rounded up to two decimals."""
    return math.ceil(value * _HUNDREDTH - _SLACK) / _HUNDREDTH


def down(value: float) -> float:
    """The value rounded down to two decimals."""
    return math.floor(value * _HUNDREDTH + _SLACK) / _HUNDREDTH


def interval(low: float | None, high: float | None) -> Interval | None:
    """The interval rounded outwards to two decimals; None if an end is undefined."""
    if low is None or high is None or math.isnan(low) or math.isnan(high):
        return None
    return down(low), up(high)


def enough(columns: Columns) -> Columns:
    """The metrics with enough scored records for their statistics to be published.

    The others are taken at their values, as if there were no sample scores: a participant who
    answers only a few records could otherwise learn from sets of ranks which answers are right.
    """
    return {key: one for key, one in columns.items() if len(one.index) >= LEAST_RECORDS}


def board_fields(
    board: Board,
    found: Figures,
    reasons: Sequence[str],
    few: Sequence[Collection[str]],
    noise: Mapping[str, JudgeNoise],
) -> dict[str, Any]:
    """The fields of a board's statistics (core.model.statistics) computed from its figures.

    reasons: why a row has no sample scores, "" if it has; few: its metrics left out
    by `enough`; noise: the judge's noise included in the figures, by metric.
    """
    ids = [entry.entry_id for entry in board.entries]
    without = set(found.without)
    return {
        "entries": {
            one: _entry(found, row, reasons[row] if row in without else "", few[row], noise)
            for row, one in enumerate(ids)
        },
        "without": tuple(ids[row] for row in found.without),
        "draws": found.draws,
        "metrics": {key: _metric(one, ids) for key, one in found.metrics.items()},
        "tiers": _tiers(found.tier, ids),
        "leaders": tuple(one for one, may in zip(ids, found.may_be_first, strict=True) if may),
    }


def _entry(
    found: Figures,
    row: int,
    reason: str,
    few: Collection[str],
    noise: Mapping[str, JudgeNoise],
) -> EntryFigures:
    return EntryFigures(
        metrics={
            key: _figures(one, row, FEW_RECORDS if key in few else reason, noise.get(key))
            for key, one in found.metrics.items()
            if not math.isnan(one.value[row])
        },
        rank_set=_range(found.sets, row),
        tier=int(found.tier[row]) or None,
        may_be_first=found.may_be_first[row],
        reason=reason,
    )


def _figures(one: Measured, row: int, reason: str, noise: JudgeNoise | None) -> MetricFigures:
    ends = interval(float(one.low[row]), float(one.high[row]))
    return MetricFigures(
        n=int(one.records[row]) or None,
        units=int(one.units[row]) or None,
        interval=ends,
        rank_set=_range(one.sets, row),
        tier=int(one.tier[row]) or None,
        reason=reason or one.reason[row],
        note=_judge_note(noise) if ends and METRIC_BY_KEY[one.key].needs_judge else "",
    )


def _judge_note(noise: JudgeNoise | None) -> str:
    if noise is None:
        return "The judge's noise is not included: no model here was graded twice."
    models = "a model that was" if noise.models == 1 else f"{noise.models} models that were"
    return f"The judge's noise is included, from {models} graded more than once."


def _range(sets: "Integers", row: int) -> Range | None:
    best, worst = (int(end) for end in sets[row])
    return (best, worst) if best else None


def _metric(one: Measured, ids: Sequence[str]) -> BoardMetric:
    detectable = None if math.isnan(one.detectable) else up(one.detectable)
    return BoardMetric(tiers=_tiers(one.tier, ids), detectable=detectable)


def _tiers(tier: "Integers", ids: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    numbers = tier.tolist()
    return tuple(
        tuple(one for one, at in zip(ids, numbers, strict=True) if at == number)
        for number in sorted(set(numbers) - {0})
    )


def pair_metrics(
    found: Mapping[str, Difference], a: Sequence[float], b: Sequence[float]
) -> dict[str, PairMetric]:
    """The figures of a pair; `a` and `b` are their values of all metrics as published.

    The difference is computed from the published values: more decimals would reveal more of them.
    """
    return {
        key: _pair(found.get(key, _NOT_COMPARED), round(first - second, DECIMALS))
        for key, first, second in zip(METRIC_KEYS, a, b, strict=True)
        if not math.isnan(first - second)
    }


def without_counts(one: PairMetric) -> PairMetric:
    """Without the counts of records, as for entries of one team."""
    return msgspec.structs.replace(one, wins=None, ties=None, losses=None)


def turned(one: PairMetric) -> PairMetric:
    """The same for b against a."""
    ends = None if one.interval is None else (-one.interval[1], -one.interval[0])
    return PairMetric(
        difference=None if one.difference is None else -one.difference,
        interval=ends,
        p=one.p,
        detectable=one.detectable,
        verdict=_OTHER_WAY[one.verdict],
        wins=one.losses,
        ties=one.ties,
        losses=one.wins,
        reason=one.reason,
    )


def _pair(one: Difference, difference: float) -> PairMetric:
    if one.wins is not None and _records(one) < LEAST_RECORDS:  # as `enough`
        return PairMetric(difference=difference, reason=FEW_RECORDS)
    return PairMetric(
        difference=difference,
        interval=interval(one.low, one.high),
        p=None if one.p is None else up(one.p),
        detectable=None if one.detectable is None else up(one.detectable),
        verdict=one.verdict,
        wins=one.wins,
        ties=one.ties,
        losses=one.losses,
        reason=one.reason,
    )


def _records(one: Difference) -> int:
    """The number of records that are scored for both."""
    return sum(count or 0 for count in (one.wins, one.ties, one.losses))
