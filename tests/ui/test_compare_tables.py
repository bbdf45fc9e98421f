"""The table of a pair, and the notes below it."""

from core.model.entries import Entry
from core.model.policy import Policy
from core.model.statistics import PairFigures, PairMetric
from core.ranking.board import rank_board
from core.ui.compare.chosen import Compared
from core.ui.compare.tables import pair_html, pair_notes, values_html
from core.ui.compare.view import uncounted
from tests.core.store_world import entry

KNOWN = PairMetric(difference=0.1, interval=(0.05, 0.15), verdict="better")
WITHOUT = PairMetric(difference=0.1, reason="No interval: by hand.")
FEW = PairMetric(difference=0.1, reason="No interval: few.")


def compared(policy: Policy, *entries: Entry) -> list[Compared]:
    board = rank_board("community", entries, policy)
    return [Compared(x, "community", y) for x, y in zip("AB", board.standings, strict=True)]


def test_a_score_from_too_few_questions_is_never_the_best_and_said_not_to_count() -> None:
    half = {"nap_acc": {"records": 100, "answered": 50, "scored": 50}}
    few = entry("few", 0.5, coverage=half, metrics={**entry("x", 0.5).metrics, "nap_acc": 0.9})
    models = compared(Policy(enforce_min_coverage=True), entry("a", 0.6), few)
    found = values_html(models)
    assert 'b">0.600 (rank 1)' in found
    assert 'b">0.900' not in found
    assert found.count("0.900 (does not count)") == 1
    assert uncounted(models)
    assert not uncounted(compared(Policy(), entry("a", 0.6), few))


def test_metrics_without_an_interval_are_named_once_for_each_reason() -> None:
    found = PairFigures(
        a="a",
        b="b",
        metrics={"rc_llm": WITHOUT, "cvs_acc": KNOWN, "stg_miou": WITHOUT, "sa_acc": FEW},
    )
    assert pair_notes(found) == [
        "SA_acc: No interval: few.",
        "STG_mIoU, RC_llm: No interval: by hand.",
    ]


def test_one_reason_for_all_is_said_elsewhere() -> None:
    assert pair_notes(PairFigures(a="a", b="b", metrics={"rc_llm": FEW, "sa_acc": FEW})) == []


def test_a_p_of_a_hundredth_is_an_upper_bound_since_it_is_rounded_up() -> None:
    a, b = compared(Policy(), entry("a", 0.6), entry("b", 0.5))
    metrics = {
        key: PairMetric(difference=0.1, interval=(0.05, 0.15), p=p, verdict="better")
        for key, p in (("cvs_acc", 0.01), ("nap_acc", 0.02), ("sa_acc", 0.0))
    }
    found = pair_html(a, b, PairFigures(a="a", b="b", metrics=metrics))
    assert (found.count("≤ 0.01"), found.count(">0.02<"), found.count(">0.01<")) == (2, 1, 0)
