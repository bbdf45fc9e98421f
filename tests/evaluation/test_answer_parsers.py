"""Every parser: agreement case by case, any text, and long hostile text."""

import json
import math
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.tasks import cvs_assessment, skill_assessment, stg, tal
from evaluation.tasks.caption_segments import flatten, parse_segments
from evaluation.tasks.numbers import LIMIT
from tests.evaluation.scoring_data import PARSING

ROOT = Path(__file__).parents[2]
# Text that looks like answers, with elements that often break parsers.
PIECES = st.sampled_from(
    ["5", "12.5", "-", " - ", "–", " to ", "s", " second", " seconds", ":", ": ", "[", "]", "[[",
     "]]", ",", "/5", "\n", "00:00:10", "1e400", "9" * 400, "٣", "²", "nan", "\x00", "\ud800",
     "Start (Time) ", "**Description:**", "Two structures", "cystic plate", "Flow", "."]
)  # fmt: skip
ANSWERS = st.lists(PIECES | st.text(max_size=4), max_size=25).map("".join)


def cases(task):
    return [pytest.param(case, id=case["text"][:40] or "empty") for case in PARSING
            if case["task"] == task]  # fmt: skip


@pytest.mark.parametrize("case", cases("tal"))
def test_tal(case):
    assert [list(found) for found in tal.parse_segments(case["text"])] == case["segments"]


@pytest.mark.parametrize("case", cases("stg"))
def test_stg(case):
    boxes = stg.parse_boxes(case["text"])
    found = None if boxes is None else {time: list(box) for time, box in boxes.items()}
    assert found == case["boxes_by_time"]
    if boxes is None:
        bare = [list(box) for box in stg.parse_bare_boxes(case["text"])]
        assert bare == case["bare_boxes"]


@pytest.mark.parametrize("case", cases("dvc"))
def test_dvc(case):
    segments = parse_segments(case["text"])
    assert [list(found) for found in segments] == case["segments"]
    assert [list(found) for found in flatten(segments)] == case["flattened"]


@pytest.mark.parametrize("case", cases("skill_assessment"))
def test_skill_assessment(case):
    assert skill_assessment.parse_aspects(case["text"]) == case["aspects"]


@pytest.mark.parametrize("case", cases("cvs_assessment"))
def test_cvs_assessment(case):
    assert cvs_assessment.parse_components(case["text"]) == case["components"]


def test_every_case_has_a_test():
    known = {"tal", "stg", "dvc", "skill_assessment", "cvs_assessment"}
    assert {case["task"] for case in PARSING} == known


@given(ANSWERS)
def test_any_text_gives_bounded_times(text):
    for start, end in tal.parse_segments(text):
        assert 0 <= start <= 3661 * LIMIT
        assert 0 <= end <= 3661 * LIMIT


@given(ANSWERS)
def test_any_text_gives_bounded_boxes(text):
    for box in (stg.parse_boxes(text) or {}).values():
        assert all(abs(value) <= LIMIT for value in box)
    assert all(0 <= value <= LIMIT for box in stg.parse_bare_boxes(text) for value in box)


@pytest.mark.parametrize("place", range(4))
def test_a_bare_box_with_a_corner_beyond_any_video_is_no_box(place):
    for text, boxes in (("1000000000001", 1), (f"{LIMIT:.0f}", 2), ("999999999999", 2)):
        corners = ["1", "2", "3", "4"]
        corners[place] = text
        found = stg.parse_bare_boxes(f"[[{', '.join(corners)}]] [[5, 6, 7, 8]]")
        assert len(found) == boxes
        assert found[-1] == (5, 6, 7, 8)
        assert boxes == 1 or found[0][place] == int(text)


def test_clock_times_have_hours():
    assert (3605.0, 7209.0) in tal.parse_segments("1:00:05 to 2:00:09")


@given(ANSWERS)
def test_any_text_gives_whole_scores(text):
    assert all(0 <= value <= LIMIT for value in skill_assessment.parse_aspects(text).values())
    found = cvs_assessment.parse_components(text)
    assert found.keys() <= set(cvs_assessment.COMPONENTS)
    assert all(0 <= value <= LIMIT for value in found.values())


@given(ANSWERS)
def test_captions_are_one_line_and_times_bounded(text):
    for start, end, caption in parse_segments(text):
        assert 0 <= start <= LIMIT
        assert 0 <= end <= LIMIT
        assert "\n" not in caption


times = st.integers(0, 30).map(float)


