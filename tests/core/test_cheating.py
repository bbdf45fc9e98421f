"""Cheats that are tried: smuggled answers, easy questions only, copied files, tracks, probing."""

import gzip
import json
import random
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from job_world import PARITY, World

from core.access.submission_keys import hash_key
from core.benchmark import METRIC_KEYS
from core.changes import admin_operations as acts
from core.changes import operations
from core.changes.operations import add
from core.errors import RefusedError
from core.model.entries import Entry
from core.model.policy import Policy
from core.publish.numbers import percent
from core.ranking.average_rank import rank_entries
from core.ranking.coverage import as_counted, counted, low, parts_text, share
from core.runs.duplicates import SAME_FILE, tell, twins
from core.runs.ladder import SampleFile, better
from core.runs.ladder_files import rungs_of, so_far
from core.runs.upload_check import check
from core.usecases.job_view import job_view
from core.usecases.report_problem import PER_READER, REASONS, Complaint, send
from core.usecases.services import Services

REPOSITORY = Path(__file__).resolve().parents[2]
PARITY_FILE = json.loads(PARITY.read_text(encoding="utf-8"))
KEY = "mvb-of-the-ladder"


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
    """The truth itself inside the upload, and ready-made scores, beside answers that are wrong."""
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
    assert "never read" in note.text
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
    names = [one.model_name for _, one in rank_entries([honest, easy])]
    assert names == ["Easy", "Honest"]
    values = [as_counted(one, enforced).metrics for one in (honest, easy)]
    names = [one.model_name for _, one in rank_entries([honest, easy], counted=values)]
    assert names == ["Honest", "Easy"]
    assert easy.metrics["stg_miou"] == 0.9  # shown all the same
    assert counted(easy.metrics, easy.coverage, enforced) == dict.fromkeys(METRIC_KEYS)
    assert counted(easy.metrics, easy.coverage, shown) == easy.metrics


def easy_component(folder: Path, answer: str) -> tuple[dict, SampleFile]:
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
         "--json", f"{folder}/out.json", "--samples", f"{folder}/samples.json"],
        cwd=REPOSITORY, check=True, capture_output=True,
    )  # fmt: skip
    samples = msgspec.json.decode((folder / "samples.json").read_bytes(), type=SampleFile)
    return json.loads((folder / "out.json").read_text()), samples


