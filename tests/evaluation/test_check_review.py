"""The whole review: verdict, table, findings with examples, all problems together."""

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from core.benchmark import MIN_RECORDS, QA_TYPE_RECORDS
from core.model.contracts.review import Finding, Review, TaskReview
from core.runs import child
from evaluation.template import main, template
from evaluation.upload.plausible.grades import NAMES
from evaluation.upload.questions import Question
from evaluation.upload.reader import load
from evaluation.upload.records import Prediction
from evaluation.upload.review import review
from evaluation.upload.review_text import WIDTH, as_text

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
STG_QUESTION = "Where is the hook every 4 seconds from 1 to 7 seconds?"
GOOD_TEXT = {
    "tal": "1.0-2.0 seconds.",
    "stg": "1.0 seconds: [1, 2, 3, 4] 5.0 seconds: [1, 2, 3, 4]",
    "dense_captioning": "0.0-5.0 seconds: The hook cuts.",
    "next_action": "suturing",
    "video_summary": "The hook cuts.",
    "region_caption": "A hook.",
    "skill_assessment": ", ".join(f"{name}: 3/5" for name in NAMES),
    "cvs_assessment": "Two structures: 1, Cystic plate: 0, Hepatocystic triangle: 2",
}


@cache
def full_set(share: int = 1) -> tuple[list[Question], list[Prediction]]:
    """The benchmark's number of records of each kind, or one in `share` of them; not changed.

    With a question file, a review of a tenth says the same as one of all.
    """
    questions = [
        Question(f"v{index % 3975}&&0&&9&&1.0", qa_type, STG_QUESTION if qa_type == "stg" else "?")
        for index, qa_type in enumerate(
            qa_type for qa_type, count in QA_TYPE_RECORDS.items() for _ in range(count // share)
        )
    ]
    predictions = []
    for question in questions:
        kind = question.qa_type.removesuffix("_gpt").removesuffix("_gemini")
        text = GOOD_TEXT[kind]
        if kind == "next_action":  # one label for all, or three, would be reported as such
            text = ("tying", text, "cutting", "preparation")[len(predictions) % 4]
        predictions.append(Prediction(question.id, question.qa_type, text))
    return questions, predictions


def changed(predictions: list[Prediction], qa_type: str, *texts: str) -> list[Prediction]:
    """The first records of one qa_type, with other answers."""
    new = list(predictions)
    places = [index for index, one in enumerate(new) if one.qa_type == qa_type]
    for index, text in zip(places, texts, strict=False):
        new[index] = Prediction(new[index].id, qa_type, text)
    return new


def row(found: Review, task: str) -> TaskReview:
    return next(one for one in found.tasks if one.key == task)


def told(findings: tuple[Finding, ...], code: str) -> Finding:
    return next(one for one in findings if one.code == code)


def test_a_flawless_file_is_ready() -> None:
    questions, predictions = full_set()
    found = review(predictions, questions, sha256="0" * 64)
    assert (found.verdict, found.ready, found.records) == ("ready", True, 6245)
    assert found.warnings == found.problems == ()
    (note,) = found.notes
    assert note.text == (
        "How the records were matched to questions: 6,245 by their place in the file."
    )
    assert [(one.key, one.expected, one.found) for one in found.tasks] == [
        ("tal", 1637, 1637), ("stg", 780, 780), ("next_action", 670, 670), ("dvc", 1479, 1479),
        ("vs", 565, 565), ("rc", 306, 306), ("skill_assessment", 160, 160),
        ("cvs_assessment", 648, 648),
    ]  # fmt: skip
    assert row(found, "stg").compared == 780


def test_unreadable_empty_and_truncated_answers_are_counted_with_examples() -> None:
    questions, predictions = full_set(10)
    texts = ["[1, 2, 3, 4]", "The hook is at the left.", "", "1.0 seconds: [1, 2, 3, 4] 5.0 sec"]
    found = review(changed(predictions, "stg", *texts), questions)
    assert found.verdict == "ready with 4 warnings"
    stg = row(found, "stg")
    assert (stg.empty, stg.unreadable, stg.fewer, stg.more, stg.truncated) == (1, 2, 1, 0, 1)
    unread = told(found.warnings, "unreadable")
    assert unread.text == (
        "stg: 2 answers have no “T seconds: [x1, y1, x2, y2]” (1 with a box but no time before "
        "it, 1 without any number); such an answer scores 0."
    )
    assert [example.index for example in unread.examples] == [163, 164]
    assert unread.examples[0].answer == "[1, 2, 3, 4]"
    assert "looks truncated" in told(found.warnings, "truncated").text
    assert told(found.warnings, "fewer").text == (
        "stg: 1 answer has fewer boxes than the question asks for (at index 166: 1, asked 2); "
        "1 of them looks truncated."
    )


def test_a_task_that_is_not_checked_for_truncation_says_so() -> None:
    questions, predictions = full_set(10)
    found = review(changed(predictions, "next_action", "suturing and"), questions)
    assert (row(found, "next_action").truncated, row(found, "tal").truncated) == (None, 0)
    rows = {line.split()[0]: line.split() for line in as_text(found, "p.json").splitlines() if line}
    assert [rows[task][-1] for task in ("next_action", "tal")] == ["—", "0"]
    assert Review.from_json(found.to_json()) == found


def test_more_boxes_than_asked_are_reported() -> None:
    questions, predictions = full_set(10)
    text = " ".join(f"{time}.0 seconds: [1, 2, 3, 4]" for time in range(9))
    found = review(changed(predictions, "stg", text), questions)
    assert "(at index 163: 9, asked 2)" in told(found.warnings, "more").text


def test_the_uploads_own_questions_are_used_and_without_any_nothing_is_compared() -> None:
    own = [Prediction("v", "stg", "1.0 seconds: [1, 2, 3, 4]", STG_QUESTION)]
    assert row(review(own), "stg").fewer == 1
    plain = review([Prediction("v", "stg", "1.0 seconds: [1, 2, 3, 4]")])
    assert (row(plain, "stg").compared, row(plain, "stg").fewer) == (0, 0)
    assert "was not checked" in told(plain.notes, "not_checked").text


@pytest.mark.parametrize(
    ("qa_type", "text", "words"),
    [
        ("skill_assessment", GOOD_TEXT["skill_assessment"].replace("3/5", "6/5"),
         "give a score outside 1 to 5"),
        ("cvs_assessment", GOOD_TEXT["cvs_assessment"].replace("2", "7"),
         "give a score outside 0 to 2"),
        ("cvs_assessment", GOOD_TEXT["cvs_assessment"].replace(",", ";"),
         "name fewer than 3 components"),
        ("tal", "9-2 seconds.", "have a segment that ends before it starts"),
    ],
)  # fmt: skip
def test_answers_that_parse_but_cannot_be_right_give_warnings(
    qa_type: str, text: str, words: str
) -> None:
    questions, predictions = full_set(10)
    found = review(changed(predictions, qa_type, text, text), questions)
    assert found.ready
    assert f"{qa_type}: 2 answers {words}" in told(found.warnings, "odd").text


def test_repeats_across_the_questions_of_a_clip_are_reported() -> None:
    records = [Prediction("v", qa_type, "1.0-2.0 seconds.") for qa_type in ("tal", "stg", "dc")]
    finding = told(review(records).warnings, "repeated")
    assert finding.count == 2
    assert finding.text.startswith("2 answers repeat verbatim the answer to another question")


def test_missing_records_and_tasks_give_warnings() -> None:
    _, predictions = full_set()
    found = review([one for one in predictions if one.qa_type == "tal"][:1000])
    texts = [finding.text for finding in found.warnings]
    assert "tal: 637 of 1,637 questions have no record; each counts as an empty answer." in texts
    assert sum("no answers for this task; its metrics will be empty" in text for text in texts) == 7
    assert found.ready


def test_what_alignment_would_refuse_is_a_problem_with_the_rest_still_reported() -> None:
    questions, predictions = full_set(10)
    extra = [*changed(predictions, "tal", ""), Prediction("new", "tal", "1-2 seconds.")]
    found = review(extra, questions)
    assert (found.verdict, found.ready) == ("cannot be scored: 1 problem", False)
    assert "index 620: id “new”, tal (unknown id)" in found.problems[0].text
    assert row(found, "tal").empty == 1


def renamed(predictions: list[Prediction], qa_type: str, other: str) -> list[Prediction]:
    """The first record of one qa_type with another."""
    new = list(predictions)
    place = next(index for index, one in enumerate(new) if one.qa_type == qa_type)
    new[place] = Prediction(new[place].id, other, new[place].text)
    return new


@pytest.mark.parametrize("own_questions", [True, False])
def test_more_records_than_questions_are_a_problem(own_questions: bool) -> None:
    questions, predictions = full_set()
    found = review([*predictions, predictions[0]], questions if own_questions else None)
    assert found.verdict.startswith("cannot be scored: 1 problem")
    assert "6,246 records" in found.problems[0].text
    assert told(found.warnings, "surplus").text == (
        "tal: 1,638 records, 1 more than the 1,637 expected; a file with more records than "
        "questions is refused."
    )


@pytest.mark.parametrize("own_questions", [True, False])
@pytest.mark.parametrize(
    ("qa_type", "other", "text"),
    [
        ("tal", "stg", "stg: 781 records, 1 more than the 780 expected; is the qa_type right?"),
        ("dense_captioning_gemini", "dense_captioning_gpt",
         "dvc: 752 records of dense_captioning_gpt, 1 more than the 751 expected; is the "
         "qa_type right?"),
    ],
)  # fmt: skip
def test_more_records_of_one_qa_type_are_a_problem(
    qa_type: str, other: str, text: str, own_questions: bool
) -> None:
    questions, predictions = full_set()
    given = renamed(predictions, qa_type, other)
    found = review(given, questions if own_questions else None)
    assert found.verdict.startswith("cannot be scored: 1 problem")
    if own_questions:
        assert told(found.warnings, "surplus").text == text
    else:
        assert found.problems[0].text == (
            f"{text} To check another test set, give its question file (--questions)."
        )


def test_a_larger_test_set_is_checked_with_its_questions() -> None:
    questions = [Question(f"v{index}", "tal", "?") for index in range(7000)]
    predictions = [Prediction(one.id, one.qa_type, GOOD_TEXT["tal"]) for one in questions]
    assert review(predictions, questions).ready
    assert "--questions" in review(predictions).problems[0].text


def test_a_qa_type_of_another_test_set_gives_a_warning() -> None:
    questions, predictions = full_set(10)
    given = renamed(predictions, "dense_captioning_gpt", "dense_captioning_other")
    text = "dvc: 1 record of dense_captioning_other, which has no questions; is the qa_type right?"
    alone = review(given)
    assert told(alone.warnings, "foreign").text == text
    assert alone.ready
    assert told(review(given, questions).warnings, "foreign").text == text


def test_very_many_qa_types_are_one_finding() -> None:
    given = [Prediction("v", f"dense_captioning_{n}", GOOD_TEXT["tal"]) for n in range(5000)]
    finding = told(review(given).warnings, "foreign")
    assert finding.count == 5000
    assert "the same for 4,997 other qa_types; is the qa_type right?" in finding.text
    assert len(finding.text) < 400


def test_another_order_is_reported() -> None:
    questions, predictions = full_set(10)
    found = review(predictions[::-1], questions)
    assert told(found.warnings, "order").text.startswith("Answers were matched to questions by id")


def test_ids_that_lost_their_parts_are_noticed_without_a_question_file() -> None:
    _, predictions = full_set()
    short = [Prediction(f"v{i % 50}", one.qa_type, one.text) for i, one in enumerate(predictions)]
    assert "Only 50 distinct ids" in told(review(short).warnings, "ids").text


def test_fields_about_the_truth_are_named_in_one_note() -> None:
    found = review([Prediction("v", "tal", "1-2.")], ignored_fields={"struc_info": 5, "gnd": 2})
    assert told(found.notes, "ignored_fields").text == (
        "Fields about the truth or scores are ignored: gnd (2), struc_info (5)."
    )


def test_a_review_survives_json() -> None:
    questions, predictions = full_set(10)
    found = review(changed(predictions, "tal", "", "prose", "5-1"), questions, sha256="ab")
    assert Review.from_json(found.to_json()) == found


def test_the_text_is_80_columns_wide_and_holds_no_control_characters() -> None:
    hostile = "\x1b[2J\u202e" + "x" * 500
    found = review([Prediction(hostile, "tal", hostile), Prediction("v", "stg", "[[")])
    text = as_text(found, "p.json")
    assert max(len(line) for line in text.split("\n")) <= WIDTH
    assert all(char == "\n" or char.isprintable() for char in text)


@pytest.mark.parametrize(("number", "few"), [(MIN_RECORDS - 1, True), (MIN_RECORDS, False)])
def test_a_file_that_can_be_scored_but_not_submitted_says_so(number: int, few: bool) -> None:
    found = review([Prediction(f"v{n}&&0&&9&&1.0", "tal", "1-2 seconds.") for n in range(number)])
    assert found.ready
    said = f"{number} records: a leaderboard accepts submissions of at least 100 by default"
    assert (said in as_text(found, "p.json").splitlines()) is few


def run(folder: Path, module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def write(folder: Path, questions: list[Question], predictions: list[Prediction]) -> None:
    (folder / "questions.json").write_text(
        json.dumps([{"id": q.id, "qa_type": q.qa_type, "question": q.text} for q in questions])
    )
    (folder / "p.json").write_text(
        json.dumps([
            {"id": one.id, "qa_type": one.qa_type, "prediction": one.text, "gnd": "1-2"}
            for one in predictions
        ])
    )  # fmt: skip


def test_the_command_reviews_a_file_offline(tmp_path: Path) -> None:
    questions, predictions = full_set()
    write(tmp_path, questions, changed(predictions, "tal", "prose"))
    done = run(
        tmp_path, "evaluation.predictions", "p.json",
        "--questions", "questions.json", "--json", "report.json",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("p.json: ready with 1 warning\n")
    assert "gnd (6,245)" in done.stdout
    report = Review.from_json((tmp_path / "report.json").read_bytes())
    assert report.verdict == "ready with 1 warning"
    assert len(report.sha256) == 64


def test_a_report_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    write(tmp_path, *full_set(10))
    done = run(tmp_path, "evaluation.predictions", "p.json", "--json", "no/such/report.json")
    assert done.returncode == 2
    assert "no/such/report.json cannot be written: its folder does not exist." in done.stderr
    command = [sys.executable, "-m", "evaluation.predictions", "p.json", "--json", "report.json"]
    # With this path, scripts/coverage.py does not measure it: coverage's file is too long too.
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    environment = child.environment(PYTHONPATH=path, PYTHONDONTWRITEBYTECODE="1")
    limits = child.Limits(120, memory_bytes=0, file_bytes=200)
    with TemporaryDirectory() as name:
        errors = Path(name) / "errors"
        asked = child.Command(command, tmp_path, environment)
        assert child.run(asked, Path(name) / "output", errors, limits).status == 1
        assert "report.json cannot be written" in child.last_words(errors).sentence
    assert sorted(path.name for path in tmp_path.iterdir()) == ["p.json", "questions.json"]


def test_a_bad_question_file_is_no_fault_of_the_upload(tmp_path: Path) -> None:
    write(tmp_path, *full_set(10))
    (tmp_path / "questions.json").write_text("{}")
    done = run(tmp_path, "evaluation.predictions", "p.json", "--questions", "questions.json")
    assert done.returncode == 2
    assert "questions.json is not a question file" in done.stderr


def test_the_template_has_every_id_and_qa_type_in_order(tmp_path: Path) -> None:
    questions, _ = full_set(10)
    path = tmp_path / "template.json"
    path.write_bytes(template((one.id, one.qa_type) for one in questions))
    found = load(path)
    assert [(one.id, one.qa_type) for one in found] == [(one.id, one.qa_type) for one in questions]
    assert {one.text for one in found} == {""}


def test_the_help_shows_the_command_on_its_own_line(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    assert "\n    medvidbench template (--questions FILE " in capsys.readouterr().out


def test_a_template_from_the_truth_has_no_text_of_it(tmp_path: Path) -> None:
    truth = {
        "id": "v&&1&&2&&1.0", "qa_type": "tal", "data_source": "canary",
        "metadata": {"video_id": "canary"}, "struc_info": ["canary"], "question": "canary",
        "conversations": [{"from": "gpt", "value": "canary"}],
    }  # fmt: skip
    (tmp_path / "truth.json").write_text(json.dumps([truth]))
    done = run(tmp_path, "evaluation.template", "--ground-truth", "truth.json", "out.json")
    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "out.json").read_text()) == [
        {"id": "v&&1&&2&&1.0", "qa_type": "tal", "prediction": ""}
    ]
    assert "canary" not in done.stdout + done.stderr
    failed = run(tmp_path, "evaluation.template", "--questions", "nowhere.json", "out2.json")
    assert failed.returncode == 1
    assert not (tmp_path / "out2.json").exists()
