"""The truth's real variety is read; what is malformed is named by index, never quoted."""

import gzip
import json

import pytest
from scoring_data import raw_record, record

from core.errors import GroundTruthError
from evaluation import scoring, truth
from evaluation.tasks import registry

SECRET = "CANARYWORD"


@pytest.mark.parametrize("fps", ["2.0", 2, 2.0], ids=["text", "whole", "number"])
def test_fps_forms(fps):
    assert record("tal", metadata={"fps": fps, "extra": {}}).fps == 2


def test_fps_falls_back_to_the_id():
    assert record("tal", metadata={}, id="v&&1&&2&&0.5").fps == 0.5


@pytest.mark.parametrize("fps", ["", "fast", "0", "-1", "nan", "inf", 0, 1e300])
def test_unusable_fps(fps):
    with pytest.raises(GroundTruthError, match=r"metadata\.fps"):
        _ = record("tal", metadata={"fps": fps}, id="opaque").fps


def test_names_of_the_dataset_and_the_video():
    assert record("tal", dataset=None, dataset_name="NurViD").dataset == "NurViD"
    assert record("tal", metadata={"video_id": 7}).video == "7"
    assert record("tal", metadata={}, id="video1&&0&&1&&1").video == "video1"
    assert record("tal", metadata={}, id="1.0$014014_part0$184$324").video.startswith("1.0$")


def test_speakers_and_the_video_mark():
    turns = [{"from": "user", "value": "<video>\nWhat?"}, {"from": "assistant", "value": "a"}]
    one = record("tal", conversations=turns)
    assert (one.question, one.answer) == ("What?", "a")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param("[{", "not JSON", id="cut off"),
        pytest.param(f'"{SECRET}"', "Expected `array`", id="text"),
        pytest.param(f'[{{"id": "{SECRET}"}}]', r"qa_type` - at `\$\[0\]`", id="no qa_type"),
        pytest.param(f'[{{"id": 5, "qa_type": "{SECRET}"}}]', r"\$\[0\]\.id", id="id"),
        pytest.param(f'[{{"id": "a", "qa_type": "{SECRET}"}}]', "record 0", id="unknown task"),
        pytest.param("[" * 100_000, "no array of records", id="nesting"),
        pytest.param(f'["{SECRET}"]', r"Expected `object`.*\$\[0\]", id="no object"),
    ],
)
def test_malformed_files(content, message):
    with pytest.raises(GroundTruthError, match=message) as caught:
        truth.decode(content.encode())
    assert SECRET not in str(caught.value)


def test_messages_that_could_quote_the_file_are_replaced():
    assert SECRET not in truth.safe_reason(ValueError(f"Invalid value '{SECRET}'"))


def test_files(tmp_path):
    content = json.dumps([raw_record("tal")]).encode()
    packed = tmp_path / "truth.json.gz"
    packed.write_bytes(gzip.compress(content))
    assert len(truth.load(packed)) == 1
    packed.write_bytes(gzip.compress(content)[:-9])
    with pytest.raises(GroundTruthError, match="gzip"):
        truth.load(packed)
    with pytest.raises(GroundTruthError, match="No such file"):
        truth.load(tmp_path / "none.json")


@pytest.mark.parametrize(
    ("qa_type", "struc_info"),
    [
        ("tal", [{"spans": [{"start": SECRET, "end": 1}]}]),
        ("stg", [{"bbox_dict": {SECRET: [1, 2, 3, 4]}}]),
        ("stg", [{"bbox_dict": {"1": SECRET}}]),
        ("dc", [{"dc_segments": SECRET}]),
        ("skill_assessment", [{"skill_scores": {SECRET: SECRET}}]),
        ("cvs_assessment", [{"cvs_scores": {"cystic_plate": SECRET}}]),
        ("cvs_assessment", SECRET),
    ],
)
def test_malformed_records_fail_their_task_alone(qa_type, struc_info):
    records = [
        record("next_action", answer="cutting"),
        record(qa_type, struc_info, answer=SECRET),
    ]
    result = scoring.score(records, ["cutting", "1-2"], tuple(registry.TASKS))
    (reason,) = result.failures.values()
    assert reason.startswith("GroundTruthError at record 1: struc_info")
    assert SECRET not in reason
    assert result.metrics["nap_acc"] == 1


def test_a_task_without_records_in_the_file_has_no_metric():
    records = [record("tal", [{"spans": [{"start": 0, "end": 9}]}])] * 2
    records.append(record("next_action", answer="cutting"))
    result = scoring.score(records, ["0-9", None, None], ["tal", "next_action"])
    assert result.metrics["tag_miou_03"] == 0.5  # the missing answer counts as empty
    assert result.metrics["nap_acc"] != result.metrics["nap_acc"]
    assert result.coverage["nap_acc"].unscored == {"no_record_in_file": 1}
    assert result.coverage["nap_acc"].coverage is None
    assert result.coverage["tag_miou_03"].answered == 1
