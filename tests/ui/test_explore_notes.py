"""What the views of Explore say beside their charts, and when there is nothing to draw."""

from dataclasses import replace

import pytest

from core.benchmark import METRIC_KEYS
from core.model.statistics import EntryFigures, MetricFigures
from core.publish.address import Exploration
from core.publish.explore.models import Model
from core.publish.explore.over_time import AVERAGE
from core.ui.explore import one_metric, over_time
from core.ui.explore.view import Field, Made
from tests.core.explore_world import entry, figures_of, models, some

KEY = METRIC_KEYS[0]


def made(view: object, found: tuple[Model, ...], **changes: str) -> Made:
    now = replace(Exploration(), **{"metric": KEY, "over": KEY, **changes})
    return view.make(Field(found, found, {}), now)  # type: ignore[attr-defined, no-any-return]


@pytest.mark.parametrize("view", [one_metric, over_time])
def test_without_a_value_there_is_a_sentence_and_no_chart(view: object) -> None:
    found = made(view, models(entry(0, None)))
    assert found.chart is None
    assert found.note.startswith("No model here has a value for ")


def test_values_without_a_source_dataset_are_no_chart_of_datasets() -> None:
    found = made(one_metric, some(2), parts="datasets")
    assert found.chart is None
    assert "No model here has a value by source dataset." in found.note


def test_one_metric_tells_what_its_marks_are() -> None:
    entries = (entry(0, 0.9), entry(1, 0.5, off_the_shelf=True))
    bare = made(one_metric, models(*entries))
    assert bare.note == "Dashed: 0.500, the best off-the-shelf model."
    figures = {"e0": figures_of((0.8, 1.0), 1), "e1": figures_of((0.4, 0.6), 2)}
    assert made(one_metric, models(*entries, figures=figures)).note == (
        "Bars are 95 % intervals. n: scored records. Lines between rows separate distinguishable "
        "groups. Dashed: 0.500, the best off-the-shelf model."
    )
    counts = {"e0": EntryFigures(metrics={KEY: MetricFigures(n=648)})}
    assert made(one_metric, models(entry(0, 0.9), figures=counts)).note == "n: scored records."


def test_over_time_tells_of_entries_without_a_date_and_of_todays_ranks() -> None:
    found = models(entry(0, 0.9), entry(1, 0.5, verified_date=None))
    assert made(over_time, found).note == (
        "Line: the best so far. At the left: 1 entry without a date."
    )
    assert "Average ranks are today’s" in made(over_time, found, over=AVERAGE).note


def test_scores_that_do_not_count_are_told() -> None:
    (one,) = models(entry(0, 0.9))
    few = replace(one, cells={**one.cells, KEY: replace(one.cells[KEY], rank=None)})
    assert made(over_time, (few,)).note == "Line: the best so far, of the scores that count."
    assert made(one_metric, (few,)).note == (
        "At the end: scores that do not count, from too few questions."
    )
