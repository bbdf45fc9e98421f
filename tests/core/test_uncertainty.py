"""Intervals, differences and rank sets against scipy, statsmodels, published sets and by hand."""

import json
import math
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import special, stats
from statsmodels.stats.multitest import multipletests

from core.benchmark import METRIC_KEYS
from core.ranking import differences, intervals
from core.ranking.columns import MetricColumns
from core.ranking.differences import compare
from core.ranking.draws import weights
from core.ranking.figures import figures
from core.ranking.jackknife import jackknife, strata
from core.ranking.leader import Swap, fewest_units
from core.ranking.metric_figures import NOT_SAMPLED, OTHER_SCORES
from core.ranking.stacks import Stack, stack, values
from core.ranking.step_down import holding, rank_sets, tiers
from core.ranking.units import Unit

pytestmark = pytest.mark.slow

Floats = Any
PISA = json.loads((Path(__file__).parents[1] / "data" / "pisa2018_rank_sets.json").read_text())


def column(scores: Sequence[Sequence[float]], sources: str | None = None) -> MetricColumns:
    """A mean over records; `scores` by unit, `sources`: a letter for each unit, in order."""
    names = sources or "A" * len(scores)
    units = [Unit(source, f"{number:04}") for number, source in enumerate(names)]
    flat = [score for unit in scores for score in unit]
    return MetricColumns(
        units,
        [len(unit) for unit in scores],
        ["score"],
        [[sum(unit)] for unit in scores],
        [[len(unit)] for unit in scores],
        list(range(len(flat))),
        flat,
    )


def stacked(*models: MetricColumns, key: str = "nap_acc") -> Stack:
    found = stack(key, [{key: one} for one in models])
    assert found is not None
    return found


def random_scores(units: int, seed: int, mean: float = 0.5) -> list[list[float]]:
    rng = np.random.default_rng(seed)
    return [rng.beta(4 * mean, 4 * (1 - mean), rng.integers(1, 6)).tolist() for _ in range(units)]


def test_with_one_record_a_unit_the_jackknife_is_the_standard_error_of_a_mean() -> None:
    one, two = np.random.default_rng(2).random((2, 30))
    both = stacked(column(one[:, None].tolist()), column(two[:, None].tolist()))
    found = jackknife(both)
    error, freedom = found.errors()
    assert error == pytest.approx([stats.sem(one), stats.sem(two)], rel=1e-12)
    assert freedom == pytest.approx([29, 29])
    apart = compare(
        {"nap_acc": column(one[:, None].tolist())}, {"nap_acc": column(two[:, None].tolist())}
    )
    expected = stats.ttest_rel(one, two)
    ends = expected.confidence_interval(0.95)
    assert apart["nap_acc"].p == pytest.approx(expected.pvalue, rel=1e-10)
    assert (apart["nap_acc"].low, apart["nap_acc"].high) == pytest.approx((ends.low, ends.high))


def test_strata_by_hand() -> None:
    # Source A: 0.2, 0.4; source B: 0.5, 0.9, 0.1, each of one record: the mean of five is 0.42.
    # Without A's first the other counts twice: (0.8 + 1.5) / 5 = 0.46; without its second 0.38.
    # Without a unit of B the two others count 1.5 times: (0.6 + 1.5 * rest) / 5.
    found = jackknife(stacked(column([[0.2], [0.4], [0.5], [0.9], [0.1]], "AABBB")))
    a = (0.46 - 0.42) ** 2 * 2 * (1 / 2)
    left = [(0.6 + 1.5 * (1.5 - score)) / 5 for score in (0.5, 0.9, 0.1)]
    b = sum((one - 0.42) ** 2 for one in left) * (2 / 3)
    error, freedom = found.errors()
    assert error[0] == pytest.approx(math.sqrt(a + b))
    assert freedom[0] == pytest.approx((a + b) ** 2 / (a**2 / 1 + b**2 / 2))


