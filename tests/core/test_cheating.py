"""Attempts to cheat: smuggled answers, easy questions only, copied files, tracks, probing."""

import gzip
import json
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from core.benchmark import METRIC_KEYS
from core.changes.settings import set_policy
from core.changes.submitting import add
from core.model.entries import Entry
from core.model.policy import Policy
from core.publish.board.table import low_reason
from core.publish.numbers import percent
from core.ranking.board import rank_board
from core.ranking.coverage import counted, low, parts_text, share
from core.runs.log_scores import LEFT_OUT
from core.runs.uploads.check import check
from core.runs.uploads.duplicates import SAME_PREDICTIONS, report_same_answers, same_answers
from core.usecases.job_view import job_view
from core.usecases.services import Services
from tests.core.job_world import KEY, PARITY, World

pytestmark = pytest.mark.slow

REPOSITORY = Path(__file__).resolve().parents[2]
PARITY_FILE = json.loads(PARITY.read_text(encoding="utf-8"))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.close()


def review(folder: Path, records: object, name: str = "file.json"):
    path = folder / name
    data = json.dumps(records).encode()
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return check(path)


# Answers or scores smuggled in an upload


def test_smuggled_answers_and_scores_change_nothing_and_are_said_to_be_unread(
    tmp_path: Path,
) -> None:
    """The truth itself and finished scores in an upload with wrong answers."""
    truth, answers = PARITY_FILE["ground_truth"], PARITY_FILE["predictions"]
    smuggled = [
        {
            **answer,
            "gnd": asked["struc_info"],
            "struc_info": asked["struc_info"],
            "ground_truth": "the answer",
            "llm_judge_scores": {"R1": 5},
            "evaluations": {"score": 1.0},
        }
        for answer, asked in zip(answers, truth, strict=True)
    ]
    report = review(tmp_path, smuggled)
    (note,) = [found for found in report.notes if found.code == "ignored_fields"]
    assert "are ignored" in note.text
    for name in ("gnd", "struc_info", "ground_truth", "llm_judge_scores", "evaluations"):
        assert f"{name} ({len(answers):,})" in note.text
    (tmp_path / "truth.json").write_text(json.dumps(truth))
    results = []
    for name, records in (("plain", answers), ("file", smuggled)):
        (tmp_path / f"{name}.json").write_text(json.dumps(records))
        subprocess.run(
            [sys.executable, "-m", "evaluation.evaluate_predictions", f"{tmp_path}/{name}.json",
             "--ground-truth", f"{tmp_path}/truth.json", "--skip-llm-judge",
             "--json", f"{tmp_path}/{name}.out"],
            cwd=REPOSITORY, check=True, capture_output=True,
        )  # fmt: skip
        results.append(json.loads((tmp_path / f"{name}.out").read_text())["metrics"])
    assert results[0] == results[1]


# Answering only the easy questions


def entry(name: str, scored: int = 100, value: float = 0.5) -> Entry:
    coverage = {key: {"records": 100, "answered": scored, "scored": scored} for key in METRIC_KEYS}
    return Entry(entry_id=f"entry-{name}", model_name=name, organization="Lab",
                 metrics=dict.fromkeys(METRIC_KEYS, value), coverage=coverage)  # fmt: skip


def test_few_scored_questions_are_marked_and_count_until_the_admin_says_otherwise() -> None:
    honest, easy = entry("Honest", 95, 0.5), entry("Easy", 94, 0.9)
    shown, enforced = Policy(), Policy(enforce_min_coverage=True)
    assert low(honest.metrics, honest.coverage, shown) == {}
    assert low(easy.metrics, easy.coverage, shown) == dict.fromkeys(METRIC_KEYS, 0.94)
    assert rank_board("community", [honest, easy], shown).entries == (easy, honest)
    assert rank_board("community", [honest, easy], enforced).entries == (honest, easy)
    assert easy.metrics["stg_miou"] == 0.9  # still shown
    assert counted(easy.metrics, easy.coverage, enforced) == dict.fromkeys(METRIC_KEYS)
    assert counted(easy.metrics, easy.coverage, shown) == easy.metrics


def test_few_captions_are_marked_although_all_of_them_were_graded() -> None:
    """The evaluation scores no caption: the judge grades them later."""
    coverage = {"records": 565, "answered": 49, "scored": 0, "unscored": {"not_judged": 565}}
    few = msgspec.structs.replace(entry("Few"), coverage={"vs_llm": coverage})
    enforced = Policy(enforce_min_coverage=True)
    assert low(few.metrics, few.coverage, Policy()) == {"vs_llm": 49 / 565}
    assert counted(few.metrics, few.coverage, enforced)["vs_llm"] is None
    (standing,) = rank_board("community", [few], enforced).standings
    assert low_reason(few.coverage, "vs_llm", enforced) == (
        "Scored on 8.6 % of this metric's questions, less than 95 %, so it does not count in the "
        "rank."
    )
    assert standing.metric_ranks["vs_llm"] is None


