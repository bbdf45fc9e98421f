"""A result is published only if it is in range, matches its log, and is of these files."""

import json
from typing import Any

import pytest

from core.benchmark import JUDGE_KEYS, METRIC_KEYS, SCORED_KEYS
from core.errors import JobError
from core.model.entries import Submission
from core.runs.evaluation.outcome import check, entry, read

METRICS: dict[str, float | None] = dict.fromkeys(METRIC_KEYS, 0.12345678) | dict.fromkeys(
    JUDGE_KEYS
)
LOGGED = {key: 0.1235 for key in METRIC_KEYS if key not in JUDGE_KEYS}
BASE: dict[str, Any] = {
    "metrics": METRICS,
    "strict": {"nap_acc": 0.1},
    "coverage": {
        "nap_acc": {"records": 3, "answered": 3, "scored": 3, "coverage": 1.0, "unscored": {}}
    },
    "by_dataset": {"nap_acc": {"AVOS": {"value": 0.5, "n": 3, "records": 3}}},
    "scorer_version": "1",
    "ground_truth_sha256": "t",
    "predictions_sha256": "p",
}


def refused(changes: dict[str, Any], logged: dict[str, float] = LOGGED) -> str:
    with pytest.raises(JobError) as caught:
        check(
            read(json.dumps(BASE | changes).encode()),
            logged,
            truth_sha256="t",
            predictions_sha256="p",
        )
    return str(caught.value)


def test_a_sound_result_passes() -> None:
    check(read(json.dumps(BASE).encode()), LOGGED, truth_sha256="t", predictions_sha256="p")


def test_a_submission_of_captions_alone_passes() -> None:
    found = read(json.dumps(BASE | {"metrics": dict.fromkeys(METRIC_KEYS)}).encode())
    check(found, {}, truth_sha256="t", predictions_sha256="p")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"metrics": METRICS | {"nap_acc": 1.01}}, "NAP_acc outside its range of 0 to 1"),
        ({"metrics": METRICS | {"nap_acc": -0.1}}, "NAP_acc outside its range"),
        ({"metrics": METRICS | {"vs_llm": 3.0}}, "VS_llm, which only the judge may set"),
        ({"metrics": {"nap_acc": 0.5}}, "metrics of the benchmark"),
        ({"metrics": METRICS | {"nap_acc": 0.2}}, "do not agree on NAP_acc"),
        ({"metrics": METRICS | {"nap_acc": None}}, "do not agree on whether NAP_acc"),
        ({"coverage": {"nap_acc": {"records": "3"}}}, "unreadable"),
        ({"strict": {"nap_acc": 7}}, "NAP_acc outside its range"),
        ({"strict": {"other": 0.5}}, "unknown metric"),
        ({"ground_truth_sha256": "x"}, "ground truth was replaced"),
        ({"predictions_sha256": "x"}, "not the one that was submitted"),
    ],
)
def test_anything_else_is_refused(changes: dict[str, Any], told: str) -> None:
    assert told in refused(changes)


def test_a_metric_missing_from_the_log_is_refused() -> None:
    logged = {key: value for key, value in LOGGED.items() if key != "sa_acc"}
    assert "SA_acc" in refused({}, logged)


@pytest.mark.parametrize(
    "data",
    [b"", b"[]", b'{"metrics": {"nap_acc": NaN}}', b'{"metrics": 1}', b'{"metrics": {}'],
)
def test_a_result_that_cannot_be_read(data: bytes) -> None:
    with pytest.raises(JobError, match="unreadable"):
        read(data)


def test_the_row_has_three_decimals_and_no_contact() -> None:
    submission = Submission(
        submission_id="s" * 22,
        model_name="Model",
        organization="Lab",
        created="2026-01-01T00:00:00.000Z",
        key_hash="k",
        predictions_sha256="unpacked",
        records=3,
        contact_ref="ref",
        model_url="https://example.org",
    )
    row = entry(submission, read(json.dumps(BASE).encode()), "2026-01-02")
    assert row.metrics["nap_acc"] == 0.123
    assert row.metrics["vs_llm"] is None
    assert row.predictions_sha256 == "unpacked"
    assert row.strict == dict.fromkeys(SCORED_KEYS) | {"nap_acc": 0.1}
    assert (row.date, row.contact, row.model_url) == ("2026-01-02", None, "https://example.org")
