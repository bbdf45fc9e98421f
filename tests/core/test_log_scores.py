"""The log of a run without a result has no scores either."""

import pytest

from core import metric_log
from core.benchmark import METRIC_KEYS
from core.runs.log_scores import LEFT_OUT, without_scores

SCORES = dict.fromkeys(METRIC_KEYS, 0.7531) | dict.fromkeys(("dvc_llm", "vs_llm", "rc_llm"), 3.7531)
BLOCK = (
    "Coverage (strict: unscored samples count as 0)\n"
    "  metric  records  answered  scored  strict  unscored\n"
    "  STG_mIoU  780  780  770  0.7531  unparsed 10\n\n" + metric_log.write(SCORES)
).splitlines()
BEFORE = ["Attempt 1, 2026-01-02", "[progress] 0.50 stg", "40 predictions for 40 questions, …"]
AFTER = ["Cancelled: Cancelled."]


def test_what_tells_no_score_stays() -> None:
    log = "\n".join([*BEFORE, *BLOCK, *AFTER, *BEFORE, *BLOCK, *AFTER])
    once = [*BEFORE, LEFT_OUT, *AFTER]
    assert without_scores(log).splitlines() == [*once, *once]
    assert without_scores("\n".join(BEFORE + AFTER)).splitlines() == BEFORE + AFTER
    assert without_scores("") == ""


@pytest.mark.parametrize("cut", range(len(BLOCK)))
def test_no_piece_of_it_shows_wherever_the_log_begins_or_ends(cut: int) -> None:
    for log in ([*BLOCK[cut:], *AFTER], [*BEFORE, *BLOCK[:cut]]):
        assert ".7531" not in without_scores("\n".join(log))
    assert without_scores("\n".join([*BLOCK[cut:], *AFTER])).endswith(AFTER[0])
