"""Plausible but wrong answers: each fault is reported, and a good file has none."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.benchmark import TASKS, task_of
from evaluation import scoring, truth
from evaluation.upload.plausible.clip import Clip, clip_of
from evaluation.upload.plausible.kind import Group, Seen
from evaluation.upload.plausible.next_action import BASELINE
from evaluation.upload.plausible.registry import implausible, said
from evaluation.upload.questions import Question, read_questions
from evaluation.upload.reader import load
from evaluation.upload.records import Prediction
from evaluation.upload.review import review
from tests.evaluation.left_overs import LEFT_OVER
from tests.evaluation.off_answers import OFF, Change, boxes, permille

pytestmark = pytest.mark.slow

SMALL = Path(__file__).resolve().parents[1] / "data" / "participants"
Pair = tuple[Question, Prediction]
# All answers, and one in ten, of which kinds that are reported from one in twenty still are. Each
# answer is checked by itself: what is found at both shares is found in between.
SHARES = (1.0, 0.1)


@pytest.fixture(scope="session")
def pairs(folder: Path) -> list[Pair]:
    """Question and truth: every answer right."""
    questions = read_questions(folder / "questions.json")
    truth = json.loads((folder / "ground_truth.json").read_text())
    return [
        (question, Prediction(question.id, question.qa_type, record["conversations"][1]["value"]))
        for question, record in zip(questions, truth, strict=True)
    ]


@pytest.fixture(scope="session")
def good(folder: Path) -> list[Pair]:
    questions = read_questions(folder / "questions.json")
    return list(zip(questions, load(folder / "sample_good.json"), strict=True))


@pytest.fixture(scope="session")
def right(pairs: list[Pair]) -> dict[str, list[Seen]]:
    """The first hundred right answers of each qa_type: ten are spoilt where one in ten is."""
    found: dict[str, list[Seen]] = {}
    for question, prediction in pairs:
        answers = found.setdefault(question.qa_type, [])
        text = prediction.text
        if text and len(answers) < 100:
            answers.append(Seen(text[:2000], text, question.text, clip_of(question.id)))
    return found


def told(task: str, answers: list[Seen], code: str) -> Group | None:
    return next((one for one in implausible(task, answers) if one.kind.code == code), None)


def spoilt(answers: list[Seen], share: float, change: Change) -> list[Seen]:
    """Every tenth or second answer, or all, with another text."""
    return [
        Seen((text := change(one.whole, one.clip))[:2000], text, one.question, one.clip)
        if one.clip and index % round(1 / share) == 0
        else one
        for index, one in enumerate(answers)
    ]


KINDS = [(fault, way) for fault, (_, ways) in OFF.items() for way in ways]


@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize(("fault", "way"), KINDS, ids=[": ".join(one) for one in KINDS])
def test_a_right_answer_in_a_form_that_scores_nothing_is_reported(
    right: dict[str, list[Seen]], fault: str, way: str, share: float
) -> None:
    task, code = fault.split()
    qa_type, ways = OFF[fault]
    answers = spoilt(right[qa_type], share, ways[way])
    found = told(task, answers, code)
    changed = sum(one.clip is not None for one in answers[:: round(1 / share)])
    assert found is not None, [(one.kind.code, one.shows) for one in implausible(task, answers)]
    assert 0.3 * changed < len(found.places) <= changed
    assert found.shows
    assert said(found).split()[0] in {"have", "give", "are", "name", "refuse"}


@pytest.mark.parametrize("task", ["tal", "stg", "dvc", "vs", "rc", "cvs_assessment"])
@pytest.mark.parametrize("kind", LEFT_OVER)
def test_what_a_model_leaves_in_its_answers_is_reported(
    right: dict[str, list[Seen]], kind: str, task: str
) -> None:
    qa_type = next(kind for kind in right if task_of(kind) == task)
    answers = right[qa_type][:20]
    for way, change in LEFT_OVER[kind].items():
        for several in (20, 1):
            off = [
                Seen((text := change(one.whole))[:2000], text, one.question, one.clip)
                for one in answers[:several]
            ] + answers[several:]
            found = told(task, off, kind)
            assert found is not None, way
            assert len(found.places) == several, way


def test_an_unfinished_reasoning_says_so(pairs: list[Pair]) -> None:
    off = [Seen("<think>Let me", "<think>Let me")]
    (found,) = implausible("vs", off)
    assert said(found) == "starts with reasoning (“<think>”) that never ends"


def test_coordinates_to_1000_are_named_as_possible(right: dict[str, list[Seen]]) -> None:
    answers = right["stg"]
    found = told("stg", spoilt(answers, 1, boxes(permille)), "coordinates_0_1000")
    assert found is not None
    assert "may give" in said(found)
    whole = boxes(lambda box: [round(value) for value in box])
    assert told("stg", spoilt(answers, 1, whole), "coordinates_0_1000") is not None
    percent = boxes(lambda box: [round(value / 10, 1) for value in box])
    assert told("stg", spoilt(answers, 1, percent), "coordinates_0_100") is not None
    wider = boxes(lambda box: [round(1.28 * value) for value in box])
    assert told("stg", spoilt(answers, 1, wider), "coordinates_0_1000") is None


def test_one_answer_to_all_next_actions_is_explained_with_what_it_reaches() -> None:
    (found,) = implausible("next_action", [Seen("suturing", "suturing")] * 20)
    assert found.kind.code == "constant"
    assert "right by chance (0.22 and 0.20 of them on the synthetic benchmark)" in found.kind.counts
    two = [Seen(text, text) for text in ("suturing", "cutting") * 30]
    (few,) = implausible("next_action", two)
    assert (few.kind.code, len(few.places)) == ("few_answers", 60)
    assert not implausible("next_action", two[:20])


def test_the_baseline_of_next_actions_is_what_the_synthetic_benchmark_gives(folder: Path) -> None:
    records = [one for one in truth.load(folder / "ground_truth.json") if one.task == "next_action"]
    reached = [
        scoring.score(records, [text] * len(records), ["next_action"]).metrics["nap_acc"]
        for text in ("", "suturing")
    ]
    assert [f"{value:.2f}" for value in reached] == re.findall(r"\d\.\d\d", BASELINE)


def test_an_unread_pair_is_quoted_from_its_first_digit_and_one_time_is_no_pair() -> None:
    (found,) = implausible("tal", [Seen("start: 17.4, end: 27.9", "start: 17.4, end: 27.9")])
    assert (found.kind.code, found.shows) == ("numbers_apart", "17.4, end: 27.9")
    assert implausible("tal", [Seen("17.4", "17.4"), Seen("at 120 s", "at 120 s")]) == []


def test_an_answer_that_begins_with_its_question_is_reported(right: dict[str, list[Seen]]) -> None:
    for qa_type in ("tal", "stg", "video_summary_gpt", "next_action"):
        answers = right[qa_type][:20]
        off = [
            Seen(text, text, one.question, one.clip)
            for one in answers
            for text in [f"{one.question}\n{one.whole}"]
        ]
        assert task_of(qa_type)
        assert told(task_of(qa_type) or "", off, "question_echo") is not None, qa_type


def test_boxes_in_per_cent_are_reported_among_boxes_in_pixels(right: dict[str, list[Seen]]) -> None:
    answers = spoilt(right["stg"], 0.1, boxes(lambda box: [v / 10 for v in box]))
    found = told("stg", answers, "coordinates_0_100")
    assert found is not None
    assert len(found.places) == len(answers[::10])
    assert not implausible("next_action", [Seen("suturing", "suturing")] * 5)


@pytest.mark.parametrize("with_questions", [True, False])
def test_a_good_file_has_none_of_these(
    pairs: list[Pair], good: list[Pair], with_questions: bool
) -> None:
    for answers in (pairs, good):
        questions = [question for question, _ in answers] if with_questions else None
        found = review([prediction for _, prediction in answers], questions)
        assert {one.code for one in found.warnings} <= {"empty"}
        assert [row.off_label for row in found.tasks if row.key == "next_action"] == [0]


@pytest.mark.parametrize("with_questions", [True, False])
def test_a_small_good_file_is_ready(with_questions: bool) -> None:
    questions = read_questions(SMALL / "questions.json") if with_questions else None
    found = review(load(SMALL / "00_all_right.json"), questions)
    codes = {one.code for one in found.warnings}
    assert codes <= (set() if with_questions else {"missing"})


@pytest.mark.parametrize(
    ("task", "text"),
    [
        ("tal", "1-2,3-4,5-6 seconds"),
        ("tal", "1.5-2.5,3.5-4.5 seconds"),
        ("tal", "from 5s to 9s"),
        ("tal", "1.5-9.0 second\n- 12.0-13.5 seconds."),
        ("tal", "5 to 9 seconds"),
        ("tal", "0.0-5.0 seconds."),
        ("dvc", "0.0-5.0 seconds: The needle, size 2-0, passes 3-4 times: twice deep.\n"
                "7.0-9.0 second: It is cut at 0:15, 20% of it."),
        ("dvc", "0.0-5.0 seconds: One frame shows an error.\n\n7-9 seconds: "),
        ("dvc", "**Start Time:** 1.0 - 2.0 seconds **Description:** it is cut"),
        ("stg", "[[1, 2, 3, 4]]"),
        ("stg", "1 seconds: [0, 0, 0, 0] 2.0 seconds:[1, 2, 3, 4], 3.00 seconds:  [1, 2, 3, 4]"),
        ("cvs_assessment", "The two structures are seen. Two structures: 1, cystic plate:0, "
                           "Hepatocystic triangle:  2."),
        ("next_action", "Hemostasis"),
        ("next_action", "cut the suture"),
        ("next_action", "The next action is gallbladder-dissection."),
        ("next_action", "dissect flap tissue with knife and lift flap with forceps"),
        ("next_action", "The needle is passed through both edges of the wound with the forceps."),
        ("vs", "The trainee makes an error in 2 of 5 steps and fails to grasp the duct [cystic]."),
        ("rc", "I see a clip. Unfortunately it slips."),
        ("tal", "17.4-27.9 seconds (90% sure); the F20 catheter is in for 1 min 10 s."),
        ("tal", "17.4-27.9 seconds. The vessel is sealed with 60 ms pulses, as frame 2 shows."),
        ("dvc", "0.0-5.0 seconds: She scrubs for 10-15 seconds: palms.\n7.0-9.0 seconds: Dry."),
        ("dvc", "0.0-5.0 seconds: It is sewn.\n4-0: Monocryl.\n7.0-9.0 seconds: It is cut."),
        ("skill_assessment", "Respect for tissue: 3/5, Suture/needle handling: 4/5, Time and "
         "motion: 4/5, Flow of operation: 3/5, Overall performance: 4/5, Quality of final "
         "product: 3/5. Mean: 3.5/5"),
        *(("next_action", text) for text in ("Closing", "Marking", "Ligation", "Give CPR")),
        *(("vs", text) for text in (
            "The trainee failed to load the needle, and the stapler failed to open.",
            "The nurse failed to open the airway; the ampoule could not be opened either.",
            "The clip applier could not be loaded, and the thermometer could not be read.",
            "The pump shows error code E02; the nurse lowers the flow rate limit and notes it.",
            "An error occurred during knot tying: the thread broke.",
            "Technical error: the suture is pulled through.",
            "Surgical error 2 follows.",
            "The user needs three attempts to grasp the ring and wants to transfer it.",
            "Assistant: holds the camera.\nSurgeon: dissects.",
            "CO<sub>2</sub> is insufflated.<br>A disc of 2 cm<sup>2</sup> is cut.",
            "首先，我们可以看到护士洗手。",
            "用户界面显示血压。",
            "用户将针穿过组织。",
            "The question asked by the nurse is answered with a nod.",
            "To answer the call bell, the nurse enters.",
            "To identify the duct, the surgeon irrigates; to find it, she turns the hook.",
            "Looking at the screen, the surgeon waits. The answer is given by the nurse.",
            "The task is to tie a knot, which the trainee does in 2/5 of the time.",
            "As a training model is used, nothing bleeds. As an AI-guided map shows, it is safe.",
        )),
        *(("rc", text) for text in (
            "Unfortunately, the artery starts to bleed.",
            "Unable to advance the needle, the trainee reloads it.",
            "Unable to see the tip, the surgeon asks for irrigation.",
            "Cannot see the duct because of blood; the assistant suctions.",
            "We cannot see the duct at first, but it is freed.",
            "Unclear anatomy leads to more dissection.",
            "It is unclear where the duct runs, so the surgeon goes on from the fundus.",
            "Unknown fluid is aspirated.",
            "It is not possible to close the clip; a loop is used.",
            "There is no information on the screen.",
            "Insufficient evidence of two structures is seen.",
            "Leider reißt der Faden.",
            "The question is not heard by the patient, and the answer comes late.",
            "The next step is not begun until the bleeding stops; the action is unclear at first.",
            "We need more traction, the surgeon says, and the assistant pulls.",
            "Nothing is cut. Safety first: the nurse caps the needle.",
            "No video is shown on the screen; the missing frame of the monitor is replaced.",
            "无法看清胆囊管，助手进行吸引。",
        )),
    ],
)  # fmt: skip
def test_odd_and_right_forms_are_left_alone(task: str, text: str) -> None:
    clip = clip_of("v&&100&&5000&&1.0")
    assert not implausible(task, [Seen(text, text, None, clip)] * 8)


def test_a_warning_names_the_fault_the_number_an_example_and_the_form() -> None:
    questions = [Question(f"v&&{n}&&{n + 2500}&&1.0", "tal", "When?") for n in range(4)]
    texts = ["1.0-2.0 seconds.", "17400-27900 ms", "5 \x1b[2J ms", "3.0-4.0 seconds."]
    given = [Prediction(q.id, "tal", text) for q, text in zip(questions, texts, strict=True)]
    found = next(o for o in review(given, questions).warnings if o.code == "milliseconds")
    assert found.text == (
        "tal: 1 of 4 answers gives milliseconds instead of seconds (at index 1: “27900 ms”); "
        "write “12.5-19.0, 30.0-31.5 seconds.”, in seconds from the start of the clip."
    )
    assert [(one.index, one.answer) for one in found.examples] == [(1, "17400-27900 ms")]


def test_without_a_clip_what_needs_one_is_silent() -> None:
    long = "30164-30427 seconds."
    assert not implausible("tal", [Seen(long, long)] * 9)
    assert implausible("tal", [Seen(long, long, None, clip_of("v&&29730&&31380&&1.0"))] * 9)


@pytest.mark.parametrize(
    ("name", "clip"),
    [
        ("v&&100&&2600&&1.0", Clip(100, 2600, 100, own_frames=True)),
        ("a&&b&&100&&2600&&1.0", Clip(100, 2600, 100, own_frames=True)),
        ("1.0$a$b_part0$184$324", Clip(184, 324, 140, own_frames=False)),
        ("v&&0&&60&&0.5", Clip(0, 60, 120, own_frames=False)),
        ("v&&198.43&&246.93&&2.0", Clip(198.43, 246.93, 48.5, own_frames=False)),
        ("v&&198.43s&&246.93s&&", Clip(198.43, 246.93, 48.5, own_frames=False)),
        ("v&&100s&&200s&&", Clip(100, 200, 100, own_frames=False)),
        ("v&&&&&&1.0", None),
        ("v", None),
        ("v&&5&&5&&1.0", None),
        ("v&&1&&nan&&1.0", None),
        ("v&&1&&inf&&1.0", None),
        ("v&&1&&9&&0", None),
        ("x$v$1$9", None),
    ],
)
def test_the_clip_that_an_id_names(name: str, clip: Clip | None) -> None:
    found = clip_of(name)
    if clip is None:
        assert found is None
    else:
        assert found is not None
        assert found == Clip(
            clip.start, clip.end, pytest.approx(clip.seconds), own_frames=clip.own_frames
        )


def test_a_file_of_empty_answers_is_refused() -> None:
    found = review([Prediction(f"v{n}&&1&&2&&1.0", "tal", " \n") for n in range(1200)])
    assert not found.ready
    (problem,) = found.problems
    assert problem.text.startswith("1,200 of 1,200 answers are empty: is this the template?")


@given(
    st.sampled_from([task.key for task in TASKS]),
    st.text("0123456789.,:-– s[](){}\"'*\nsecondsframe/5TABtwo structures", max_size=300),
)
def test_any_answer_is_checked_without_an_error(task: str, text: str) -> None:
    answer = Seen(text, text, "at 5.0 seconds", clip_of("v&&100&&5000&&1.0"))
    for one in implausible(task, [answer] * 6):
        assert one.places
        assert "\n" not in one.shows
