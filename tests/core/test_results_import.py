"""Results files chosen by an admin: both formats, missing metrics, hostile files."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.benchmark import METRIC_BY_KEY, METRIC_KEYS
from core.errors import RefusedError
from core.usecases.results_import import FIELD, MAX_BYTES, read

VALUES = {
    "cvs_acc": 0.9, "nap_acc": 0.4731, "sa_acc": 0.3, "stg_miou": 0.2, "tag_miou_03": 0.5,
    "tag_miou_05": 0.4, "dvc_f1": 0.45, "dvc_llm": 3.95, "vs_llm": 4.2, "rc_llm": 3.8,
}  # fmt: skip
OLDER: dict[str, Any] = {
    "tal": {"overall": {"meanIoU@0.3": 0.5, "meanIoU@0.5": 0.4, "count": 12}},
    "stg": {"overall": {"mean_iou": 0.2}, "AVOS": {"mean_iou": 0.9}},
    "next_action": {"overall": {"accuracy": 0.4731}},
    "dvc": {"overall": {"caption_score": 3.95, "temporal_f1": 0.45}},
    "vs": {"overall": {"score": 4.2}},
    "rc": {"overall": {"average_score": 3.8}},
    "skill_assessment": {"overall": {"aspect_balanced_accuracy": 0.3}},
    "cvs_assessment": {"overall": {"component_balanced_accuracy": 0.9}},
}


def older(results: dict[str, Any], **more: Any) -> bytes:
    return json.dumps({"model_name": "A", "aggregated_results": results, **more}).encode()


def problem(data: bytes) -> str:
    with pytest.raises(RefusedError) as refused:
        read(data)
    assert list(refused.value.problems) == [FIELD]
    return refused.value.problems[FIELD]


@pytest.mark.parametrize("case", [str.lower, str.upper, str.title], ids=["lower", "upper", "title"])
def test_the_older_file_gives_all_ten_metrics(case: Any) -> None:
    found = read(older({case(k): v for k, v in OLDER.items()}))
    assert found.metrics == {**VALUES, "nap_acc": 0.473}
    assert (found.model_name, found.missing) == ("A", ())


@pytest.mark.parametrize("task", ["vs", "rc"])
@pytest.mark.parametrize("name", ["score", "average_score", "caption_score"])
def test_caption_scores_have_three_names(task: str, name: str) -> None:
    found = read(older({**OLDER, task: {"overall": {name: 2.5}}}))
    assert found.metrics[f"{task}_llm"] == 2.5


def test_missing_metrics_are_listed_and_zero_means_not_judged() -> None:
    found = read(older({"DVC": {"overall": {"caption_score": 0.0, "temporal_f1": 0.1}}}))
    assert {k: v for k, v in found.metrics.items() if v is not None} == {"dvc_f1": 0.1}
    assert found.missing == tuple(METRIC_BY_KEY[k].name for k in METRIC_KEYS if k != "dvc_f1")
    assert found.notes == ("DVC_llm is 0 in the file: not judged.",)


def test_the_commands_own_file_is_read_with_its_versions() -> None:
    record = {"metrics": {**VALUES, "rc_llm": None}, "scorer_version": "1.0.0",
              "ground_truth_sha256": "a" * 64}  # fmt: skip
    found = read(json.dumps(record).encode("utf-8-sig"))
    assert found.metrics["rc_llm"] is None
    assert found.missing == ("RC_llm",)
    assert (found.scorer_version, found.ground_truth_sha256) == ("1.0.0", "a" * 64)
    found = read(json.dumps({**record, "ground_truth_sha256": "<script>"}).encode())
    assert found.ground_truth_sha256 is None


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (1.2, "CVS_acc: expected 0 to 1, got 1.2"),
        (-0.1, "expected 0 to 1"),
        ("0.5", "expected a number"),
        (True, "expected a number"),
        ([0.5], "expected a number"),
        (10**400, "CVS_acc: expected 0 to 1"),
    ],
)
def test_values_out_of_range_are_refused(value: Any, said: str) -> None:
    assert said in problem(json.dumps({"metrics": {**VALUES, "cvs_acc": value}}).encode())


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"[" * 100_000, "nested too deeply"),
        (b'{"metrics":' * 100_000, "nested too deeply"),
        (b" " * (MAX_BYTES + 1), "less than 20 MB"),
        (b'{"metrics": {"cvs_acc": NaN}}', "has NaN"),
        (b'{"metrics": {"cvs_acc": -Infinity}}', "has -Infinity"),
        (b'{"metrics": {"cvs_acc": 1e999}}', "expected 0 to 1"),
        (b'{"metrics": {"cvs_acc": ' + b"9" * 5000 + b"}}", "number too long"),
        (b'{"metrics": {"cvs_acc": 0.1, "cvs_acc": 0.9}}', "twice"),
        (b'{"metrics": {"accuracy": 0.1}}', "not a metric"),
        (b"\xff\xfe", "not UTF-8"),
        (b'{"metrics": {', "not JSON"),
        (b"[]", "got list"),
        (b"{}", "aggregated_results"),
        (older({"vs": {"overall": {"score": 3}}, "VS": {"overall": {"score": 4}}}), "twice"),
    ],
    ids=lambda value: value[:24] if isinstance(value, str) else "",
)
def test_hostile_and_foreign_files_are_refused_in_words(data: bytes, said: str) -> None:
    assert said in problem(data)


ODD = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*OLDER, *VALUES, "overall", "score"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from(["metrics", "aggregated_results", "model_name"]), ODD))
def test_any_json_is_read_or_refused(record: dict[str, Any]) -> None:
    try:
        found = read(json.dumps(record).encode())
    except RefusedError:
        return
    for key, value in found.metrics.items():
        metric = METRIC_BY_KEY[key]
        assert value is None or metric.low <= value <= metric.high


def test_odd_parts_of_an_older_file_are_passed_over() -> None:
    found = read(older({"tal": 1, "unknown": {"overall": {}}, "stg": {"overall": None}}))
    assert len(found.missing) == 10
