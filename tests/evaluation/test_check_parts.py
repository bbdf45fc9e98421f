"""Parts of the review: what a question asks for, truncated answers, repeated answers."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.benchmark import TASK_BY_KEY
from core.errors import PredictionsError
from evaluation import labels
from evaluation.tasks.registry import form_of
from evaluation.upload.plausible.kind import Seen
from evaluation.upload.plausible.registry import agreeing, implausible, said
from evaluation.upload.questions import Question, read_names, read_questions
from evaluation.upload.records import Prediction, shown
from evaluation.upload.repeats import repeated_answers
from evaluation.upload.task_review import Answer, review_task
from evaluation.upload.truncation import habitual_end, looks_truncated
from tests.evaluation.left_overs import LEFT_OVER


@pytest.mark.parametrize(
    ("question", "boxes"),
    [
        ("Where is the hook every 4 seconds from 1 to 7 seconds?", 2),
        ("Track it from 0.0 to 4.0 seconds, predicting its location every 4 seconds.", 2),
        ("Where is it every second between 3 and 6 seconds?", 4),
        ("Locate it every 0.1 seconds from 0 to 0.3 seconds.", 4),
        ("Every 2 seconds, 10.0-16.0 seconds: where is it?", 4),
        ("Where is it every 5 seconds from 8 to 8 seconds?", 1),
        ("<video>\nWhere is the grasper at 3.0, 5.0 and 7.0 seconds?", 3),
        ("Where is the grasper at 3.0, 5.0, and 7.0 seconds?", 3),
        ("Where is the grasper at 3.0 and 5.0 seconds?", 2),
        ("Where is the grasper at 12 seconds?", 1),
        ("Where is it at 3s, 4s and 5s?", 3),
        ("Where is it every 4 seconds?", None),
        ("Where is it every 4 seconds from 9 to 1 seconds?", None),
        ("Where is it every 0 seconds from 1 to 9 seconds?", None),
        ("Where is it every 0.000001 seconds from 0 to 99999999 seconds?", None),
        ("Where is the hook whenever it can be seen?", None),
        ("Where is it from 1 to 7 seconds?", None),
        ("", None),
    ],
)
def test_boxes_that_a_question_asks_for(question: str, boxes: int | None) -> None:
    assert form_of("stg").asked(question) == boxes


@pytest.mark.parametrize(
    ("task", "question", "segments"),
    [
        ("tal", "Find the 2 segments in which the hook cuts.", 2),
        ("tal", "Give three time ranges.", 3),
        ("dvc", "Describe 4 separate events.", 4),
        ("dvc", "Describe the 5 events; 5 captions in all.", 5),
        ("dvc", "Describe 2 events in 3 segments.", None),
        ("dvc", "Describe every event.", None),
        ("tal", "When is it cut? Answer with segments in seconds.", None),
        ("vs", "Summarise the 3 events.", None),
    ],
)
def test_segments_that_a_question_asks_for(task: str, question: str, segments: int | None) -> None:
    assert form_of(task).asked(question) == segments


@given(st.sampled_from(["stg", "tal", "dvc"]), st.text("every 4.0fromto-, seconds123andat"))
def test_any_question_gives_a_count_above_zero_or_none(task: str, question: str) -> None:
    wanted = form_of(task).asked(question)
    assert wanted is None or wanted > 0


@pytest.mark.parametrize(
    ("text", "final_mark", "reason"),
    [
        ("22.0 seconds: [701.6, 565.5, 9", False, "a bracket is not closed"),
        ("1.0 seconds: [1, 2, 3, 4] 5.0 seconds:", False, "ends with “:”"),
        ("0-5 seconds: cut.\n12.0-", False, "ends with “-”"),
        ("0-5 seconds: cut.\n12.0-14", True, "ends inside a number"),
        ("The grasper retracts the gallbl", True, "ends without a final mark"),
        ("The grasper retracts the gallbl", False, None),
        ("The grasper retracts the gallbladder.", True, None),
        ("1.0 seconds: [1, 2, 3, 4]", True, None),
        ("1) first 2) second.", True, None),
        ("  \n", True, None),
    ],
)
def test_what_looks_truncated(text: str, final_mark: bool, reason: str | None) -> None:
    assert looks_truncated(text, final_mark) == reason


def test_peers_tell_whether_an_end_is_unusual() -> None:
    assert habitual_end(["It ends.", "So does this!", "not this"])
    assert not habitual_end(["5/5", "4/5", "It ends."])
    assert not habitual_end(["", " "])


@pytest.mark.parametrize(
    ("task", "text", "items", "odd"),
    [
        ("tal", "1-2, 3-4 seconds.", 2, ()),
        ("tal", "4-2 seconds", 1, (
            "have a segment that ends before it starts: write its start and its end, not start "
            "and duration",
        )),
        ("tal", "1–2 seconds.", 0, ()),
        ("stg", "1.0 seconds: [1, 2, 3, 4] 2.0 seconds: [1, 2, 3, 4]", 2, ()),
        ("stg", "[[1, 2, 3, 4]]", 1, ()),
        ("stg", "[1, 2, 3, 4]", 0, ()),
        ("dvc", "0-5 seconds: It cuts.", 1, ()),
        ("skill_assessment", ", ".join(f"aspect {n}: {n}/5" for n in range(1, 6)), 5,
         ("name fewer than 6 aspects that can be read (separate them by commas)",)),
        ("skill_assessment", ", ".join(f"aspect {n}: {n}/5" for n in range(1, 7)), 6,
         ("give a score outside 1 to 5",)),
        ("cvs_assessment", "Two structures: 7, Cystic plate: 0, Hepatocystic triangle: 1", 3,
         ("give a score outside 0 to 2",)),
        ("cvs_assessment", "Two structures: 1; Cystic plate: 0; Hepatocystic triangle: 1", 1,
         ("name fewer than 3 components that can be read (separate them by commas)",)),
        ("vs", "anything", None, ()),
        ("next_action", "anything", None, ()),
    ],
)  # fmt: skip
def test_an_answer_is_read_as_the_scorer_reads_it(
    task: str, text: str, items: int | None, odd: tuple[str, ...]
) -> None:
    reading = form_of(task).read(text)
    assert (reading.items, reading.odd) == (items, odd)


def test_why_an_answer_was_not_read() -> None:
    assert form_of("tal").why_unread("2.3–10 seconds") == "with a dash other than the hyphen “-”"
    assert (
        form_of("stg").why_unread("<box>[1, 2, 3, 4]</box>") == "with a box but no time before it"
    )
    for text in ("26.0s: [1, 2, 3, 4]", "At 26, [1, 2, 3, 4]", "0:26: [1, 2, 3, 4]"):
        assert form_of("stg").why_unread(text) == "with a time, but not in the form “T seconds:”"
    assert (
        form_of("skill_assessment").why_unread("Tissue: 4 out of 5")
        == "with a score not written as N/5"
    )
    assert form_of("tal").why_unread("early on") == "without any number"
    assert form_of("tal").why_unread("at 5") is None


def one(clip: str, qa_type: str, text: str) -> Prediction:
    return Prediction(id=clip, qa_type=qa_type, text=text)


def test_one_answer_to_two_tasks_of_a_clip_is_a_repeat() -> None:
    records = [one("a", "tal", "1-2"), one("a", "stg", "1-2"), one("b", "stg", "1-2")]
    assert repeated_answers([(record, None) for record in records]) == [1]


def test_variants_of_a_caption_task_may_have_one_answer() -> None:
    records = [one("a", "video_summary_gpt", "It."), one("a", "video_summary_gemini", "It.")]
    assert repeated_answers([(record, None) for record in records]) == []


def test_empty_answers_are_no_repeats() -> None:
    records = [one("a", "tal", ""), one("a", "stg", " ")]
    assert repeated_answers([(record, None) for record in records]) == []


def test_within_a_task_it_takes_several_repeats_of_different_questions() -> None:
    same = [one("a", "tal", "1-2")] * 4
    questions = ["When is it cut?", "When is it tied?", "When is it sewn?", "When is it open?"]
    assert repeated_answers(list(zip(same, questions, strict=True))) == [1, 2, 3]
    assert repeated_answers([(record, "When?") for record in same]) == []
    assert repeated_answers(list(zip(same[:3], questions[:3], strict=True))) == []


def test_a_million_equal_answers_take_no_time() -> None:
    records = [(one("a", "tal", "1-2"), None)] * 200_000
    assert len(repeated_answers(records)) == 199_999


def test_hostile_text_is_shown_escaped_and_short() -> None:
    assert shown("a\x1b[2J\u202eb\u2066\n") == "a\\x1b[2J\\u202eb\\u2066\\n"
    assert len(shown("9" * 10_000)) == 48
    assert shown("plain é") == "plain é"


def test_questions_are_read_in_both_forms(tmp_path: Path) -> None:
    path = tmp_path / "questions.json"
    turns = [
        {"from": "human", "value": "<video>\nWhen?"},
        {"from": "gpt", "value": "canary"},
    ]
    metadata = {"video_id": "v", "start_frame": 1, "end_frame": 2, "fps": "1.0"}
    path.write_text(
        json.dumps([
            {"id": "a", "qa_type": "tal", "question": "Where?"},
            {"id": "b", "qa_type": "tal", "conversations": turns, "struc_info": ["canary"]},
            {"qa_type": "dc", "metadata": metadata},
        ])
    )  # fmt: skip
    assert read_questions(path) == [
        Question("a", "tal", "Where?"),
        Question("b", "tal", "<video>\nWhen?"),
        Question("v&&1&&2&&1.0", "dc", None),
    ]
    assert read_names(path) == [("a", "tal"), ("b", "tal"), ("v&&1&&2&&1.0", "dc")]


@pytest.mark.parametrize("data", [b"{}", b"[1]", b'[{"id": "a"}]', b"[" * 99_999, b"nothing"])
def test_a_file_without_questions_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "questions.json"
    path.write_bytes(data)
    with pytest.raises(PredictionsError, match=r"questions\.json is not a question file"):
        read_questions(path)


SHOWN = 600  # characters of each answer that are looked at in a large file
CAPTION = "The hook cuts the plate, and the grasper holds it."


@pytest.mark.parametrize("code", LEFT_OVER)
def test_what_is_left_over_in_a_caption_is_named(code: str) -> None:
    for way, change in LEFT_OVER[code].items():
        text = change(CAPTION)
        (found,) = implausible("vs", [Seen(text[:SHOWN], text)])
        assert found.kind.code == code, way
        assert said(found).split()[0] in {"contains", "is", "refuses", "starts"}


@pytest.mark.parametrize("before", ["<video>\n", "Question: ", "user\n", "[INST] "])
def test_a_question_repeated_after_a_few_words_is_named(before: str) -> None:
    question = "Describe what happens in this clip."
    text = f"{before}{question} {CAPTION}"
    (found,) = implausible("vs", [Seen(text, text, question)])
    assert found.kind.code == "question_echo"


@pytest.mark.parametrize(
    "text",
    [
        CAPTION,
        "Okay exposure is reached, and it is clear that the team can see the plate.",
        "The video does not show any bleeding; the vessel is < 5 mm wide and > 2 cm long.",
        "The reasoning behind the cut: no answer was found. Please note that no images follow.",
        "Insufficient traction is corrected, and the frames are not moved. The model is cut.",
        "Based on the video, the surgeon cannot see the duct.",
    ],
)
def test_a_caption_that_only_sounds_like_it_has_nothing_left_over(text: str) -> None:
    assert not implausible("vs", [Seen(text, text)])


def test_no_label_is_taken_for_a_refusal_or_a_placeholder() -> None:
    assert not implausible("next_action", [Seen(name, name) for name in labels.all_labels()])


@pytest.mark.parametrize(
    ("task", "text", "code", "shows"),
    [
        ("tal", "0：17-0：27 seconds.", "clock_times", "0：17-0：27 seconds."),
        ("tal", "from 1 minute and 5 seconds to 2 minutes, 3 seconds", "minutes",
         "1 minute and 5 seconds to 2 minutes, 3 s"),
        ("tal", "17,4-27 seconds.", "decimal_commas", "17,4-27 seconds."),
        ("tal", "5-17,4, 30,1-31 seconds.", "decimal_commas", "5-17,4, 30,1-31 seconds."),
        ("tal", "17٫4-27٫9", "decimal_commas", "17٫4-27٫9"),
        ("tal", "1.74e+01-2.79e+01", "exponents", "1.74e+01-2.79e+01"),
        ("dvc", "0：17-0：27 seconds: Cut.", "clock_times", "0：17-0：27 seconds: Cut."),
        ("stg", "1：26 seconds: [1, 2, 3, 4]", "clock_times", "1：26 seconds: [1, 2, 3, 4]"),
        ("stg", "26000 ms: [1, 2, 3, 4]", "milliseconds", "26000 ms: [1, 2, 3, 4]"),
        ("stg", "26.0 seconds: [1, 2, 3]", "other_box", "26.0 seconds: [1, 2, 3]"),
        ("stg", "26.04 seconds: [1, 2, 3, 4]", "finer_times", "26.04 seconds:"),
        ("skill_assessment", "Time and motion: 80%", "other_scale", "80%"),
        ("next_action", "A and C", "letters", "A and C"),
        ("next_action", "ABD", "letters", "ABD"),
        ("next_action", "The correct answer is (b).", "letters", "The correct answer is (b)."),
    ],
)  # fmt: skip
def test_a_form_that_scores_nothing_is_quoted_from_its_beginning(
    task: str, text: str, code: str, shows: str
) -> None:
    (found,) = implausible(task, [Seen(text, text)])
    assert (found.kind.code, found.shows) == (code, shows)


@pytest.mark.parametrize(
    ("task", "text"),
    [
        ("tal", "1 to 2,3 to 4"),
        ("tal", "1 to 2,4 to 27,30 to 40 seconds"),
        ("tal", "0-5,7-9,12-15 seconds."),
        ("tal", "3-5 seconds, in 2e seconds"),
        ("dvc", "\ufeff0.0-5.0 seconds: It is cut.\n7.0-9.0 seconds: It is sewn."),
        ("dvc", '"0.0-5.0 seconds: It is cut.\n7.0-9.0 seconds: It is sewn."'),
        ("stg", "26.0 seconds: None 34.0 seconds: [1, 2, 3, 4]"),
    ],
)
def test_what_is_read_as_it_is_meant_is_not_reported(task: str, text: str) -> None:
    assert not implausible(task, [Seen(text, text)])


def test_a_verb_agrees_with_the_number_of_answers() -> None:
    assert agreeing("have a segment", 1) == "has a segment"
    assert agreeing("give a score", 1) == "gives a score"
    assert agreeing("are a number", 2) == "are a number"


@pytest.mark.parametrize(
    ("task", "text", "refusal", "without"),
    [
        ("cvs_assessment", "two structures: 1, cystic plate: 0, hepatocystic triangle: 2",
         "I cannot tell.", "; such answers are left out of CVS_acc, whose coverage and strict "),
        ("skill_assessment", "Respect for tissue: 4/5", "Unclear.",
         "; such answers are left out of SA_acc, "),
        ("tal", "1.0-2.0 seconds", "I cannot see the video.", "; such an answer scores 0."),
        ("dvc", "0-5 seconds: It cuts", "I'm sorry, I can't help with that.",
         "; such answers are left out of DVC_F1, "),
    ],
)  # fmt: skip
def test_refusals_do_not_make_answers_look_truncated_and_one_reads_what_they_cost(
    task: str, text: str, refusal: str, without: str
) -> None:
    texts = [text] * 30 + [refusal] * 70
    answers = [Answer(n, Prediction(str(n), task, said), None) for n, said in enumerate(texts)]
    row, found = review_task(TASK_BY_KEY[task], answers, len(answers))
    assert (row.unreadable, row.truncated) == (70, 0)
    assert {"truncated"}.isdisjoint(one.code for one in found)
    (unread,) = [one.text for one in found if one.code == "unreadable"]
    assert without in unread
    (refused,) = [one for one in found if one.code == "refusals"]
    assert refused.count == 70
    empty = [*answers, Answer(100, Prediction("e", task, " "), None)]
    _row, found = review_task(TASK_BY_KEY[task], empty, len(empty))
    assert without in next(one.text for one in found if one.code == "empty")


def test_captions_without_a_final_mark_are_not_truncated_beside_refusals() -> None:
    texts = ["The grasper retracts the gallbladder"] * 30 + ["I cannot see the video."] * 70
    answers = [Answer(n, Prediction(str(n), "vs", said), None) for n, said in enumerate(texts)]
    row, _found = review_task(TASK_BY_KEY["vs"], answers, len(answers))
    assert row.truncated == 0
    cut = [*texts[:30], *["It cuts the duct."] * 70]
    answers = [Answer(n, Prediction(str(n), "vs", said), None) for n, said in enumerate(cut)]
    row, _found = review_task(TASK_BY_KEY["vs"], answers, len(answers))
    assert row.truncated == 30
