"""All variants of the truth are read; malformed records are named by index, never quoted."""

import gzip
import json
import zipfile

import msgspec
import pytest

from core.errors import GroundTruthError
from evaluation import scoring, truth
from evaluation.tasks import registry
from tests.evaluation.scoring_data import raw_record, record

SECRET = "CANARYWORD"


@pytest.mark.parametrize("fps", ["2.0", 2, 2.0, " 2 ", "2e0"])
def test_fps_forms(fps):
    assert record("tal", metadata={"fps": fps, "extra": {}}).fps == 2


@pytest.mark.parametrize("metadata", [{}, {"fps": ""}, {"fps": None}])
def test_missing_fps_is_1_regardless_of_the_id(metadata):
    assert record("tal", metadata=metadata, id="v&&1&&2&&0.5").fps == 1


@pytest.mark.parametrize("fps", [" ", "fast", "0", "-1", "nan", "inf", 0, 1e300])
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


def test_of_several_turns_the_last_question_and_the_last_answer_count():
    said = [("human", "<video>\nWhat?"), ("gpt", "a"), ("user", "And then?"), ("gpt", "b")]
    one = record("tal", conversations=[{"from": who, "value": text} for who, text in said])
    assert (one.question, one.answer) == ("And then?", "b")
    assert record("tal", conversations=[]).answer == ""


@pytest.mark.parametrize("name", [None, "", "Unknown"])
def test_a_dataset_that_is_not_named(name):
    assert record("tal", dataset=name, dataset_name="NurViD").dataset == "NurViD"
    assert record("tal", dataset=name, dataset_name=name).dataset == "unknown"
    raws = [raw_record("cvs_assessment"), raw_record("next_action", dataset=name, answer=SECRET)]
    with pytest.raises(GroundTruthError, match="record 1: data_source") as caught:
        truth.decode(json.dumps(raws).encode())
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param("[{", r"not JSON \(Input data was truncated\)", id="cut off"),
        pytest.param(f"{SECRET}", r"not JSON \(invalid character \(byte 0\)\)", id="no JSON"),
        pytest.param(
            '[{"id": "a", "qa_type": "tal"},]', "trailing comma in array .byte", id="comma"
        ),
        pytest.param("version https://git-lfs.github.com/", "is a Git LFS pointer", id="pointer"),
        pytest.param(f'"{SECRET}"', "Expected `array`", id="text"),
        pytest.param(f'[{{"id": "{SECRET}"}}]', r"qa_type` - at `\$\[0\]`", id="no qa_type"),
        pytest.param(f'[{{"id": 5, "qa_type": "{SECRET}"}}]', r"\$\[0\]\.id", id="id"),
        pytest.param(f'[{{"id": "a", "qa_type": "{SECRET}"}}]', "record 0", id="unknown task"),
        pytest.param("[" * 100_000, "not an array of records", id="nesting"),
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
    content = json.dumps([raw_record("tal", answer="1-2 seconds.")]).encode()
    packed = tmp_path / "truth.json.gz"
    packed.write_bytes(gzip.compress(content))
    records = truth.load(packed)
    assert len(records) == 1
    # Known by its content, not by its name.
    packed.write_bytes(b"\n".join(map(msgspec.json.encode, json.loads(content))))
    assert truth.load(packed) == records
    archive = packed.with_suffix(".zip")
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("truth.jsonl", packed.read_bytes())
    assert truth.load(archive) == records
    archive.write_bytes(archive.read_bytes()[:-9])
    with pytest.raises(GroundTruthError, match="zip archive that cannot be unpacked"):
        truth.load(archive)
    packed.write_bytes(gzip.compress(content)[:-9])
    with pytest.raises(GroundTruthError, match="gzip"):
        truth.load(packed)
    with pytest.raises(GroundTruthError, match="No such file"):
        truth.load(tmp_path / "none.json")


def test_a_file_without_records_is_not_blamed_on_the_upload(tmp_path):
    path = tmp_path / "truth.json"
    path.write_text("[]")
    with pytest.raises(GroundTruthError, match="the ground truth has no records"):
        truth.load(path)


