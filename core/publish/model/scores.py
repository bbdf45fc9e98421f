"""The scores of a model as tables: by metric, and by source dataset. Pure."""

from dataclasses import dataclass
from typing import Final

from core.benchmark import DATASETS, METRIC_BY_KEY, SCORED_KEYS, Metric
from core.model.policy import Policy
from core.model.statistics import BoardStatistics, EntryFigures, MetricFigures
from core.model.surplus import HELD, surplus_text
from core.publish import model_text
from core.publish.board.figures import COMPUTING
from core.publish.board.table import low_reason, missing_reason
from core.publish.facts import BEST, FEW, NONE, NOTE, TEXT, Cell, table_html, without_empty
from core.publish.numbers import ends, fixed, percent
from core.publish.result import STRICT, Result, unscored_reasons
from core.ranking.coverage import graded_share
from core.ranking.why import Place, Why

NO_UPLOAD = "No value: the entry has neither caption scores nor an upload to grade."
SCORES_NOTE: Final = (
    f"Score: over the records that could be scored. Coverage: their share. Strict: the score "
    f"{STRICT}. To the best, to the next place: the gap."
)
_HEAD = (
    "Metric", "Score", "95 % interval", "Rank", "Best", "To the best", "To the next place",
    "Coverage", "Strict",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Scored:
    """The input of the tables. `uploaded`: the entry came from an upload, so that its captions
    can be graded here."""

    why: Why
    result: Result
    policy: Policy
    figures: EntryFigures | None = None
    uploaded: bool = True

    @property
    def reason(self) -> str:
        """Why no metric has an interval, if there is a single reason; empty if any has one."""
        return model_text.one_reason(self.figures.metrics) if self.figures else ""


def metrics_html(scored: Scored) -> str:
    """One row per metric, in the board's order; empty columns are left out."""
    head = [Cell(text, TEXT if n == 0 else "") for n, text in enumerate(_HEAD)]
    rows = [_row(scored, place) for place in scored.why.places]
    return table_html("Scores by metric", *without_empty([*head, Cell("Note", NOTE)], rows))


def _row(scored: Scored, place: Place) -> list[Cell]:
    metric, result = place.metric, scored.result
    value = result.metrics.get(metric.key)
    figures = scored.figures.metrics.get(metric.key) if scored.figures else None
    name = Cell(metric.name, TEXT)
    if value is None:
        return [name, *[NONE] * (len(_HEAD) - 1), Cell(_missing(scored, metric), NOTE)]
    best = place.rank == 1 and place.value is not None
    return [
        name,
        Cell(fixed(value), BEST if best else ""),
        _interval(figures),
        _rank(place, figures),
        _number(place.best),
        _gap(place.to_best),
        _gap(place.to_next),
        _coverage(scored, metric),
        _number(result.strict.get(metric.key)),
        Cell(_note(scored, place, figures), NOTE),
    ]


def _interval(figures: MetricFigures | None) -> Cell:
    if figures is None or figures.interval is None:
        return NONE
    return Cell(ends(figures.interval))


def _rank(place: Place, figures: MetricFigures | None) -> Cell:
    if place.value is None:
        return NONE
    allowed = ""
    if figures and figures.rank_set:
        first, last = figures.rank_set
        allowed = f" ({first})" if first == last else f" ({first}–{last})"
    return Cell(f"{place.rank}{allowed} of {place.of}")


def _number(value: float | None) -> Cell:
    return NONE if value is None else Cell(fixed(value))


def _gap(value: float | None) -> Cell:
    return Cell(fixed(value)) if value else NONE


def _coverage(scored: Scored, metric: Metric) -> Cell:
    found = graded_share(scored.why.standing.entry, metric.key)
    return NONE if found is None else Cell(percent(found))


def _missing(scored: Scored, metric: Metric) -> str:
    entry = scored.why.standing.entry
    if found := scored.result.held.get(metric.key):
        return f"{HELD}: {surplus_text(found)}."
    unread = metric.key in entry.unread
    if not unread and not scored.uploaded and not scored.result.coverage.get(metric.key):
        return NO_UPLOAD if metric.needs_judge else "The entry has no value."
    return missing_reason(entry, metric)


def _note(scored: Scored, place: Place, figures: MetricFigures | None) -> str:
    metric, standing = place.metric, scored.why.standing
    told = []
    if metric.key in standing.low:
        told.append(low_reason(standing.entry.coverage, metric.key, scored.policy))
    if place.tied:
        others = "another model has" if place.tied == 1 else f"{place.tied} other models have"
        told.append(f"{others} the same value")
    coverage = scored.result.coverage.get(metric.key)
    if coverage and not metric.needs_judge:
        told += unscored_reasons(coverage, metric.key)
    if more := scored.result.surplus.get(metric.key):
        told.append(surplus_text(more))
    if figures and figures.reason and figures.reason != scored.reason:
        told.append(figures.reason)
    if figures and figures.note:
        told.append(figures.note)
    return "; ".join(one.rstrip(".") for one in told)


def datasets_html(result: Result) -> str:
    """One row per source dataset, one column per metric that was computed; empty without any."""
    keys = [key for key in SCORED_KEYS if result.by_dataset.get(key)]
    if not keys:
        return ""
    present = {name for key in keys for name in result.by_dataset[key]}
    names = [*(d for d in DATASETS if d in present), *sorted(present - set(DATASETS))]
    head = [Cell("Dataset", TEXT), *(Cell(METRIC_BY_KEY[key].name) for key in keys)]
    rows = [[Cell(name, TEXT), *(_of_dataset(result, key, name) for key in keys)] for name in names]
    return table_html("Scores by source dataset", head, rows)


def _of_dataset(result: Result, key: str, dataset: str) -> Cell:
    found = result.by_dataset[key].get(dataset)
    if found is None:
        return Cell("")  # the dataset has no such question
    mark = FEW if found.value is None else ""
    return Cell(f"{fixed(found.value)} ({found.n:,})", mark)


def intervals_note(statistics: BoardStatistics | None, scored: Scored) -> str:
    """What the intervals are, or why there are none."""
    if statistics is None:
        return COMPUTING
    figures = scored.figures
    reason = (figures.reason if figures else "") or scored.reason or statistics.reason
    if reason:
        return reason
    return "Intervals and the ranks in brackets hold for 95 of 100 test sets like this one."
