"""Reading predictions: both forms, packed or not, with the same result on both paths."""

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.benchmark import QA_TYPE_RECORDS
from core.errors import PredictionsError
from evaluation.upload.reader import decode, load
from evaluation.upload.record_faults import read_slowly
from evaluation.upload.records import Prediction

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)
RECORD = st.fixed_dictionaries(
    {"id": TEXT, "qa_type": st.sampled_from(list(QA_TYPE_RECORDS)), "prediction": TEXT}
)
BOUND = st.none() | TEXT | st.integers(-(2**70), 2**70) | st.floats(-1e9, 1e9)


def record(**changes: object) -> dict[str, object]:
    return {"id": "v&&1&&9&&1.0", "qa_type": "tal", "prediction": "1-2 seconds."} | changes


def inference(metadata: dict[str, object], **changes: object) -> dict[str, object]:
    return {"metadata": metadata, "qa_type": "tal", "answer": "1-2 seconds."} | changes


def dump(value: object) -> bytes:
    return json.dumps(value).encode()


def test_prediction_only() -> None:
    (found,) = decode(dump([record(extra={"deep": [1, {"a": None}]})]), "p.json")
    assert found == Prediction(id="v&&1&&9&&1.0", qa_type="tal", text="1-2 seconds.")


def test_the_values_of_an_object_count_in_order() -> None:
    data = dump({"9": record(id="b"), "1": record(id="a"), "5": record(id="c")})
    assert [found.id for found in decode(data, "p.json")] == ["b", "a", "c"]


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [
        (
            {"video_id": "v", "input_video_start_frame": "3", "input_video_end_frame": "9",
             "fps": "1.0"},
            "v&&3&&9&&1.0",
        ),
        (
            {"video_id": "v", "input_video_start_frame": 3, "input_video_end_frame": 9, "fps": 1.0},
            "v&&3&&9&&1.0",
        ),
        ({"video_id": "v", "start_frame": 0, "end_frame": "7", "fps": 30}, "v&&0&&7&&30"),
        ({"video_id": "v", "fps": "1.0"}, "v&&&&&&1.0"),
        ({"video_id": "v", "input_video_start_frame": "", "start_frame": 4}, "v&&4&&&&"),
        ({"video_id": "v", "input_video_start_frame": None, "fps": None}, "v&&&&&&"),
        (
            {"video_id": "v", "input_video_start_frame": 0, "start_frame": 4, "fps": 0.5},
            "v&&0&&&&0.5",
        ),
        ({"video_id": "v", "input_video_start_time": 2, "fps": "1.0"}, "v&&&&&&1.0"),
    ],
)  # fmt: skip
def test_the_id_of_inference_output_is_made_from_its_metadata(
    metadata: dict[str, object], expected: str
) -> None:
    data = dump([inference(metadata, question="When?")])
    (found,) = decode(data, "p.json")
    assert found == Prediction(id=expected, qa_type="tal", text="1-2 seconds.", question="When?")
    assert read_slowly(data, "p.json") == [found]


def test_the_form_is_reported_record_by_record() -> None:
    both = record() | {"answer": "never read", "metadata": {"video_id": "other"}}
    data = dump([both, inference({"video_id": "v", "fps": "2.0"})])
    assert [(found.id, found.text) for found in decode(data, "p.json")] == [
        ("v&&1&&9&&1.0", "1-2 seconds."),
        ("v&&&&&&2.0", "1-2 seconds."),
    ]


def test_what_an_upload_says_about_the_truth_changes_nothing() -> None:
    lies = {
        "gnd": "1-2", "ground_truth": {"x": 1}, "struc_info": [{"spans": []}],
        "llm_judge_scores": 5, "evaluations": {"iou": 1}, "aggregated_results": {},
    }  # fmt: skip
    plain = inference({"video_id": "v"})
    assert decode(dump([plain | lies]), "p.json") == decode(dump([plain]), "p.json")


