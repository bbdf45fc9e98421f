"""Simulated boards with a known truth, for the tests of the statistics.

The benchmark has the real one's shape (sources, tasks, records of each). Recordings differ in
difficulty, for all models and for each; a model's scores on one recording have the probability
expit(level + source + recording + model on recording). Sums by recording are drawn directly.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from core.benchmark import METRIC_BY_KEY, METRIC_KEYS
from core.ranking.columns import MetricColumns
from core.ranking.stacks import rule_of
from core.ranking.units import Unit

Floats = NDArray[Any]
Model = dict[str, MetricColumns]

# Recordings of each source: few, and as many as there could be videos.
FEW = {
    "AVOS": 60, "CholecT50": 10, "CholecTrack20": 8, "Cholec80_CVS": 30, "CoPESD": 8,
    "EgoSurgery": 6, "NurViD": 60, "JIGSAWS": 12,
}  # fmt: skip
MANY = {
    "AVOS": 600, "CholecT50": 50, "CholecTrack20": 20, "Cholec80_CVS": 80, "CoPESD": 40,
    "EgoSurgery": 600, "NurViD": 1027, "JIGSAWS": 8,
}  # fmt: skip
# Task -> source -> records.
TASKS: dict[str, dict[str, int]] = {
    "tal": {"AVOS": 330, "CholecT50": 360, "CoPESD": 300, "EgoSurgery": 327, "NurViD": 320},
    "stg": {"AVOS": 120, "CholecTrack20": 280, "CoPESD": 200, "EgoSurgery": 180},
    "next_action": {"AVOS": 110, "CholecT50": 160, "CoPESD": 140, "EgoSurgery": 100, "NurViD": 160},
    "dvc": {"AVOS": 258, "CholecT50": 310, "CoPESD": 301, "EgoSurgery": 290, "NurViD": 320},
    "vs": {"CholecT50": 170, "CoPESD": 130, "EgoSurgery": 135, "NurViD": 130},
    "rc": {"CholecTrack20": 158, "EgoSurgery": 148},
    "skill_assessment": {"AVOS": 36, "JIGSAWS": 124},
    "cvs_assessment": {"Cholec80_CVS": 648},
}
CELLS = {"cvs_acc": 3, "sa_acc": 6, "dvc_llm": 3}
_SHIFTS = dict(zip(FEW, (0, 0.5, -0.5, 0, 0.3, -0.3, 0.2, 0), strict=True))
_QUALITY = 2 / 3  # the mean IoU of a hit, beta(4, 2); its variance:
_QUALITY_VARIANCE = 2 / 63


@dataclass(frozen=True)
class World:
    """How recordings and models differ: units of each source, records of each task and source,
    and the spreads (logits) of recordings, of a model on a recording, and of records per unit."""

    units: Mapping[str, int]
    tasks: Mapping[str, Mapping[str, int]] = field(default_factory=lambda: TASKS)
    recording: float = 0.7
    model: float = 0.5
    records: float = 0.6


def truth(world: World, key: str, level: Floats) -> Floats:
    """The true metric of models with these levels, over all possible recordings."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(40)
    spread = np.hypot(world.recording, world.model)
    shares = world.tasks[METRIC_BY_KEY[key].task]
    by_records = not rule_of(key).by_source or rule_of(key).by_records
    total = sum(shares.values()) if by_records else len(shares)
    chance = sum(
        (count if by_records else 1)
        / total
        * (expit(level[..., None] + _SHIFTS.get(name, 0.0) + spread * nodes) @ weights)
        / weights.sum()
        for name, count in shares.items()
    )
    if METRIC_BY_KEY[key].needs_judge:
        return np.asarray(1 + 4 * chance)
    return np.asarray(chance * {"tag_miou_05": 0.7}.get(key, 1.0) * _quality(key))


def _quality(key: str) -> float:
    return _QUALITY if key.startswith(("tag", "stg", "dvc_f1")) else 1.0


def board(world: World, levels: Floats, rng: np.random.Generator) -> list[Model]:
    """Models with these levels (models, metrics), scored on random recordings."""
    units = [
        Unit(name, f"{n:04}") for name, count in sorted(world.units.items()) for n in range(count)
    ]
    source = np.array([unit.source for unit in units])
    models = len(levels)
    # Half of a recording's difficulty, overall and for each model, is common to all tasks.
    common = rng.normal(size=len(units)), rng.normal(size=(len(units), models))
    found: list[Model] = [{} for _ in range(models)]
    drawn: dict[str, tuple[Floats, Floats, Floats]] = {}
    for column, key in enumerate(METRIC_KEYS):
        task = METRIC_BY_KEY[key].task
        if task not in world.tasks:
            continue
        if task not in drawn:
            records = _records(world, task, source, rng)
            here = np.flatnonzero(records)
            own = rng.normal(size=len(here)), rng.normal(size=(len(here), models))
            both = [np.sqrt(0.5) * (c[here] + o) for c, o in zip(common, own, strict=True)]
            shift = np.array([_SHIFTS.get(name, 0.0) for name in source[here]])
            drawn[task] = (
                here,
                records[here],
                (shift + world.recording * both[0])[:, None] + world.model * both[1],
            )
        here, records, spread = drawn[task]
        sums, counts = _scores(key, records, expit(levels[:, column] + spread), rng)
        cells = [str(n) for n in range(sums.shape[2])]
        names, many = [units[n] for n in here], records.tolist()
        for model, one in enumerate(found):
            own_sums, own_counts = sums[:, model].tolist(), counts[:, model].tolist()
            one[key] = MetricColumns(names, many, cells, own_sums, own_counts, [], [])
    return found


def _records(world: World, task: str, source: NDArray[Any], rng: np.random.Generator) -> Floats:
    """Records of each unit: an uneven share of the source's records."""
    found = np.zeros(len(source), dtype=np.int64)
    for name, count in world.tasks[task].items():
        here = np.flatnonzero(source == name)
        share = rng.lognormal(0, world.records, len(here))
        share /= np.exp(world.records**2 / 2) * len(here)
        found[here] = rng.poisson(share * count)
    return found


def _scores(
    key: str, records: Floats, chance: Floats, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Sums of scores and their numbers, both (units, models, cells)."""
    counts = np.broadcast_to(records[:, None, None], (*chance.shape, CELLS.get(key, 1))).copy()
    chances = np.broadcast_to(chance[:, :, None], counts.shape)
    if key == "dvc_llm":  # pairs at three thresholds, each including those of the next
        apart = rng.binomial(counts, (0.8, 0.6, 0.4))
        counts = np.cumsum(apart[..., ::-1], axis=-1)[..., ::-1]
        grades = apart + 4 * rng.binomial(20 * apart, chances) / 20
        return np.cumsum(grades[..., ::-1], axis=-1)[..., ::-1], counts
    if METRIC_BY_KEY[key].needs_judge:
        return counts + 4 * rng.binomial(20 * counts, chances) / 20, counts
    if key == "dvc_f1":
        counts = rng.binomial(counts, 0.97)
    hits = rng.binomial(counts, chances * (0.7 if key == "tag_miou_05" else 1.0))
    if _quality(key) == 1:
        return hits.astype(float), counts
    noise = rng.normal(size=hits.shape) * np.sqrt(_QUALITY_VARIANCE * hits)
    return np.clip(hits * _QUALITY + noise, 0, hits), counts