def test_freedom_follows_the_records_of_the_units() -> None:
    # Three units of 1, 1 and 4 records amount to 36 / 18 = 2 units.
    found = jackknife(stacked(column([[0.1], [0.5], [0.2, 0.3, 0.4, 0.9]])))
    assert found.freedom.tolist() == [1.0]


def test_a_source_of_one_unit_is_joined_to_the_smallest_other_and_that_is_reported() -> None:
    stratum, joined = strata([("A", 4), ("B", 1), ("C", 3)])
    assert (stratum[4] == stratum[5], joined) == (True, (("B", "C"),))
    stratum, joined = strata([("A", 1), ("B", 1)])
    assert stratum.tolist() == [0, 0]
    found = jackknife(stacked(column(random_scores(8, 1), "AAAABCCC")))
    assert found.joined == (("B", "C"),)
    assert not np.isnan(found.errors()[0]).any()


def test_the_interval_of_a_value_is_the_delta_methods_on_the_logit_scale() -> None:
    scores = random_scores(40, 5, mean=0.1)
    one = intervals.intervals(stacked(column(scores)))
    value, error, freedom = one.value[0], one.error[0], one.freedom[0]
    half = stats.t.ppf(0.975, freedom) * error / (value * (1 - value))
    assert one.low[0] == pytest.approx(special.expit(special.logit(value) - half))
    assert one.high[0] == pytest.approx(special.expit(special.logit(value) + half))
    grades = [[1 + 4 * score for score in unit] for unit in scores]
    judged = intervals.intervals(stacked(column(grades), key="vs_llm"))
    assert judged.low[0] == pytest.approx(1 + 4 * one.low[0])
    assert judged.high[0] == pytest.approx(1 + 4 * one.high[0])


@pytest.mark.parametrize(
    ("scores", "why"),
    [
        ([[0.5], [0.4], [0.3], [0.2], [0.1]], intervals.TOO_FEW.format(count=5)),
        ([[0.5], [0.4], [0.3], [0.2], [0.1], []], intervals.TOO_FEW.format(count=5)),
        ([[0.0, 0.0]] * 9, intervals.NO_SPREAD),
    ],
)
def test_no_interval_and_why(scores: list[list[float]], why: str) -> None:
    one = intervals.intervals(stacked(column(scores)))
    assert (one.reason, np.isnan(one.low).all(), np.isnan(one.high).all()) == ((why,), True, True)


def test_a_source_of_few_recordings_that_counts_as_much_as_any_gives_no_interval() -> None:
    one = column(random_scores(20, 3), "A" * 17 + "B" * 3)
    found = intervals.intervals(stacked(one, key="sa_acc"))
    assert found.reason == (intervals.FEW_IN_SOURCE.format(source="B"),)
    other = compare({"sa_acc": one}, {"sa_acc": column(random_scores(20, 4), "A" * 17 + "B" * 3)})
    assert (other["sa_acc"].low, other["sa_acc"].reason) == (None, differences.TOO_FEW)
    assert intervals.intervals(stacked(one, key="dvc_f1")).reason == ("",)  # a weight of 3 in 20


def test_p_is_corrected_by_holm_over_the_metrics_and_decides_the_verdict() -> None:
    shifts = {"nap_acc": 0.3, "stg_miou": 0.0, "tag_miou_03": -0.25, "tag_miou_05": 0.1}
    a, b, single = {}, {}, []
    for seed, (key, shift) in enumerate(shifts.items()):
        base = np.random.default_rng(seed).random((30, 2)) * 0.5
        other = base[::-1] + shift
        a[key], b[key] = column(other.tolist()), column(base.tolist())
        single.append(compare({key: a[key]}, {key: b[key]})[key].p)
    found = compare(a, b)
    corrected = multipletests(single, method="holm")[1]
    assert [one.p for one in found.values()] == pytest.approx(corrected)
    assert (found["nap_acc"].verdict, found["tag_miou_03"].verdict) == ("better", "worse")
    assert found["stg_miou"].verdict == "open"
    back = compare(b, a)
    assert back["nap_acc"].difference == pytest.approx(-found["nap_acc"].difference)
    assert back["nap_acc"].verdict == "worse"