@pytest.mark.parametrize(
    "beside",
    [
        {"response": "1-2 seconds."},
        {"response": None, "pred": " ", "outputs": []},
        {"model": "m", "responder": "1-2", "metadata": {"video_id": "v", "response": "1-2"}},
    ],
)
def test_an_answer_is_read_beside_what_cannot_be_another_answer(beside: dict[str, object]) -> None:
    data = dump([inference({"video_id": "v"}) | beside])
    (found,) = decode(data, "p.json")
    assert found.text == "1-2 seconds."
    assert read_slowly(data, "p.json") == [found]


def test_a_prediction_is_read_whatever_is_beside_it() -> None:
    (found,) = decode(dump([record(answer="the reference", response="raw")]), "p.json")
    assert found.text == "1-2 seconds."


@pytest.mark.parametrize("name", ["p.json", "p.json.gz", "p.txt"])
def test_gzip_is_known_by_its_content(tmp_path: Path, name: str) -> None:
    plain, packed = tmp_path / ("plain-" + name), tmp_path / ("packed-" + name)
    plain.write_bytes(dump([record()]))
    packed.write_bytes(gzip.compress(dump([record()])))
    assert load(plain) == load(packed)


def test_a_byte_order_mark_and_blanks_do_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "p.json"
    path.write_bytes(b"\xef\xbb\xbf\r\n " + dump([record(prediction="é\u202e")]) + b"\n")
    assert load(path)[0].text == "é\u202e"


def test_gzip_members_one_after_another_are_one_file(tmp_path: Path) -> None:
    data = dump([record()])
    path = tmp_path / "p.json.gz"
    path.write_bytes(gzip.compress(data[:20]) + gzip.compress(data[20:]))
    assert load(path)[0].text == "1-2 seconds."


def test_text_that_looks_like_a_key_is_text() -> None:
    odd = record(id="qa_type", prediction="prediction")
    assert decode(dump([odd, odd]), "p.json")[1].text == "prediction"


@given(st.lists(RECORD, min_size=1, max_size=8), st.booleans())
def test_valid_lists_come_back_as_they_were(records: list[dict[str, str]], ascii_: bool) -> None:
    data = json.dumps(records, ensure_ascii=ascii_).encode()
    found = decode(data, "p.json")
    assert [(one.id, one.qa_type, one.text) for one in found] == [
        (one["id"], one["qa_type"], one["prediction"]) for one in records
    ]
    assert read_slowly(data, "p.json") == found


@given(st.lists(st.tuples(TEXT, BOUND, BOUND, BOUND), min_size=1, max_size=5))
def test_both_paths_build_the_same_ids(parts: list[tuple[str, object, object, object]]) -> None:
    names = ("input_video_start_frame", "end_frame", "fps")
    data = dump([
        inference({"video_id": video} | dict(zip(names, bounds, strict=True)))
        for video, *bounds in parts
    ])  # fmt: skip
    assert decode(data, "p.json") == read_slowly(data, "p.json")


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.json"
    path.write_bytes(data)
    with pytest.raises(PredictionsError, match=r"any\.json"):
        load(path)
    path.unlink()


VALUE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "qa_type", "prediction", "answer", "metadata", "video_id"])
            | st.text(max_size=5),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


@given(VALUE)
def test_any_json_is_read_or_refused(value: object) -> None:
    try:
        found = decode(json.dumps(value).encode(), "p.json")
    except PredictionsError as error:
        assert "\n" not in str(error)
    else:
        assert found


@given(st.lists(RECORD, min_size=1, max_size=3), st.data())
def test_a_cut_file_is_refused(records: list[dict[str, str]], data: st.DataObject) -> None:
    whole = json.dumps(records).encode()
    cut = data.draw(st.integers(1, len(whole) - 1))
    with pytest.raises(PredictionsError, match="cut off"):
        decode(whole[:cut], "p.json")
