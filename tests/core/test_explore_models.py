"""The input of the Explore charts: sizes, dates, names, figures; which models are shown."""

import pytest

from core.benchmark import METRIC_KEYS
from core.model.entries import Declared, Version
from core.model.policy import Policy
from core.model.statistics import EntryFigures, MetricFigures
from core.publish.explore.filters import (
    ONLY,
    Filters,
    known,
    matching,
    organizations,
    tracks,
    useful,
)
from core.publish.explore.models import BEST, MOST, billions, drawn, models_of, shortened
from core.publish.explore.over_time import best_so_far, moments
from core.ranking.board import rank_board
from tests.core.explore_world import entry, figures_of, models, some


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("7B", 7.0),
        ("30B of which 3B active", 30.0),
        ("1.5 b", 1.5),
        ("770M", 0.77),
        ("1,3B", 1.3),
        ("1T", 1000.0),
        ("0B", None),
        ("7 Bananas", None),
        ("large", None),
        ("", None),
        (None, None),
        ("9" * 40 + "B", None),
    ],
)
def test_a_declared_size_is_read_in_billions(text: str | None, size: float | None) -> None:
    assert billions(text) == (None if size is None else pytest.approx(size))


def test_a_long_name_is_cut_in_the_middle_and_a_wide_one_earlier() -> None:
    assert shortened("short") == "short"
    cut = shortened("x" * 40 + "-27B-SFT")
    assert cut.endswith("27B-SFT")
    assert "…" in cut
    assert len(cut) <= 31
    assert len(shortened("模" * 80)) <= 16
    assert shortened("a\u202eb\nc") == "ab c"


def test_figures_stand_beside_values_and_a_missing_value_has_its_reason() -> None:
    found = models(entry(0, 0.5), entry(1, None), figures={"e0": figures_of((0.4, 0.6), 1)})
    first, second = found
    assert first.cells["nap_acc"].interval == (0.4, 0.6)
    assert (first.rank_set, first.tier, first.may_be_first) == ((1, 2), 1, True)
    assert second.cells["nap_acc"].value is None
    assert second.cells["nap_acc"].reason == "no NAP_acc"
    assert second.cells["nap_acc"].interval is None


def test_a_model_without_a_set_of_ranks_is_in_no_tier() -> None:
    value_only = EntryFigures(
        metrics={"nap_acc": MetricFigures(reason="no sample scores", tier=2)}, tier=2
    )
    figures = {"e0": figures_of((0.4, 0.6), 1), "e1": value_only}
    first, second = models(entry(0, 0.5), entry(1, 0.4), figures=figures)
    assert (first.tier, first.cells["nap_acc"].tier) == (1, 1)
    assert (second.tier, second.cells["nap_acc"].tier) == (None, None)


def test_what_an_old_file_says_of_source_datasets_and_dates_is_read_with_care() -> None:
    (found,) = models(entry(0, 0.5, by_dataset={"sa_acc": "?"}, verified_date="soon"))
    assert found.datasets == {}
    assert found.date is None


def test_earlier_versions_are_kept_unless_they_were_only_scored_again() -> None:
    old = Version(replaced="2026-02-01", why="new version", submission_id="s", date="2026-01-01",
                  metrics={"nap_acc": 0.1})  # fmt: skip
    again = Version(replaced="2026-02-01", why="re-scored", submission_id="s", date="2026-01-01",
                    metrics={"nap_acc": 0.2})  # fmt: skip
    (found,) = models(entry(0, 0.5, history=(old, again)))
    (earlier,) = found.earlier
    assert (earlier.date, earlier.metrics) == ("2026-01-01", {"nap_acc": 0.1})


@pytest.mark.parametrize("enforced", [True, False])
def test_an_earlier_score_from_too_few_questions_was_the_best_only_if_it_counts(
    enforced: bool,
) -> None:
    old = Version(replaced="2026-02-01", why="new version", submission_id="s", date="2026-01-01",
                  metrics={"nap_acc": 0.9},
                  coverage={"nap_acc": {"records": 10, "scored": 5}})  # fmt: skip
    policy = Policy(enforce_min_coverage=enforced)
    board = rank_board("official", [entry(4, 0.5, history=(old,))], policy)
    found = moments(models_of(board, None), "nap_acc")
    assert [moment.counts for moment in found] == [not enforced, True]
    steps = best_so_far(found, "nap_acc")
    assert [value for _, value, _ in steps] == ([0.5] if enforced else [0.9])


def test_a_large_board_is_cut_to_the_best_and_the_pinned_and_says_so() -> None:
    assert drawn(some(MOST), ()).said == ""
    many = some(MOST + 10)
    pinned = many[-1]
    shown = drawn(many, ("", pinned.id))
    assert shown.models == (*many[:BEST], pinned)
    assert shown.said == f"{MOST + 10} models: showing the pinned ones and the best {BEST}."


def test_filters_keep_what_all_of_them_hold_of() -> None:
    found = models(
        entry(0, 0.9, status="api_verified", declared=Declared(parameters="7B", weights="open")),
        entry(1, 0.8, off_the_shelf=True, declared=Declared(trained_on_sources="no")),
        entry(2, 0.7, track="Spring", organization="Other", declared=Declared(parameters="70B")),
    )

    def ids(**filters: object) -> list[str]:
        return [model.id for model in matching(found, Filters(**filters))]  # type: ignore[arg-type]

    assert ids() == ["e0", "e1", "e2"]
    assert ids(only=("verified",)) == ["e0"]
    assert ids(only=("not verified", "not off-the-shelf")) == ["e2"]
    assert ids(only=("open weights",)) == ["e0"]
    assert ids(only=("not open weights",)) == []  # none is declared as closed
    assert ids(only=("not trained on the sources",)) == ["e1"]
    assert ids(tracks=("Spring",), organizations=("Other",)) == ["e2"]
    # Of another board, or made up: ignored.
    assert ids(tracks=("<b>",), organizations=("nobody",)) == ids()
    assert ids(tracks=("<b>", "Spring"), organizations=("Other",)) == ["e2"]
    assert ids(min_size=7.0) == ["e0", "e2"]
    assert ids(max_size=69.0) == ["e0"]  # without a size: outside every bound
    assert ids(since="2026-01-02", until="2026-01-02") == ["e1"]
    wanted = Filters(tracks=("Spring", "<b>"), organizations=("Nobody",))
    assert known(found, wanted) == Filters(tracks=("Spring",))
    assert tracks(found) == ("Spring",)
    assert organizations(found) == ("Lab", "Other")
    assert "verified" in useful(found)
    assert "judged" not in useful(found)  # all are
    assert set(useful(found)) < set(ONLY)


def test_the_number_of_filters_counts_each_kind() -> None:
    assert Filters().count == 0
    assert (
        Filters(only=("verified",), tracks=("a", "b"), min_size=0.0, until="2026-01-01").count == 4
    )


def test_every_metric_has_a_cell() -> None:
    (found,) = some(1)
    assert tuple(found.cells) == METRIC_KEYS
