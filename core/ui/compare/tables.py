"""The tables of a comparison: values, one model against another, source datasets. Pure."""

from collections.abc import Sequence

from core.benchmark import DATASETS, METRIC_BY_KEY, METRICS, SCORED_KEYS
from core.model.entries import DECIMALS
from core.model.statistics import PairFigures, PairMetric
from core.publish.cells import Cells
from core.publish.facts import (
    BEST,
    FEW,
    MISSING,
    NAME,
    NONE,
    TEXT,
    Cell,
    table_html,
    without_empty,
)
from core.publish.model_text import one_reason
from core.publish.numbers import DASH, fixed
from core.ui.compare.chosen import Compared

VERDICTS = {"better": "better", "worse": "worse", "open": "not distinguishable"}


def values_html(models: Sequence[Compared], as_of: str = "") -> str:
    """One row per metric, a column per model: the score and the rank on its board."""
    head = [Cell("Metric", TEXT)]
    head += [Cell(f"{one.letter}: {one.name}", NAME, one.entry_id) for one in models]
    rows = [
        [Cell(metric.name, TEXT), *(_value(models, one, metric.key) for one in models)]
        for metric in METRICS
    ]
    average = [Cell(fixed(one.standing.average_rank, 2)) for one in models]
    return table_html("Scores", head, rows, [Cell("Average rank"), *average], as_of)


def _value(models: Sequence[Compared], one: Compared, key: str) -> Cell:
    value = one.values.get(key)
    if value is None:
        return NONE
    if not counts(one, key):
        return Cell(f"{fixed(value)} (does not count)")
    best = value == max(other.values[key] or 0.0 for other in models if counts(other, key))
    text = f"{fixed(value)} (rank {one.standing.metric_ranks[key]})"
    return Cell(text, BEST if best and len(models) > 1 else "")


def counts(one: Compared, key: str) -> bool:
    """Whether a model has a score that counts in its rank."""
    return one.standing.metric_ranks.get(key) is not None


def pair_html(a: Compared, b: Compared, figures: PairFigures | None) -> str:
    """One row per metric: the difference and its statistics; empty columns are left out."""
    head = [
        Cell("Metric", TEXT),
        *(Cell(text) for text in (f"{a.letter} − {b.letter}", "95 % interval", "p (Holm)")),
        Cell(f"{a.letter} is", TEXT),
        *(Cell(text) for text in ("Detectable", f"{a.letter} wins", "Ties", f"{b.letter} wins")),
    ]
    known = figures.metrics if figures else {}
    rows = [
        [Cell(metric.name, TEXT), *_pair(a, b, metric.key, known.get(metric.key))]
        for metric in METRICS
    ]
    return table_html(f"{a.letter} against {b.letter}", *without_empty(head, rows))


def pair_notes(figures: PairFigures) -> list[str]:
    """Why metrics have no interval, one line for each reason; none if it is the same for all.

    Below the table: beside each row they made it too wide for a laptop's screen.
    """
    if one_reason(figures.metrics):
        return []
    names: dict[str, list[str]] = {}
    for metric in METRICS:
        found = figures.metrics.get(metric.key)
        if found and found.reason:
            names.setdefault(found.reason, []).append(metric.name)
    return [f"{', '.join(found)}: {reason}" for reason, found in names.items()]


def _pair(a: Compared, b: Compared, key: str, found: PairMetric | None) -> list[Cell]:
    x, y = a.values.get(key), b.values.get(key)
    difference = None if x is None or y is None else x - y
    if found is None or difference is None:
        verdict = Cell(DASH, f"{MISSING} {TEXT}")
        if difference is None:
            verdict = Cell("not comparable", f"{FEW} {TEXT}")
        return [_signed(difference), *[NONE] * 2, verdict, *[NONE] * 4]
    interval = NONE
    if found.interval:
        interval = Cell(f"{signed(found.interval[0], 2)} to {signed(found.interval[1], 2)}")
    return [
        _signed(difference),
        interval,
        NONE if found.p is None else Cell(p_text(found.p)),
        Cell(VERDICTS[found.verdict] if found.interval else DASH, TEXT),
        NONE if found.detectable is None else Cell(fixed(found.detectable, 2)),
        *(_count(number) for number in (found.wins, found.ties, found.losses)),
    ]


def signed(value: float, digits: int = DECIMALS) -> str:
    """A difference with its sign and a true minus; no sign if it rounds to zero.

    >>> signed(-0.0125), signed(0.0004), signed(0.5, 2)
    ('−0.013', '0.000', '+0.50')
    """
    number = round(value, digits)
    return f"{number:+.{digits}f}".replace("-", "−") if number else fixed(0.0, digits)


def p_text(p: float) -> str:
    """A p as published, rounded up to hundredths: the smallest stands for any below it.

    >>> p_text(0.01), p_text(0.02), p_text(0.0)
    ('≤ 0.01', '0.02', '≤ 0.01')
    """
    return "≤ 0.01" if p <= 0.01 else fixed(p, 2)


def _signed(value: float | None) -> Cell:
    return NONE if value is None else Cell(signed(value))


def _count(number: int | None) -> Cell:
    return NONE if number is None else Cell(f"{number:,}")


def datasets_html(
    models: Sequence[Compared], cells: Sequence[Cells], family: str, as_of: str = ""
) -> str:
    """One row per metric of a family and source dataset for which two models have a score.

    "" without any.
    """
    head = [Cell("Metric", TEXT), Cell("Dataset", TEXT)]
    head += [Cell(f"{one.letter}: {one.name}", NAME, one.entry_id) for one in models]
    rows = []
    for key in (key for key in SCORED_KEYS if METRIC_BY_KEY[key].family == family):
        for name in _names(cells, key):
            found = _of(cells, key, name)
            if found.count(NONE) < len(found) - 1:
                rows.append([Cell(METRIC_BY_KEY[key].name, TEXT), Cell(name, TEXT), *found])
    label = f"Scores by source dataset, {family}"
    return table_html(label, head, rows, as_of=as_of) if rows else ""


def _names(cells: Sequence[Cells], key: str) -> list[str]:
    present = {name for one in cells for name in one.get(key, {})}
    return [*(d for d in DATASETS if d in present), *sorted(present - set(DATASETS))]


def _of(cells: Sequence[Cells], key: str, name: str) -> list[Cell]:
    found = [one.get(key, {}).get(name) for one in cells]
    values = [one.value for one in found if one is not None and one.value is not None]
    best = max(values, default=None)
    return [
        NONE
        if one is None or one.value is None
        else Cell(f"{fixed(one.value)} ({one.n:,})", BEST if one.value == best else "")
        for one in found
    ]