def test_the_detectable_difference_is_found_with_four_fifths_power() -> None:
    # A t test of 30 differences: the noncentral t gives the power for a true difference.
    rng = np.random.default_rng(4)
    one, two = rng.random((2, 30))
    found = compare(
        {"nap_acc": column(one[:, None].tolist())}, {"nap_acc": column(two[:, None].tolist())}
    )["nap_acc"]
    limit = stats.t.ppf(0.975, 29)
    power = stats.nct.sf(limit, 29, found.detectable / found.error)
    assert power == pytest.approx(0.8, abs=0.01)


def test_wins_ties_and_losses_count_the_records_scored_for_both() -> None:
    a = column([[1.0, 0.0], [0.5], [1.0], [0.2], [0.1], [0.3]])
    b = column([[0.0, 0.0], [0.7], [1.0], [0.2], [0.1], [0.1]])
    fewer = MetricColumns(a.units, a.records, a.cells, a.sums, a.counts, a.index[1:], a.scores[1:])
    found = compare({"nap_acc": a}, {"nap_acc": b})["nap_acc"]
    assert (found.wins, found.ties, found.losses) == (2, 4, 1)
    found = compare({"nap_acc": fewer}, {"nap_acc": b})["nap_acc"]
    assert (found.wins, found.ties, found.losses) == (1, 4, 1)


def test_what_is_not_compared_and_why() -> None:
    some = column(random_scores(9, 1))
    few = column(random_scores(5, 2))
    assert compare({"nap_acc": some}, {})["nap_acc"].reason == differences.MISSING
    found = compare({"nap_acc": few}, {"nap_acc": few})["nap_acc"]
    assert (found.difference, found.p, found.reason) == (0.0, None, differences.TOO_FEW)
    same = compare({"nap_acc": some}, {"nap_acc": some})["nap_acc"]
    assert (same.difference, same.p, same.verdict, same.low) == (0.0, 1.0, "open", None)
    ones, zeros = column([[1.0]] * 7), column([[0.0]] * 7)
    constant = compare({"nap_acc": ones}, {"nap_acc": zeros})["nap_acc"]
    assert constant.p == stats.binomtest(7, 7).pvalue
    assert (constant.verdict, constant.reason) == ("better", differences.CONSTANT)


def test_all_sets_of_the_published_study() -> None:
    score, error = (np.array([one[key] for one in PISA["countries"]]) for key in ("score", "se"))
    first, second = np.triu_indices(len(score), 1)
    errors = np.hypot(error[first], error[second])
    seen = np.abs(score[first] - score[second]) / errors
    drawn = np.random.default_rng(11).standard_normal((20_000, len(score))) * error
    expected = [one["rank_set"] for one in PISA["countries"]]
    assert rank_sets(score, seen, errors, drawn).tolist() == expected


def test_the_step_down_is_that_of_its_definition() -> None:
    """Computed directly over all ordered pairs, step by step, for a few models."""
    rng = np.random.default_rng(8)
    for models in (1, 2, 7):
        value = np.sort(rng.normal(0, 2, models))[::-1]
        drawn = rng.normal(0, 1, (999, models)) @ (np.eye(models) + 0.3)
        a, b = np.triu_indices(models, 1)
        errors = (drawn[:, a] - drawn[:, b]).std(axis=0)
        seen = np.abs(value[a] - value[b]) / errors
        both = {(int(i), int(j)): e for i, j, e in zip(a, b, errors, strict=True)}
        ordered = {**both, **{(j, i): e for (i, j), e in both.items()}}
        left, told = set(ordered), set()
        while left:
            largest = np.max([(drawn[:, i] - drawn[:, j]) / ordered[i, j] for i, j in left], axis=0)
            critical = np.quantile(np.maximum(largest, 0), 0.95)
            now = {(i, j) for i, j in left if (value[i] - value[j]) / ordered[i, j] > critical}
            told, left = told | now, left - now
            if not now:
                break
        expected = [
            [1 + sum(j == n for _, j in told), models - sum(i == n for i, _ in told)]
            for n in range(models)
        ]
        assert rank_sets(value, seen, errors, drawn).tolist() == expected


