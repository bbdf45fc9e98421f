"""Published statistics of a board and of a pair of its entries. No rules.

All of it is public: it is rounded before it is written to the file, and has no draws, no seeds and
no sample scores. None is undefined, never 0.
"""

from typing import Final, Literal

import msgspec

from core.model.entries import BoardName

SCHEMA: Final = 1  # increased when the format changes: files of another format are computed again

Range = tuple[int, int]
Interval = tuple[float, float]
Verdict = Literal["better", "worse", "open"]


class MetricFigures(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One metric of one entry.

    n: scored records, or judged captions. units: the number of independent recordings.
    interval: 95 %, in the metric's range. rank_set: best and worst rank consistent with the data.
    tier: 1 is the best. reason: why there is no interval; note: what an interval omits, or
    includes besides other recordings; one sentence each.
    """

    n: int | None = None
    units: int | None = None
    interval: Interval | None = None
    rank_set: Range | None = None
    tier: int | None = None
    reason: str = ""
    note: str = ""


class EntryFigures(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One entry of a board; `rank_set` and `tier` are of its average rank.

    The set always contains the displayed rank. reason: why there is none; one sentence.
    """

    metrics: dict[str, MetricFigures] = {}
    rank_set: Range | None = None
    tier: int | None = None
    may_be_first: bool = False
    reason: str = ""


class BoardMetric(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One metric of a board: tiers of entry ids, best first; `detectable` is the smallest
    difference at which two of its entries are typically distinguishable (80 % power, 5 %)."""

    tiers: tuple[tuple[str, ...], ...] = ()
    detectable: float | None = None


class Removal(msgspec.Struct, frozen=True):
    """Without `units` of `of` recordings entry `leader` would be first. least: whether this is the
    minimum; otherwise it is an upper bound."""

    units: int
    of: int
    leader: str
    least: bool


class BoardStatistics(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One board, by entry id and metric key.

    stands_for: identifies the entries and values that it describes; made_from: also their sample
    scores. without: entries taken at their values because their sample scores are not available;
    their uncertainty is not in the others' sets. tiers and leaders ("may be first") are of the
    average rank. draws: the number of draws for the sets of the average rank. removable: the
    recordings that the first place depends on. reason: why nothing could be computed.
    """

    schema: int
    board: BoardName
    stands_for: str
    made_from: str = ""
    entries: dict[str, EntryFigures] = {}
    without: tuple[str, ...] = ()
    draws: int = 0
    metrics: dict[str, BoardMetric] = {}
    tiers: tuple[tuple[str, ...], ...] = ()
    leaders: tuple[str, ...] = ()
    removable: Removal | None = None
    reason: str = ""


class PairMetric(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One metric of a against b.

    difference: a - b, to three decimals. interval: 95 %, of the difference. p: corrected over the
    metrics compared (Holm). detectable: the smallest difference that 80 of 100 such test sets would
    detect at 5 %. wins, ties, losses: records on which a is better, equal, worse; None between
    entries of one team. reason: why there is no interval.
    """

    difference: float | None = None
    interval: Interval | None = None
    p: float | None = None
    detectable: float | None = None
    verdict: Verdict = "open"
    wins: int | None = None
    ties: int | None = None
    losses: int | None = None
    reason: str = ""


class PairFigures(msgspec.Struct, frozen=True, kw_only=True):
    """All metrics of entry a against entry b, on the records of both."""

    a: str
    b: str
    metrics: dict[str, PairMetric]
