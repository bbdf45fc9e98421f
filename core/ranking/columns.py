"""A model's sums over each independent recording, from which every metric can be recomputed.

A metric consists of *cells*, each a sum of scores and their number: one cell for a mean, one for
each part of a balanced metric, one for each IoU threshold of DVC_llm. The recordings can then be
weighted, omitted or resampled, and the metric computed by its definition (docs/evaluation.md;
core.ranking.stacks). Pure; private, like the sample scores.
"""

from collections.abc import Iterable, Mapping
from statistics import fmean
from typing import Final

import msgspec

from core.benchmark import JUDGE_KEYS, METRIC_BY_KEY, PARTS, SCORED_KEYS
from core.model.contracts.samples import JudgedRecord, KeptJudgement, SampleRow
from core.ranking.units import Unit, unit_of

VERSION: Final = 5  # increased whenever the same sample scores give other columns or figures


class MetricColumns(msgspec.Struct, frozen=True):
    """One metric of one model.

    units: in order, without repeats; records: the number of the metric's records in each, scored
    or not. sums, counts: by unit and cell, the sum of the scores and their number.
    index, scores: the records with their own score, by index in the truth, and the score.
    """

    units: list[Unit]
    records: list[int]
    cells: list[str]
    sums: list[list[float]]
    counts: list[list[int]]
    index: list[int]
    scores: list[float]


Columns = Mapping[str, MetricColumns]
"""The columns of one model by metric key, only for metrics with sample scores."""

# A record, and (cell, score) for each time it counts.
_Parts = list[tuple[str, float]]
_Records = list[tuple[SampleRow | JudgedRecord, _Parts]]
_ONE: Final = "score"


def scored_columns(samples: Iterable[SampleRow]) -> dict[str, MetricColumns]:
    """The columns of the metrics without a judge, from the rows of a samples file."""
    by_task: dict[str, list[SampleRow]] = {}
    for row in samples:
        by_task.setdefault(row.task, []).append(row)
    return {
        key: _columns(_scored(rows, key))
        for key in SCORED_KEYS
        if (rows := by_task.get(METRIC_BY_KEY[key].task))
    }


def judged_columns(kept: KeptJudgement) -> dict[str, MetricColumns]:
    """The columns of a judge run's metrics; none if the run kept no records.

    The five aspects are graded together, so the mean of their means is the mean of each pair's
    mean grade: one cell.
    """
    grades = {score.pair: fmean(score.scores.values()) for score in kept.scores}
    by_task: dict[str, list[JudgedRecord]] = {}
    for record in kept.records:
        by_task.setdefault(record.task, []).append(record)
    return {
        key: _columns([(one, _graded(one, grades)) for one in records])
        for key in JUDGE_KEYS
        if (records := by_task.get(METRIC_BY_KEY[key].task))
        and kept.judge.metrics.get(key) is not None
    }


def _scored(rows: Iterable[SampleRow], key: str) -> _Records:
    if key in PARTS:
        return [
            (row, [(name, value) for name, value in row.parts.items() if value is not None])
            for row in rows
        ]
    values = ((row, row.scores.get(key)) for row in rows)
    return [(row, [] if value is None else [(_ONE, value)]) for row, value in values]


def _graded(record: JudgedRecord, grades: Mapping[str, float]) -> _Parts:
    return [
        (_ONE if threshold is None else f"{threshold:g}", grades[pair])
        for pair, threshold in record.uses
        if pair in grades
    ]


def _columns(records: _Records) -> MetricColumns:
    places = [unit_of(record.dataset, record.video) for record, _ in records]
    units = sorted(set(places))
    cells = sorted({name for _, parts in records for name, _ in parts})
    row, column = ({one: n for n, one in enumerate(found)} for found in (units, cells))
    counted = [0] * len(units)
    sums = [[0.0] * len(cells) for _ in units]
    counts = [[0] * len(cells) for _ in units]
    own = []
    for place, (record, parts) in zip(places, records, strict=True):
        at = row[place]
        counted[at] += 1
        for name, score in parts:
            sums[at][column[name]] += score
            counts[at][column[name]] += 1
        if parts:
            own.append((record.index, fmean(score for _, score in parts)))
    return MetricColumns(
        units, counted, cells, sums, counts, [n for n, _ in own], [score for _, score in own]
    )