def test_tiers_are_connected_by_sets_and_sets_hold_the_displayed_rank() -> None:
    sets = np.array([[1, 2], [1, 3], [3, 3], [5, 6], [4, 4], [5, 6]])
    assert tiers(sets).tolist() == [1, 1, 1, 3, 2, 3]
    assert holding(np.array([[2, 3], [1, 1]]), np.array([1, 2])).tolist() == [[1, 3], [1, 2]]


def test_weights_are_rao_and_wus() -> None:
    found = weights([("A", 5), ("B", 1), ("C", 2)], 4000, np.random.default_rng(1))
    a, rest = found[:5], found[5:]
    assert np.allclose(a.sum(axis=0), 5)
    assert set(np.unique(a / (5 / 4)).round(9)) <= {0, 1, 2, 3, 4}
    assert np.allclose(rest.sum(axis=0), 3)  # B is joined to C
    # The mean of a column has the variance of its standard error squared.
    scores = np.random.default_rng(2).random(5)
    assert np.var(scores @ a / 5) == pytest.approx(stats.sem(scores) ** 2, rel=0.1)


def board(skills: Sequence[float], units: int = 40) -> tuple[list[Any], Floats]:
    """Models with random columns in all metrics, and their published values."""
    models: list[Any] = []
    for number, skill in enumerate(skills):
        own = {}
        for place, key in enumerate(METRIC_KEYS):
            scores = random_scores(units, 100 * number + place, skill)
            low, wide = (1, 4) if key.endswith("llm") else (0, 1)
            own[key] = column([[low + wide * score for score in unit] for unit in scores])
        models.append(own)
    cells = [[values(stacked(one[key], key=key))[0, 0] for key in METRIC_KEYS] for one in models]
    return models, np.array(cells).round(3)


def test_a_board_that_is_clear_and_one_that_is_tied() -> None:
    models, published = board([0.8, 0.5, 0.2])
    found = figures(models, published, seed=1, draws=500)
    assert found.sets.tolist() == [[1, 1], [2, 2], [3, 3]]
    assert (found.tier.tolist(), found.may_be_first) == ([1, 2, 3], (True, False, False))
    again = figures([models[0], models[0]], published[[0, 0]], seed=1, draws=500)
    assert again.sets.tolist() == [[1, 2], [1, 2]]
    assert again.metrics["nap_acc"].sets.tolist() == [[1, 2], [1, 2]]
    assert again.tier.tolist() == [1, 1]


def test_each_pair_of_models_is_compared_with_its_own_difference() -> None:
    models, published = board([0.85, 0.53, 0.5, 0.15])  # the middle two: by chance
    found = figures(models, published, seed=1, draws=500)
    for sets, tier in [
        (found.sets, found.tier),
        *((metric.sets, metric.tier) for metric in found.metrics.values()),
    ]:
        assert sets.tolist() == [[1, 1], [2, 3], [2, 3], [4, 4]]
        assert tier.tolist() == [1, 2, 2, 3]