def test_prose_in_place_of_dense_captions_is_no_coverage() -> None:
    """Only answers with a segment have captions to grade."""
    graded = {"records": 1479, "answered": 1479, "scored": 0, "unscored": {"not_judged": 1479}}
    segments = {"records": 1479, "answered": 1479, "scored": 148, "unscored": {"unparsed": 1331}}
    prose = msgspec.structs.replace(
        entry("Prose"), coverage={"dvc_llm": graded, "dvc_f1": segments}
    )
    assert low(prose.metrics, prose.coverage, Policy()) == dict.fromkeys(
        ("dvc_llm", "dvc_f1"), 148 / 1479
    )
    assert share({"dvc_llm": graded}, "dvc_llm") == 1  # no segments were scored


def easy_component(folder: Path, answer: str) -> dict:
    """200 CVS records whose cystic plate is nearly always 0, scored by the real command."""
    draw = random.Random(1)
    truth = [
        {"id": f"v{n}&&0&&1&&1", "qa_type": "cvs_assessment", "data_source": "Cholec80_CVS",
         "metadata": {"video_id": f"v{n}", "fps": "1"},
         "struc_info": [{"cvs_scores": {
             "two_structures": draw.randint(0, 2), "cystic_plate": int(draw.random() > 0.95),
             "hepatocystic_triangle": draw.randint(0, 2)}}],
         "conversations": [{"from": "human", "value": "?"}, {"from": "gpt", "value": "x"}]}
        for n in range(200)
    ]  # fmt: skip
    answers = [{"id": one["id"], "qa_type": one["qa_type"], "prediction": answer} for one in truth]
    folder.mkdir()
    (folder / "truth.json").write_text(json.dumps(truth))
    (folder / "file.json").write_text(json.dumps(answers))
    subprocess.run(
        [sys.executable, "-m", "evaluation.evaluate_predictions", f"{folder}/file.json",
         "--ground-truth", f"{folder}/truth.json", "--tasks", "cvs_assessment",
         "--json", f"{folder}/out.json"],
        cwd=REPOSITORY, check=True, capture_output=True,
    )  # fmt: skip
    return json.loads((folder / "out.json").read_text())


def test_naming_only_the_easy_part_of_every_answer_is_marked(
    tmp_path: Path,
) -> None:
    easy = easy_component(tmp_path / "easy", "cystic plate: 0")
    whole = easy_component(
        tmp_path / "whole", "two structures: 1, cystic plate: 0, hepatocystic triangle: 1"
    )
    key = "cvs_acc"
    assert easy["metrics"][key] > 0.9 > whole["metrics"][key]  # the official value stays
    assert easy["strict"][key] < whole["strict"][key]
    counts = {name: easy["coverage"][key][name] for name in ("scored", "parts", "parts_named")}
    assert counts == {"scored": 200, "parts": 600, "parts_named": 200}
    assert share(easy["coverage"], key) == pytest.approx(1 / 3)
    assert parts_text(easy["coverage"], key) == "200 of 600 components answered"
    assert low(easy["metrics"], easy["coverage"], Policy()) == {key: pytest.approx(1 / 3)}
    enforced = Policy(enforce_min_coverage=True)
    assert counted(easy["metrics"], easy["coverage"], enforced)[key] is None
    assert share(whole["coverage"], key) == 1.0
    assert low(whole["metrics"], whole["coverage"], Policy()) == {}


@pytest.mark.parametrize(
    ("counts", "expected", "text"),
    [
        pytest.param({}, 0.9, "", id="an older evaluation counted none"),
        pytest.param({"parts": 30, "parts_named": 27}, 0.9, "", id="as many as records"),
        pytest.param({"parts": 30, "parts_named": 29}, 0.9, "", id="records are fewer"),
        pytest.param({"parts": 15, "parts_named": 2}, 2 / 15, "2 of 15 aspects answered", id="few"),
        pytest.param({"parts": 2, "parts_named": 9}, 0.9, "", id="more than there are"),
        pytest.param({"parts": "2", "parts_named": None}, 0.9, "", id="damaged"),
    ],
)
def test_the_share_of_a_balanced_metric_is_that_of_its_parts_where_it_is_smaller(
    counts: dict[str, object], expected: float, text: str
) -> None:
    coverage = {"sa_acc": {"records": 10, "scored": 9, **counts}}
    assert share(coverage, "sa_acc") == pytest.approx(expected)
    assert parts_text(coverage, "sa_acc") == text
    other = {"stg_miou": coverage["sa_acc"]}  # only balanced metrics have parts
    assert share(other, "stg_miou") == 0.9