def test_naming_only_the_easy_part_of_every_answer_is_marked_and_climbs_nothing(
    tmp_path: Path,
) -> None:
    easy, easy_samples = easy_component(tmp_path / "easy", "cystic plate: 0")
    whole, whole_samples = easy_component(
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
    assert better(whole_samples, easy_samples, key)
    assert not better(easy_samples, whole_samples, key)


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
    world.store.commit(acts.set_policy(Policy(), policy, "admin"))
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


def test_a_copied_file_is_told_to_the_admin_once(world: World) -> None:
    first, copy = world.submit("Model A"), world.submit("Copycat")
    again = world.submit("model a", evaluate_only=True)  # its own name: nobody's concern
    state = world.store.read()
    assert [one.model_name for one in twins(state, state.submissions[copy.submission_id])] == [
        "Model A", "model a",
    ]  # fmt: skip
    made = entry("Copycat")
    made = msgspec.structs.replace(made, entry_id=copy.submission_id)
    world.store.commit(add(copy.submission_id, made))
    tell(world.store, copy.submission_id)
    tell(world.store, copy.submission_id)
    (report,) = world.store.read().reports
    assert (report.reason, report.entry_id) == (SAME_FILE, copy.submission_id)
    assert "“Copycat” has the same answers as “Model A”" in (report.text or "")
    assert first.job_id != again.job_id


# Probing the hidden set through "evaluate only"


def test_the_ladder_holds_back_what_is_not_significantly_better(world: World) -> None:
    world.store.commit(acts.set_policy(Policy(), Policy(ladder=True), "admin"))
    records = world.predictions
    worse = [
        {**one, "prediction": ""} if one["qa_type"] == "stg" and index % 2 else one
        for index, one in enumerate(records)
    ]
    seen = []
    for name, answers in (("first", records), ("second", worse)):
        job = submit_for(world, name, answers)
        world.jobs.start_waiting()
        assert world.finish(job).state == "completed"
        view = job_view(Services(world.settings, world.store, world.jobs), job.job_id, KEY)
        assert view is not None and view.result is not None
        seen.append((job, view))
    (first, before), (second, after) = seen
    assert before.result.held == ()
    assert "stg_miou" in after.result.held
    for figures in ("metrics", "strict", "coverage", "by_dataset"):
        assert (
            getattr(after.result, figures)["stg_miou"]
            == getattr(before.result, figures)["stg_miou"]
        )
    own = json.loads((world.jobs.results(second).evaluation).read_text())["metrics"]["stg_miou"]
    assert own < before.result.metrics["stg_miou"]
    shown = re.sub(r"\d\d:\d\d:\d\d\.\d+Z", "", repr(after))  # a time may hold the figure
    assert f"{own:.3f}" not in shown and f"{own:.4f}" not in shown
    assert "scores are left out" in after.log
    rungs = rungs_of(world.settings.root, second.submission_id) or {}
    assert rungs["stg_miou"] == first.submission_id
    state = world.store.read()
    assert (
        so_far(
            world.settings.root,
            state,
            state.submissions["x"]
            if "x" in state.submissions
            else state.submissions[second.submission_id],
        )["stg_miou"]
        == first.submission_id
    )


def submit_for(world: World, name: str, answers: list[dict[str, object]]):
    """An evaluate-only submission of one and the same submitter, with a key."""
    import hashlib

    from core.files.ids import new_id
    from core.model.entries import Submission
    from core.runs.records import result_files

    data = json.dumps(answers).encode()
    files = result_files(world.settings.root, wanted := new_id())
    files.folder.mkdir(parents=True)
    files.upload.write_bytes(gzip.compress(data))
    made = Submission(
        submission_id=wanted, model_name=name, organization="Lab", created=operations.now(),
        key_hash=hash_key(KEY), predictions_sha256=hashlib.sha256(data).hexdigest(),
        records=len(answers), evaluate_only=True, submitter="address-" + "a" * 32,
    )  # fmt: skip
    world.store.commit(operations.submit(made, "participant"))
    return world.jobs.enqueue("evaluation", wanted)


# Reports, and their misuse


def test_a_report_reaches_the_admin_and_floods_do_not(world: World) -> None:
    services = Services(world.settings, world.store, world.jobs)
    job = world.submit("Model A")
    world.store.commit(add(job.submission_id, entry("Model A")))
    told = Complaint(
        "entry-Model A".replace(" ", " "), REASONS[0], "Its CVS score\nis too high.", "r@x.example"
    )
    for _ in range(PER_READER):
        send(services, told, "address-1")
    with pytest.raises(RefusedError, match="At most 5 reports"):
        send(services, told, "address-1")
    send(services, told, "address-2")
    reports = world.store.read().reports
    assert len(reports) == PER_READER + 1
    assert reports[0].text == "Its CVS score\nis too high."
    journal = (world.settings.root / "journal.jsonl").read_text()
    assert "r@x.example" not in journal and "too high" not in journal
    assert len(list((world.settings.root / "private").glob("*.json"))) == len(reports)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"reason": "Nonsense"}, "reason"),
        ({"text": "short"}, "text"),
        ({"text": "x" * 2001}, "text"),
        ({"text": "turned \u202e round, and long enough"}, "text"),
        ({"contact": "c" * 201}, "contact"),
        ({"contact": "a\x00b"}, "contact"),
        ({"entry_id": "../../etc/passwd"}, "entry_id"),
    ],
)
def test_a_report_that_cannot_be_is_refused(
    world: World, changes: dict[str, str], field: str
) -> None:
    services = Services(world.settings, world.store, world.jobs)
    job = world.submit("Model A")
    world.store.commit(add(job.submission_id, entry("A")))
    fields = {"entry_id": "entry-A", "reason": REASONS[0], "text": "long enough text", **changes}
    with pytest.raises(RefusedError) as refusal:
        send(services, Complaint(**fields), "address-1")
    assert field in refusal.value.problems
    assert world.store.read().reports == ()
    assert list((world.settings.root / "private").glob("*.json")) == []
