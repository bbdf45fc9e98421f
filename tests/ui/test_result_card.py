"""The table of a result: shares, parts, what is missing."""

import pytest

from core.benchmark import METRIC_KEYS
from core.model.contracts.evaluation import Coverage
from core.ranking.what_if import RankOf, RunRanks
from core.ui.submit.result import metric_table
from core.usecases.job_view import Result


def result_row(name: str, value: float | None, coverage: Coverage | None):
    """The row of one metric, by column."""
    key = {"CVS_acc": "cvs_acc", "STG_mIoU": "stg_miou"}[name]
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
    return table[table["Metric"] == name].iloc[0].to_dict()


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
            "empty: 50, components answered: 450 of 600",
            id="records left out",
        ),
    ],
)
def test_coverage_is_that_of_the_parts_answered(coverage: Coverage, share: str, note: str) -> None:
    row = result_row("CVS_acc", 0.9, coverage)
    assert (row["Coverage"], row["Note"]) == (share, note)


def test_a_metric_without_answers_says_so() -> None:
    assert "no answers" in result_row("STG_mIoU", None, None)["Note"]
    none = Coverage(160, 159, 0, None, {"empty": 1, "unparsed": 159})
    told = result_row("STG_mIoU", None, none)["Note"]
    assert told == "159 answers for STG, of which none could be scored"
    assert result_row("STG_mIoU", 0.5, Coverage(9, 9, 9, 1.0, {}))["Note"] == ""
