"""What would raise a score most: bounds, order, and silence if nothing is missing."""

import pytest

from core.benchmark import METRIC_KEYS
from core.model.contracts.evaluation import Coverage
from core.publish.what_helps import MOST, what_helps

NONE = dict.fromkeys(METRIC_KEYS)


def full(records: int) -> Coverage:
    return Coverage(records, records, records, 1.0, {})


def test_the_gain_is_at_most_what_the_unread_answers_can_add() -> None:
    (one,) = what_helps({**NONE, "stg_miou": 0.5}, {"stg_miou": full(780)}, {"stg": 121})
    assert one.text == "121 STG answers empty or unreadable: up to +0.16 STG_mIoU."
    assert one.gain == pytest.approx(121 / 780)
    (near,) = what_helps({**NONE, "stg_miou": 0.95}, {"stg_miou": full(780)}, {"stg": 121})
    assert near.gain == pytest.approx(0.05)  # no score is above 1


def test_the_largest_gain_comes_first_and_a_task_is_reported_once() -> None:
    metrics = {**NONE, "stg_miou": 0.2, "tag_miou_03": 0.3, "tag_miou_05": 0.2, "nap_acc": 0.3}
    coverage = {key: full(100) for key, value in metrics.items() if value is not None}
    unread = {"stg": 5, "tal": 20, "next_action": 1}
    found = what_helps(metrics, coverage, unread)
    assert [one.gain for one in found] == sorted((one.gain for one in found), reverse=True)
    assert [one.text.split(" answer")[0] for one in found] == ["20 TAL", "5 STG", "1 NAP"]
    assert len(found) <= MOST


def test_nothing_is_said_where_nothing_is_missing() -> None:
    assert what_helps({**NONE, "stg_miou": 0.5}, {"stg_miou": full(780)}, {}) == []
    assert what_helps(NONE, {}, {"stg": 3}) == []


def test_what_is_left_out_of_a_score_promises_no_gain() -> None:
    left = Coverage(100, 90, 80, 0.8, {"empty": 10, "unparsed": 10})
    (one,) = what_helps({**NONE, "dvc_f1": 0.5}, {"dvc_f1": left}, {"dvc": 20})
    assert (one.gain, "lower its coverage" in one.text) == (0.0, True)
    others = {**NONE, "dvc_f1": 0.5, "stg_miou": 0.2}
    coverage = {"dvc_f1": left, "stg_miou": full(100)}
    first, _other = what_helps(others, coverage, {"stg": 50}, ["dvc_f1"])
    assert first.text == (
        "20 DVC answers empty or unreadable, not counted in DVC_F1; they lower its coverage, so "
        "DVC_F1 does not count."
    )
    means = what_helps(others, {"stg_miou": full(100)}, {"stg": 50}, ["stg_miou"])
    assert [one.text for one in means] == [
        "50 STG answers empty or unreadable: up to +0.50 STG_mIoU."
    ]
    none = Coverage(100, 90, 0, None, {"unparsed": 100})
    (empty,) = what_helps(NONE, {"stg_miou": none}, {"stg": 100})
    assert "ranks last" in empty.text