@pytest.mark.parametrize(
    "coverage",
    [{}, {"stg_miou": None}, {"stg_miou": {}}, {"stg_miou": {"scored": 0, "records": 5}},
     {"stg_miou": {"scored": "9", "records": 5}}, {"stg_miou": {"scored": 9, "records": 5}}],
)  # fmt: skip
def test_an_unknown_coverage_is_no_coverage_and_no_mark(coverage: dict[str, object]) -> None:
    assert share(coverage, "stg_miou") is None
    assert low({"stg_miou": 0.5}, coverage, Policy()) == {}


def test_a_share_is_never_said_to_be_whole_when_it_is_not() -> None:
    assert [percent(one) for one in (1.0, 0.9999, 0.95, 0.123)] == [
        "100 %",
        "99.9 %",
        "95 %",
        "12.3 %",
    ]


def test_the_board_file_ranks_by_what_counts(world: World) -> None:
    for name, scored, value in (("Honest", 100, 0.5), ("Easy", 50, 0.9)):
        job = world.submit(name)
        made = entry(name, scored, value)
        world.store.commit(add(job.submission_id, made))
    board = world.settings.root / "leaderboard.json"
    assert json.loads(board.read_text())[0]["model_name"] == "Easy"
    policy = Policy(enforce_min_coverage=True)
    world.store.commit(set_policy(Policy(), policy, "admin"))
    first, second = json.loads(board.read_text())
    assert (first["model_name"], second["stg_miou"], second["rank"]) == ("Honest", 0.9, 2)
    assert world.store.verify() == []


# The same file under several names


def test_the_same_answers_are_recognised_however_the_file_is_written(tmp_path: Path) -> None:
    answers = PARITY_FILE["predictions"]
    plain = review(tmp_path, answers)
    disguised = [
        {"note": index, "prediction": f" {one['prediction']}\n", "qa_type": one["qa_type"],
         "id": one["id"], "gnd": "x"}
        for index, one in enumerate(reversed(answers))
    ]  # fmt: skip
    other = review(tmp_path, disguised, "other.json.gz")
    assert other.sha256 != plain.sha256
    assert len(plain.content_sha256) == 64
    assert other.content_sha256 == plain.content_sha256
    answers = [{**one, "prediction": one["prediction"] + "."} for one in answers]
    assert review(tmp_path, answers, "third.json").content_sha256 != plain.content_sha256


def test_a_copied_file_is_reported_to_the_admin_once(world: World) -> None:
    first, copy = world.submit("Model A"), world.submit("Copycat")
    again = world.submit("model a", evaluate_only=True)  # its own name: not reported
    state = world.store.read()
    others = same_answers(state, state.submissions[copy.submission_id])
    assert [one.model_name for one in others] == ["Model A", "model a"]
    made = entry("Copycat")
    made = msgspec.structs.replace(made, entry_id=copy.submission_id)
    world.store.commit(add(copy.submission_id, made))
    report_same_answers(world.store, copy.submission_id)
    report_same_answers(world.store, copy.submission_id)
    (report,) = world.store.read().reports
    said = world.store.personal(report.contact_ref)
    assert (report.reason, report.entry_id) == (SAME_PREDICTIONS, copy.submission_id)
    assert "“Copycat” has the same answers as “Model A”" in said["text"]
    world.submit("Copycat", evaluate_only=True)
    later = world.submit("Third", evaluate_only=True)
    report_same_answers(world.store, later.submission_id)
    said = world.store.personal(world.store.read().reports[-1].contact_ref)
    assert said["text"].count("“Copycat”") == 1
    assert first.job_id != again.job_id


# Probing the hidden set through "evaluate only"


def test_evaluate_only_shows_its_values_to_its_owner_alone(world: World) -> None:
    job = world.submit("Model A", evaluate_only=True)
    world.jobs.start_waiting()
    assert world.finish(job).state == "completed"
    services = Services(world.settings, world.store, world.jobs)
    view, other = job_view(services, job.job_id, KEY), job_view(services, job.job_id, "mvb_other")
    assert view is not None and view.result is not None
    own = json.loads((world.jobs.results(job).evaluation).read_text())["metrics"]
    assert view.result.metrics["stg_miou"] == pytest.approx(own["stg_miou"], abs=0.0005)
    assert LEFT_OUT not in view.log
    assert other is not None
    assert (other.result, other.log) == (None, "")