def test_references_of_which_none_would_be_read_are_refused(tmp_path):
    def refused(words, *records):
        path = tmp_path / "truth.json"
        path.write_text(json.dumps(records))
        with pytest.raises(GroundTruthError, match=words) as caught:
            truth.load(path)
        assert SECRET not in str(caught.value)

    good = raw_record("next_action", answer=SECRET)
    turns = [{"role": turn["from"], "content": turn["value"]} for turn in good["conversations"]]
    refused("nobody asks or answers.*“role” and “content”", good | {"conversations": turns})
    turns = [{"from": "model", "value": SECRET}]
    refused("nobody asks or answers", good | {"conversations": turns})
    encoded = [good | {"struc_info": json.dumps([{"next_action": SECRET}])}, good]
    refused("each struc_info as JSON inside a text.*json.loads", *encoded)
    mixed = tmp_path / "mixed.json"
    mixed.write_text(json.dumps([encoded[0], good | {"struc_info": [], "conversations": turns}]))
    assert len(truth.load(mixed)) == 2


@pytest.mark.parametrize(
    ("qa_type", "broken", "whole"),
    [
        ("tal", [{"spans": [{"start": SECRET, "end": 1}]}], [{"spans": [{"start": 1, "end": 2}]}]),
        ("tal", [{"spans": [{"start": 1, "end": 1e308}]}], [{"spans": [{"start": 1, "end": 2}]}]),
        ("stg", [{"bbox_dict": {SECRET: [1, 2, 3, 4]}}], [{"bbox_dict": {"1": [1, 2, 3, 4]}}]),
        ("stg", [{"bbox_dict": {"1": SECRET}}], [{"bbox_dict": {"1": [1, 2, 3, 4]}}]),
        ("stg", [{"object": SECRET}], [{"bbox_dict": {"1": [1, 2, 3, 4]}}]),
        ("dc", [{"dc_segments": SECRET}], [{"start": 1, "end": 2, "caption": "x"}]),
        (
            "dc",
            [{"start": 1, "end": 1e308, "caption": ""}],
            [{"start": 1, "end": 2, "caption": ""}],
        ),
        ("skill_assessment", [{"skill_scores": {SECRET: SECRET}}], []),
        ("cvs_assessment", [{"cvs_scores": {"cystic_plate": SECRET}}], []),
        ("cvs_assessment", SECRET, []),
    ],
)
def test_a_reference_that_cannot_be_read_is_unscored_and_stops_nothing(qa_type, broken, whole):
    answer = "a: 1/5, two structures: 1, cystic plate: 1, hepatocystic triangle: 1"
    text = f"1-2 seconds: x, 1 seconds: [1, 2, 3, 4], {answer}"
    records = [record(qa_type, broken, SECRET), record(qa_type, whole, answer)]
    result = scoring.score(records, [text, text], tuple(registry.TASKS))
    assert result.failures == {}
    ((task, samples),) = result.samples.items()
    assert samples[0].reason == "unreadable_reference"
    for key in registry.TASKS[task].metrics:
        assert result.metrics[key] == pytest.approx(1)
        assert result.strict[key] == pytest.approx(0.5)
        assert result.coverage[key].unscored == {"unreadable_reference": 1}


def test_a_frame_rate_that_cannot_be_read_leaves_its_record_unscored():
    spans = [{"spans": [{"start": 0, "end": 9}]}]
    records = [record("tal", spans, metadata={"fps": SECRET}), record("tal", spans)]
    result = scoring.score(records, ["0-9", "0-9"], ["tal"])
    assert result.coverage["tag_miou_03"].unscored == {"unreadable_reference": 1}
    assert (result.metrics["tag_miou_03"], result.failures) == (1, {})


@pytest.mark.parametrize("task", registry.TASKS)
def test_a_task_whose_answers_are_all_unreadable_scores_0(task):
    qa_type = "dc" if task == "dvc" else task
    result = scoring.score([record(qa_type, [])], ["no such thing"], [task])
    for key in registry.TASKS[task].metrics:
        assert result.metrics[key] == 0
        assert result.coverage[key].records == 1
    if task != "tal":  # every record of it counts
        assert result.coverage[key].coverage == 0


def test_a_task_without_records_in_the_file_has_no_metric():
    records = [record("tal", [{"spans": [{"start": 0, "end": 9}]}])] * 2
    records.append(record("next_action", answer="cutting"))
    result = scoring.score(records, ["0-9", None, None], ["tal", "next_action"])
    assert result.metrics["tag_miou_03"] == 0.5  # the missing answer counts as empty
    assert result.metrics["nap_acc"] != result.metrics["nap_acc"]
    assert result.coverage["nap_acc"].unscored == {"no_record_in_file": 1}
    assert result.coverage["nap_acc"].coverage is None
    assert result.coverage["tag_miou_03"].answered == 1
