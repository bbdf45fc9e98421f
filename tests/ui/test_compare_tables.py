"""Notes below the table of a pair."""

from core.model.statistics import PairFigures, PairMetric
from core.ui.compare.tables import pair_notes

KNOWN = PairMetric(difference=0.1, interval=(0.05, 0.15), verdict="better")
WITHOUT = PairMetric(difference=0.1, reason="No interval: by hand.")
FEW = PairMetric(difference=0.1, reason="No interval: few.")


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