@given(st.lists(st.tuples(times, times, st.integers(0, 99).map(str)), min_size=1, max_size=10))
def test_flatten_agrees_with_the_definition_piece_by_piece(segments):
    ordered = sorted(segments, key=lambda one: one[:2])
    if not any(right[0] < left[1] for left, right in pairwise(ordered)):
        assert flatten(segments) == ordered
        return
    bounds = sorted({bound for start, end, _ in ordered for bound in (start, end)})
    expected = []
    for left, right in pairwise(bounds):
        holders = [one for one in ordered if one[0] < right and one[1] > left]
        if holders:
            longest = max(holders, key=lambda one: one[1] - one[0])  # max keeps the first
            expected.append((left, right, longest[2]))
    assert flatten(segments) == expected


spans = st.tuples(st.floats(-1e12, 1e12), st.floats(-1e12, 1e12))


@given(spans, spans)
def test_temporal_iou_is_within_bounds(a, b):
    assert 0 <= tal.temporal_iou(a, b) <= 1
    assert tal.temporal_iou(a, b) == tal.temporal_iou(b, a)


corner = st.integers(-1000, 1000).map(float)
boxes = st.tuples(corner, corner, corner, corner)


@given(boxes, boxes)
def test_box_iou_is_never_negative_and_bounded_for_boxes_the_right_way_round(a, b):
    iou = stg.box_iou(a, b)
    assert math.isfinite(iou)
    assert iou >= 0
    if a[0] <= a[2] and a[1] <= a[3] and b[0] <= b[2] and b[1] <= b[3]:
        assert iou <= 1


HOSTILE = {
    "digits": "'1' * N",
    "digits and points": "'1.' * (N // 2)",
    "hyphens": "'-' * N",
    "digits then blanks": "'1' * (N // 2) + ' ' * (N // 2)",
    "blanks": "'5' + ' ' * N",
    "numbers and blanks": "'5 ' * (N // 2)",
    "brackets": "'[' * N",
    "open entries": "'5 seconds: [' * (N // 12)",
    "open entries, one end": "']' + '5 seconds: [' * (N // 12)",
    "bare": "'[[1, 2, 3, ' * (N // 11)",
    "segments": "'1-2 ' * (N // 4)",
    "words": "'1 to 2 ' * (N // 7)",
    "clock": "'1:' * (N // 2)",
    "captions": "''.join(f'{i}-{i + 5} seconds: x' for i in range(N // 20))",
    "nested captions": "''.join(f'{i}-{N - i} seconds: x' for i in range(N // 20))",
    "loose heads": "'Start Time 1–2 seconds' * (N // 22)",
    "loose labels": "'Start Time ' * (N // 11) + '1'",
    "colons": "'a:' * (N // 2) + '/5'",
    "commas": "',' * N + '/5'",
    "aspects": "'a: 3/5,' * (N // 7)",
    "slashes": "'/5' * (N // 2)",
    "components": "'two structures: ' * (N // 16)",
    "lines": "'\\n' * N",
    "carriage returns": "'\\r' * N + 'second'",
}
# Every task scores the answer against a small truth, as the evaluator does.
_RUN = """
import json, resource, sys, time
from tests.evaluation.scoring_data import record
from evaluation.tasks import cvs_assessment, dvc, skill_assessment, stg, tal
N = 300_000
spans = [{"spans": [{"start": 1, "end": 4}, {"start": 5, "end": 9}]}]
events = [{"start": 1, "end": 4, "caption": "a"}, {"start": 5, "end": 9, "caption": "b"}]
for name, text in json.loads(sys.argv[1]).items():
    print(name, flush=True)
    soft = int(time.process_time()) + 60
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.RLIM_INFINITY))
    text = eval(text)
    tal.sample(0, record("tal", spans), text)
    stg.sample(0, record("stg", [{"bbox_dict": {"5": [1, 2, 3, 4]}}]), text)
    dvc.sample(0, record("dc", events), text)
    skill_assessment.sample(0, record("skill_assessment", [{"skill_scores": {"a": 3}}]), text)
    cvs_assessment.sample(0, record("cvs_assessment", [{"cvs_scores": {"cystic_plate": 1}}]), text)
"""


@pytest.mark.slow
def test_long_hostile_answers_do_not_hang():
    # Quadratic work on 300,000 characters would take far more processor time than each may.
    done = subprocess.run(
        [sys.executable, "-c", _RUN, json.dumps(HOSTILE)],
        cwd=ROOT,
        env={"PYTHONPATH": f"{ROOT}:{Path(__file__).parent}"},
        check=False,
        capture_output=True,
        text=True,
    )
    told = done.stdout.splitlines()
    assert done.returncode == 0, (told[-1:], done.stderr)
    assert told == list(HOSTILE)
