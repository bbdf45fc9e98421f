"""The table of a result: shares, parts, missing values."""

from dataclasses import replace

import pytest

from core.benchmark import JUDGE_KEYS, METRIC_KEYS
from core.model.contracts.evaluation import Coverage, Surplus
from core.model.policy import Policy
from core.publish.result import Captions, Result
from core.ranking.what_if import RankOf, RunRanks
from core.ui.job_card import log_text
from core.ui.submit.result import captions_text, metric_table, worse_than_before


def result_row(name: str, value: float | None, coverage: Coverage | None):
    """The row of one metric, by column."""
    key = {"CVS_acc": "cvs_acc", "STG_mIoU": "stg_miou", "DVC_llm": "dvc_llm"}[name]
    rank = RankOf(1, 1)
    result = Result(
        model_name="Model A",
        metrics=dict.fromkeys(METRIC_KEYS) | {key: value},
        strict={},
        coverage={key: coverage} if coverage else {},
        by_dataset={},
        ranks=RunRanks("community", rank, rank),
        published=False,
    )
    table = metric_table(result)
    at = table["Metric"].index(name)
    return {column: cells[at] for column, cells in table.items()}


@pytest.mark.parametrize(
    ("coverage", "share", "note"),
    [
        pytest.param(Coverage(200, 200, 200, 1.0, {}), "100 %", "", id="an older evaluation"),
        pytest.param(Coverage(200, 200, 200, 1.0, {}, 600, 600), "100 %", "", id="all parts"),
        pytest.param(
            Coverage(200, 200, 200, 1.0, {}, 600, 200),
            "33.3 %",
            "components answered: 200 of 600",
            id="one part of three",
        ),
        pytest.param(
            Coverage(200, 200, 150, 0.75, {"empty": 50}, 600, 450),
            "75 %",
            "empty: 50; components answered: 450 of 600",
            id="records left out",
        ),
    ],
)
def test_coverage_is_that_of_the_parts_answered(coverage: Coverage, share: str, note: str) -> None:
    row = result_row("CVS_acc", 0.9, coverage)
    assert (row["Coverage"], row["Note"]) == (share, note)


@pytest.mark.parametrize(
    ("policy", "note"),
    [
        (Policy(), "less than 95 %; empty: 50"),
        (
            Policy(min_coverage=0.9, enforce_min_coverage=True),
            "less than 90 %, so it does not count in the rank; empty: 50",
        ),
    ],
)
def test_a_score_from_too_few_questions_says_whether_it_counts(policy: Policy, note: str) -> None:
    coverage = {"cvs_acc": Coverage(200, 200, 150, 0.75, {"empty": 50})}
    ranks = RunRanks("community", RankOf(1, 1), RankOf(1, 1))
    scores = dict.fromkeys(METRIC_KEYS) | {"cvs_acc": 0.9}
    result = Result(
        "M", scores, {}, coverage, {}, ranks, published=False, low=frozenset({"cvs_acc"}),
        policy=policy,
    )  # fmt: skip
    assert metric_table(result)["Note"][0] == note


def test_a_new_version_is_shown_beside_the_one_before() -> None:
    rank = RankOf(1, 1)
    new = {"stg_miou": 0.4, "cvs_acc": 0.9, "dvc_llm": None}
    old = {"stg_miou": 0.5, "cvs_acc": 0.8, "dvc_llm": 3.0}
    ranks = RunRanks("community", rank, rank)
    result = Result(
        "M", dict.fromkeys(METRIC_KEYS) | new, {}, {}, {}, ranks, published=True, before=old
    )
    shown = metric_table(result)
    table = dict(zip(shown["Metric"], shown["Before"], strict=True))
    assert (table["STG_mIoU"], table["CVS_acc"]) == ("0.500 (-0.100)", "0.800 (+0.100)")
    assert (table["DVC_llm"], table["NAP_acc"]) == ("3.000", "—")
    assert worse_than_before(result) == ["STG_mIoU"]


def test_a_column_without_any_text_is_left_out() -> None:
    rank = RankOf(1, 1)
    ranks = RunRanks("community", rank, rank)
    full = Result("M", dict.fromkeys(METRIC_KEYS, 0.5), {}, {}, {}, ranks, published=True)
    assert not {"Note", "Before"} & metric_table(full).keys()


def test_a_shown_log_has_rules_that_fit_a_phone() -> None:
    log = f"{'=' * 80}\nTAL = 1\n{'=' * 80}"
    assert log_text(log) == f"{'=' * 24}\nTAL = 1\n{'=' * 24}"


def test_a_judged_metric_does_not_say_that_it_is_not_judged() -> None:
    before = Coverage(1479, 1479, 0, None, {"not judged": 1479})
    row = result_row("DVC_llm", 3.1, before)
    assert (row["Score"], row["Note"], row["Coverage"]) == ("3.100", "", "—")


def test_a_metric_without_answers_says_so() -> None:
    assert "no answers" in result_row("STG_mIoU", None, None)["Note"]
    none = Coverage(160, 159, 0, None, {"empty": 1, "unparsed": 159})
    told = result_row("STG_mIoU", None, none)["Note"]
    assert told == "159 answers for STG, none of which could be scored"
    assert result_row("STG_mIoU", 0.5, Coverage(9, 9, 9, 1.0, {}))["Note"] == ""


def test_what_graded_captions_added_is_told_once_they_are_graded_and_held_values_say_why() -> None:
    rank = RankOf(1, 3)
    result = Result(
        model_name="Model A",
        metrics=dict.fromkeys(METRIC_KEYS, 0.5) | dict.fromkeys(JUDGE_KEYS, 3.25),
        strict={},
        coverage={},
        by_dataset={},
        ranks=RunRanks("community", rank, rank),
        published=True,
        held={"stg_miou": Surplus(12, 40)},
    )
    assert captions_text(result) == ""
    for told in (Captions(graded=False, held=False), Captions(graded=True, held=True)):
        assert captions_text(replace(result, captions=told)) == ""
    graded = Captions(graded=True, held=False, without=RankOf(3, 3), with_grades=RankOf(2, 3))
    text = captions_text(replace(result, captions=graded))
    assert "DVC_llm 3.25" in text
    assert text.endswith("with them the entry is **2nd**, 3rd without.")
    table = metric_table(result)
    note = table["Note"][table["Metric"].index("STG_mIoU")]
    assert "12 answers" in note
