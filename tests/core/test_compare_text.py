"""The comparison of two models: the sentence, its counts, and the slope chart."""

from itertools import pairwise

import pytest

from core.benchmark import METRIC_KEYS, METRICS
from core.model.statistics import PairFigures, PairMetric
from core.publish.compare_text import NOT_TESTED, Tally, quoted, sentence, tally
from core.publish.slope_chart import FALLS, RISES, slope_chart, slopes

TEN = dict.fromkeys(METRIC_KEYS, 0.5)
INTERVAL = (0.01, 0.05)


def figures(verdicts: str, untested: int = 0) -> PairFigures:
    """`verdicts` are +, - and = for the first metrics; the last `untested` have no interval."""
    words = {"+": "better", "-": "worse", "=": "open"}
    tested = {
        key: PairMetric(difference=0.03, interval=INTERVAL, p=0.02, verdict=words[sign])
        for key, sign in zip(METRIC_KEYS, verdicts, strict=False)
    }
    rest = METRIC_KEYS[len(METRIC_KEYS) - untested :] if untested else ()
    metrics = {**tested, **{key: PairMetric(reason="Too few recordings.") for key in rest}}
    return PairFigures(a="a", b="b", metrics=metrics)


def test_the_sentence_counts_what_the_test_set_can_tell() -> None:
    found = figures("++++++-===")
    assert tally(TEN, TEN, found) == Tally(better=6, worse=1, open=3, untested=0, missing=0)
    assert sentence("A", "B", TEN, TEN, found) == (
        "A is better than B on 6 metrics, worse on 1; on 3 the difference is not distinguishable "
        "at this test-set size."
    )


def test_metrics_without_an_interval_or_a_score_are_distinguished() -> None:
    found = figures("+-=====", untested=3)
    assert sentence("A", "B", TEN, TEN, found).endswith(
        "at this test-set size; on 3 no interval is known."
    )
    without = {**TEN, "cvs_acc": None}
    assert tally(TEN, without, found) == Tally(better=0, worse=1, open=5, untested=3, missing=1)
    assert sentence("A", "B", TEN, without, found).startswith(
        "A is better than B on no metric, worse on 1; "
    )
    level = sentence("A", "B", TEN, without, figures("=======", untested=3))
    assert level == (
        "A and B are not distinguishable at this test-set size on any of 6 metrics; on 3 no "
        "interval is known; 1 cannot be compared because a score is missing."
    )
    one = sentence("A", "B", TEN, TEN, figures("+---------"))
    assert one == "A is better than B on 1 metric, worse on 9."


def test_before_there_are_figures_only_values_are_counted() -> None:
    higher = {**TEN, "cvs_acc": 0.6, "nap_acc": 0.7, "sa_acc": 0.4}
    expected = f"A scores higher than B on 2 metrics, lower on 1, the same on 7. {NOT_TESTED}"
    assert sentence("A", "B", higher, TEN, None) == expected
    assert sentence("A", "B", higher, TEN, figures("", untested=10)) == expected
    some = sentence("A", "B", higher, {**TEN, "rc_llm": None}, None)
    assert "the same on 6; 1 cannot be compared because a score is missing. " in some
    nothing = dict.fromkeys(METRIC_KEYS)
    assert sentence("A", "B", TEN, nothing, None) == "A and B have no metric in common."


def test_names_are_one_line_and_the_quote_has_its_source() -> None:
    text = sentence("A\n\u202eB  C", "D", TEN, TEN, None)
    assert text.startswith("A B C scores higher than D on no metric, lower on none")
    assert quoted("Said.", "MedVidBench leaderboard, Official", "26 Nov 2026", "https://x/y") == (
        "Said. (MedVidBench leaderboard, Official, 26 Nov 2026, https://x/y)"
    )


def test_slopes_are_shares_of_the_metric_s_range() -> None:
    low, high = {**TEN, "vs_llm": 2.0}, {**TEN, "vs_llm": 4.0, "nap_acc": None}
    rows = slopes([low, high], METRICS)
    (first, last) = [row for row in rows if row["metric"] == "VS_llm"]
    assert (first["share"], last["share"]) == (0.25, 0.75)
    assert (first["model"], last["model"]) == ("A", "B")
    assert (first["way"], last["text"]) == ("rises", "4.000")
    assert {row["metric"] for row in rows} == {m.name for m in METRICS} - {"NAP_acc"}
    assert [row["way"] for row in slopes([high, low], METRICS) if row["metric"] == "VS_llm"] == [
        "falls", "falls",
    ]  # fmt: skip


def test_what_cannot_be_distinguished_is_level_and_looks_small() -> None:
    better = {**TEN, "cvs_acc": 0.51}
    rows = slopes([TEN, better], METRICS, {"cvs_acc"})
    assert {row["way"] for row in rows} == {"level"}
    spec = slope_chart([TEN, better], METRICS)
    assert spec is not None
    low, high = spec["layer"][0]["encoding"]["y"]["scale"]["domain"]
    assert high - low >= 0.3


def test_labels_stand_apart_within_the_chart() -> None:
    values = [{**TEN, "dvc_llm": 3.0, "vs_llm": 3.0, "rc_llm": 3.0}] * 3
    spec = slope_chart(values, METRICS)
    assert spec is not None
    line, label = spec["layer"]
    assert line["encoding"]["color"]["scale"]["range"][:2] == [RISES, FALLS]
    low, high = line["encoding"]["y"]["scale"]["domain"]
    shares = sorted(one["share"] for one in label["data"]["values"])
    assert len(shares) == len(METRICS)
    apart = [y - x for x, y in pairwise(shares)]
    assert min(apart) == pytest.approx(max(apart), abs=1e-3)
    assert min(apart) > 0
    assert high >= shares[-1]
    four = slope_chart([TEN] * 4, METRICS[:3])
    assert four is not None
    assert four["layer"][0]["encoding"]["x"]["sort"] == ["A", "B", "C", "D"]
    assert low < high


def test_no_line_crosses_a_label() -> None:
    ungraded = {**TEN, "dvc_llm": None}
    spec = slope_chart([TEN, TEN, ungraded], METRICS)
    assert spec is not None
    assert {one["model"] for one in spec["layer"][1]["data"]["values"]} == {"C"}


def test_without_two_scores_there_is_no_chart() -> None:
    nothing = dict.fromkeys(METRIC_KEYS)
    assert slope_chart([TEN, nothing], METRICS) is None
    assert slope_chart([nothing, nothing], METRICS) is None
