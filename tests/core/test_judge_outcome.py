"""A judge's result is published only if it is complete and valid."""

from typing import Any

import msgspec
import pytest

from core import settings
from core.benchmark import JUDGE_KEYS
from core.errors import JobError
from core.model.contracts.judge import JudgeResult
from core.runs.judging import outcome as judge_outcome

TRUTH, UPLOAD = "1" * 64, "2" * 64
SOUND: dict[str, Any] = {
    "complete": True,
    "state": "complete: 3 of 3 scored",
    "metrics": {"dvc_llm": 2.12345, "vs_llm": 3.0, "rc_llm": None},
    "aspects": {"dvc_llm": {"R2": 2.5}, "vs_llm": {"R2": 3.0}},
    "share": {"dvc_llm": 0.98, "vs_llm": 1.0},
    "calls": 5,
    "cost_usd": 0.5,
    "model": "asked-for",
    "models_named": ["judge-2026-01"],
    "rubric_version": "1",
    "prompt_hash": {"dvc": "a"},
    "date": "2026-02-03",
    "predictions_sha256": UPLOAD,
    "ground_truth_sha256": TRUTH,
}


def outcome(**changes: Any) -> JudgeResult:
    return judge_outcome.read(msgspec.json.encode(SOUND | changes))


def check(found: JudgeResult, least_share: float = 0.98) -> None:
    judge_outcome.check(
        found, truth_sha256=TRUTH, predictions_sha256=UPLOAD, least_share=least_share
    )


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"complete": False}, "is not complete"),
        ({"metrics": {"vs_llm": 3.0}}, "does not have the caption metrics"),
        ({"metrics": SOUND["metrics"] | {"vs_llm": 5.1}}, "VS_llm outside its range"),
        ({"metrics": dict.fromkeys(JUDGE_KEYS)}, "has no metric"),
        ({"aspects": {"vs_llm": {"R2": 0.0}}}, "VS_llm R2 outside its range"),
        ({"share": {"dvc_llm": 0.9799, "vs_llm": 1.0}}, "98.0% are needed"),
        ({"share": {"vs_llm": 1.0}}, "DVC_llm from 0.0%"),
        ({"models_named": [" "]}, "does not have the judge's model"),
        ({"ground_truth_sha256": "9" * 64}, "ground truth was replaced"),
        ({"predictions_sha256": "9" * 64}, "not the one that was submitted"),
    ],
)
def test_what_is_not_whole_and_earned_is_refused(changes: dict[str, Any], told: str) -> None:
    check(outcome())
    with pytest.raises(JobError, match=told):
        check(outcome(**changes))


def test_a_result_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(JobError, match="unreadable"):
        judge_outcome.read(b'{"complete": true}')


def test_the_share_that_is_needed_is_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MEDVIDBENCH_JUDGE_MIN_SHARE", raising=False)
    assert settings.load().judge_min_share == 0.98
    monkeypatch.setenv("MEDVIDBENCH_JUDGE_MIN_SHARE", "0.5")
    found = settings.load()
    assert found.judge_environment["MEDVIDBENCH_JUDGE_MIN_SHARE"] == "0.5"  # the judge's as well
    check(outcome(share={"dvc_llm": 0.6, "vs_llm": 0.5}), found.judge_min_share)


def test_the_entry_keeps_the_model_as_named_share_calls_and_cost() -> None:
    kept = judge_outcome.judgement(
        outcome(flagged={"7": ["names scores"]}), "run-1", calls=9, cost_usd=0.75
    )
    assert (kept.model, kept.rubric_version, kept.date) == ("judge-2026-01", "1", "2026-02-03")
    assert (kept.share, kept.calls, kept.cost_usd) == (SOUND["share"], 9, 0.75)
    assert (kept.metrics["dvc_llm"], kept.flagged) == (2.123, 1)
    assert kept.flagged_records == {"7": ("names scores",)}