def test_entries_without_sample_scores_stand_at_their_values() -> None:
    models, published = board([0.7, 0.5, 0.5, 0.3])
    models[1] = None
    del models[2]["vs_llm"]
    published[3, 0] = np.nan
    published[0, 1] += 0.01  # scored by another program
    found = figures(models, published, seed=1, draws=500)
    assert found.without == (1,)
    assert found.sets[1].tolist() == [0, 0]
    assert found.metrics["vs_llm"].reason == ("", NOT_SAMPLED, NOT_SAMPLED, "")
    assert found.metrics["vs_llm"].value[1] == published[1, METRIC_KEYS.index("vs_llm")]
    first, second = (found.metrics[key] for key in METRIC_KEYS[:2])
    assert second.reason[0] == OTHER_SCORES
    assert np.isnan(second.low[0])
    assert (first.reason[3], first.sets[3].tolist()) == ("", [0, 0])
    assert first.sets[0].tolist()[1] <= 3
    for number in (0, 2, 3):
        best, worst = found.sets[number]
        assert best <= number + 1 <= worst


def test_the_same_figures_of_the_same_seed_and_few_units_without_sets() -> None:
    models, published = board([0.6, 0.5], units=5)
    found, again = (figures(models, published, seed=3, draws=200) for _ in range(2))
    assert found.sets.tolist() == again.sets.tolist()
    assert all(not one.sets.any() for one in found.metrics.values())
    assert found.metrics["nap_acc"].reason[0] == intervals.TOO_FEW.format(count=5)
    empty = figures([], np.empty((0, 10)), seed=1)
    assert (empty.sets.tolist(), empty.without) == ([], ())
    alone = figures(models[:1], published[:1], seed=1, draws=10)
    assert alone.sets.tolist() == [[1, 1]]


def one_metric(*models: MetricColumns) -> tuple[list[Any], Floats, list[str]]:
    """A board on which a single metric counts."""
    cells = np.full((len(models), len(METRIC_KEYS)), np.nan)
    cells[:, METRIC_KEYS.index("nap_acc")] = values(stacked(*models))[0].round(3)
    return [{"nap_acc": one} for one in models], cells, [f"model {n}" for n in range(len(models))]


def test_one_recording_that_holds_up_the_first_place_is_found() -> None:
    leader = column([[1.0] * 5, [0.4], [0.4], [0.4], [0.4], [0.4]])
    other = column([[0.0] * 5, [0.5], [0.5], [0.5], [0.5], [0.5]])
    assert fewest_units(*one_metric(leader, other)) == Swap(1, 6, 1, least=True)
    assert fewest_units(*one_metric(leader, leader)) is None  # equal: the name decides
    assert fewest_units(*one_metric(leader)) is None
    no_samples = one_metric(leader, other)
    assert fewest_units([None, None], *no_samples[1:]) is None
    no_samples[1][1, METRIC_KEYS.index("nap_acc")] = 0.45
    assert fewest_units([no_samples[0][0], None], *no_samples[1:]) == Swap(1, 6, 1, least=True)


@pytest.mark.parametrize("seed", range(6))
def test_the_fewest_recordings_are_near_the_least_of_all_ways(seed: int) -> None:
    shift = np.random.default_rng(seed).normal(0.04, 0.2, 11).clip(-0.4, 0.4)
    scores = random_scores(11, seed)
    leader = column([[0.5 + gap for _ in unit] for unit, gap in zip(scores, shift, strict=True)])
    models, cells, names = one_metric(leader, column([[0.5 for _ in unit] for unit in scores]))
    if values(stacked(*(one["nap_acc"] for one in models)))[0].argmax():
        models, cells = models[::-1], cells[::-1]
    found = fewest_units(models, cells, names)
    both = stacked(models[0]["nap_acc"], models[1]["nap_acc"])
    least = 0
    for size in range(1, 6):
        ways = list(combinations(range(11), size))
        left = np.ones((11, len(ways)))
        for number, way in enumerate(ways):
            left[list(way), number] = 0
        mine, theirs = values(both, left).round(3).T
        if (theirs > mine).any():
            least = size
            break
    assert (found.units if found else 0) == least
