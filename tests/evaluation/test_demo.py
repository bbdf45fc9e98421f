"""The synthetic benchmark: its shape, its marker, and two or a killed one making it."""

import hashlib
import json
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from core.benchmark import DATASETS, QA_TYPE_RECORDS, TASKS, TEST_RECORDS, task_of
from core.errors import StoreError
from evaluation.demo import FILES, MARKER, SEED, generate, is_complete
from evaluation.predictions import load
from evaluation.questions import read_questions
from evaluation.upload_check import review

ROOT = Path(__file__).resolve().parents[2]
COMMAND = (sys.executable, "-m", "evaluation.demo")
TIMED_BOX = re.compile(r"\d seconds: \[")
Record = dict[str, Any]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("data") / "demo"
    generate(made)
    return made


def records(folder: Path, name: str) -> list[Record]:
    found: list[Record] = json.loads((folder / name).read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="module")
def truth(folder: Path) -> list[Record]:
    return records(folder, "ground_truth.json")


@pytest.fixture(scope="module")
def good(folder: Path) -> list[str]:
    return [record["prediction"] for record in records(folder, "sample_good.json")]


@pytest.fixture(scope="module")
def flawed(folder: Path) -> list[Record]:
    return records(folder, "sample_flawed.json")


def digests(folder: Path) -> dict[str, str]:
    return {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in (*FILES, MARKER)
    }


def start(folder: Path, *options: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*COMMAND, str(folder), *options], cwd=ROOT, text=True, stderr=subprocess.PIPE
    )


def texts(record: Record) -> tuple[str, str]:
    question, answer = (turn["value"] for turn in record["conversations"])
    return question.removeprefix("<video>\n"), answer


def source(record: Record) -> str:
    return str(record.get("data_source", record["dataset_name"]))


# Shape of the truth


def test_counts_are_those_of_the_real_test_set(truth: list[Record]) -> None:
    assert len(truth) == TEST_RECORDS
    assert Counter(record["qa_type"] for record in truth) == QA_TYPE_RECORDS
    assert len({record["id"] for record in truth}) == 3975
    assert len({(record["id"], record["qa_type"]) for record in truth}) == 5644


def test_sources_have_only_their_own_tasks(truth: list[Record]) -> None:
    tasks: dict[str, set[str | None]] = {name: set() for name in DATASETS}
    for record in truth:
        tasks[source(record)].add(task_of(record["qa_type"]))
    assert tasks["Cholec80_CVS"] == {"cvs_assessment"}
    assert tasks["JIGSAWS"] == {"skill_assessment"}
    assert {name for name, found in tasks.items() if "next_action" in found} == {
        "AVOS", "CholecT50", "CoPESD", "EgoSurgery", "NurViD"
    }  # fmt: skip
    assert set().union(*tasks.values()) == {task.key for task in TASKS}


def test_every_record_is_marked_and_says_its_bounds(truth: list[Record]) -> None:
    for record in truth:
        metadata = record["metadata"]
        assert metadata["synthetic"] is True
        assert isinstance(metadata["fps"], str)
        video, first, last, fps = record["id"].split("&&")
        assert (video, fps) == (metadata["video_id"], metadata["fps"])
        assert int(first) < int(last)
    by_time = sum("input_video_start_time" in record["metadata"] for record in truth)
    assert 0.15 < by_time / TEST_RECORDS < 0.25
    assert sum("data_source" not in record for record in truth) in range(1, 100)


def test_next_actions_are_known_labels_in_new_and_old_wordings(truth: list[Record]) -> None:
    labels = json.loads((ROOT / "evaluation/data/next_action_labels.json").read_text("utf-8"))
    old = labels["aliases"]["CoPESD"]
    old_seen = 0
    for record in truth:
        if record["qa_type"] != "next_action":
            continue
        question, answer = texts(record)
        if source(record) == "NurViD":
            procedures = labels["nurvid_procedures"]
            named = next(name for name in procedures if name.lower() in question.lower())
            assert answer in procedures[named]
        elif source(record) in labels["datasets"]:
            old_seen += answer in old
            assert old.get(answer, answer) in labels["datasets"][source(record)]
    assert old_seen > 5


def test_structured_answers_come_in_every_known_form(truth: list[Record]) -> None:
    forms = Counter[str]()
    for record in truth:
        info = record["struc_info"]
        if task_of(record["qa_type"]) == "dvc":
            first = info[0]
            name = "nested" if isinstance(first, list) else "bare"
            forms["dvc_segments" if "dc_segments" in first else name] += 1
        if record["qa_type"] == "stg":
            forms[f"stg {type(info).__name__}"] += 1
        if record["qa_type"] == "tal":
            forms["tal one" if len(info) == 1 else "tal several"] += 1
    for name in ("nested", "bare", "dvc_segments", "stg list", "stg dict", "tal several"):
        assert forms[name] > 10, name


def test_the_words_of_a_grounding_question_ask_for_the_boxes_of_its_answer(
    truth: list[Record],
) -> None:
    every = re.compile(r"every (\d+) seconds from (\d+) to (\d+) seconds")
    listed = re.compile(r" at ([\d., and]+) seconds\?")
    found = Counter[str]()
    for record in truth:
        if record["qa_type"] != "stg":
            continue
        info = record["struc_info"]
        times = [float(time) for time in (info[0] if isinstance(info, list) else info)["bbox_dict"]]
        question = texts(record)[0]
        if match := every.search(question):
            step, first, last = map(int, match.groups())
            assert times == list(range(first, last + 1, step))
            found["every"] += 1
        elif match := listed.search(question):
            assert times == [float(number) for number in re.findall(r"[\d.]+", match[1])]
            found["listed"] += 1
        else:
            found["open"] += 1
    assert min(found["every"], found["listed"], found["open"]) > 10


def test_captions_have_realistic_lengths(truth: list[Record], good: list[str]) -> None:
    for record, prediction in zip(truth, good, strict=True):
        limits = {"rc": (15, 60), "vs": (60, 150)}.get(str(task_of(record["qa_type"])))
        if limits is None:
            continue
        for text in (texts(record)[1], prediction):
            assert not text or limits[0] <= len(text.split()) <= limits[1]


# The public files


def test_questions_hold_no_word_of_the_truth(folder: Path, truth: list[Record]) -> None:
    questions = records(folder, "questions.json")
    assert len(questions) == TEST_RECORDS
    for public, private in zip(questions, truth, strict=True):
        question, answer = texts(private)
        assert public == {
            "id": private["id"],
            "qa_type": private["qa_type"],
            "question": question,
        }
        assert answer not in question


def test_the_good_sample_decodes_and_answers_every_question(
    folder: Path, truth: list[Record], good: list[str]
) -> None:
    decoded = load(folder / "sample_good.json")
    assert [(one.id, one.qa_type) for one in decoded] == [
        (record["id"], record["qa_type"]) for record in truth
    ]
    assert [one.text for one in decoded] == good
    assert good.count("") == 4
    for record, prediction in zip(truth, good, strict=True):
        if record["qa_type"] == "stg":
            assert len(TIMED_BOX.findall(prediction)) == len(TIMED_BOX.findall(texts(record)[1]))


def test_about_twenty_good_next_actions_are_in_other_words(
    truth: list[Record], good: list[str]
) -> None:
    labels = (ROOT / "evaluation/data/next_action_labels.json").read_text("utf-8")
    ego = {
        texts(record)[1]
        for record in truth
        if record["qa_type"] == "next_action" and source(record) == "EgoSurgery"
    }
    off = [
        prediction
        for record, prediction in zip(truth, good, strict=True)
        if record["qa_type"] == "next_action"
        and f'"{prediction}"' not in labels
        and prediction not in ego
    ]
    assert len(off) == 20


def test_the_flawed_sample_can_be_aligned_by_index(folder: Path, truth: list[Record]) -> None:
    decoded = load(folder / "sample_flawed.json")
    known = {record["id"] for record in truth}
    unknown = 0
    for one, record in zip(decoded, truth, strict=True):
        assert one.qa_type == record["qa_type"]
        assert one.id == record["id"] or one.id not in known
        unknown += one.id not in known
    assert 0.15 < unknown / TEST_RECORDS < 0.25


def test_the_flawed_sample_has_the_flaws_of_real_submissions(
    flawed: list[Record], good: list[str]
) -> None:
    answers: dict[str, list[str]] = {}
    for record in flawed:
        answers.setdefault(record["qa_type"], []).append(record["answer"])
    assert sum(bool(a) and not TIMED_BOX.search(a) for a in answers["stg"]) == 37
    assert sum(not record["answer"] for record in flawed) == 60
    assert sum("–" in answer for answer in answers["tal"]) == 80
    assert sum(" early " in answer for answer in answers["tal"]) > 5
    assert sum(";" in answer for answer in answers["cvs_assessment"]) == 90
    assert answers["skill_assessment"].count("novice") == 20
    cut = [
        record["answer"]
        for record, whole in zip(flawed, good, strict=True)
        if record["answer"] and len(record["answer"]) < len(whole)
        and whole.startswith(record["answer"])
    ]  # fmt: skip
    assert len(cut) == 100


def test_a_stretch_of_the_flawed_sample_repeats_one_answer_per_clip(
    flawed: list[Record], truth: list[Record]
) -> None:
    answers: dict[str, list[str]] = {}
    for record, private in list(zip(flawed, truth, strict=True))[3000:3400]:
        answers.setdefault(private["id"], []).append(record["answer"])
    several = [found for found in answers.values() if len(found) > 1]
    assert len(several) > 50
    assert all(len(set(found)) == 1 for found in several)


def test_what_the_flawed_sample_claims_about_the_truth_is_its_own_answer(
    flawed: list[Record],
) -> None:
    assert all(record["gnd"] == record["answer"] for record in flawed)
    assert all(record["struc_info"] == [] for record in flawed)


# What the two samples score and how they are reviewed

# Within what published models reach on the real test set.
PUBLISHED = {
    "cvs_acc": (0.16, 0.90),
    "nap_acc": (0.23, 0.58),
    "sa_acc": (0.22, 0.39),
    "stg_miou": (0.05, 0.23),
    "tag_miou_03": (0.07, 0.50),
    "tag_miou_05": (0.04, 0.44),
    "dvc_f1": (0.10, 0.48),
}


def scores(folder: Path, sample: str, out: Path) -> dict[str, float | None]:
    run = subprocess.run(
        [
            *(sys.executable, str(ROOT / "evaluation/evaluate_predictions.py")),
            *(str(folder / sample), "--ground-truth", str(folder / "ground_truth.json")),
            *("--skip-llm-judge", "--json", str(out)),
        ],
        cwd=out.parent, text=True, capture_output=True, check=False, timeout=120,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    metrics: dict[str, float | None] = json.loads(out.read_text("utf-8"))["metrics"]
    return metrics


def test_the_good_sample_scores_like_a_published_model_and_the_flawed_one_lower(
    folder: Path, tmp_path: Path
) -> None:
    good = scores(folder, "sample_good.json", tmp_path / "good.json")
    flawed = scores(folder, "sample_flawed.json", tmp_path / "flawed.json")
    for key, (low, high) in PUBLISHED.items():
        assert low < (good[key] or 0) < high, key
    for key in ("stg_miou", "tag_miou_03", "tag_miou_05", "nap_acc"):
        assert 0 < (flawed[key] or 0) < (good[key] or 0), key


@pytest.mark.parametrize("sample", ["sample_good.json", "sample_flawed.json"])
def test_both_samples_pass_the_review_of_an_upload(folder: Path, sample: str) -> None:
    questions = read_questions(folder / "questions.json")
    found = review(load(folder / sample), questions)
    assert found.ready
    assert not found.problems
    if sample == "sample_good.json":
        assert all(row.unreadable == 0 for row in found.tasks)
        assert len(found.warnings) <= 2  # a few empty captions, nothing else
    else:
        stg = next(row for row in found.tasks if row.key == "stg")
        assert stg.unreadable == 37
        assert len(found.warnings) > 10


# Making it


def test_a_seed_gives_the_same_bytes_in_another_process(folder: Path, tmp_path: Path) -> None:
    made = start(tmp_path / "again", "--seed", str(SEED))
    assert made.communicate()[1] == ""
    assert made.returncode == 0
    assert digests(tmp_path / "again") == digests(folder)
    assert list((tmp_path).glob(".again.making-*")) == []


def test_a_second_call_writes_nothing(folder: Path) -> None:
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    generate(folder)
    assert {path.name: path.stat().st_mtime_ns for path in folder.iterdir()} == before


def test_another_seed_replaces_the_files(folder: Path, tmp_path: Path) -> None:
    made = tmp_path / "demo"
    generate(made)
    generate(made, seed=1)
    assert is_complete(made, seed=1)
    assert not is_complete(made)
    ours, first = digests(made), digests(folder)
    assert all(ours[name] != first[name] for name in FILES)


def no_marker(made: Path) -> None:
    (made / MARKER).unlink()


def cut_marker(made: Path) -> None:
    (made / MARKER).write_bytes((made / MARKER).read_bytes()[:40])


def cut_file(made: Path) -> None:
    path = made / "questions.json"
    path.write_bytes(path.read_bytes()[:-100])


def lost_file(made: Path) -> None:
    (made / "sample_good.json").unlink()


def older_version(made: Path) -> None:
    marker = json.loads((made / MARKER).read_text("utf-8"))
    (made / MARKER).write_text(json.dumps(marker | {"version": 0}), encoding="utf-8")


@pytest.mark.parametrize("harm", [no_marker, cut_marker, cut_file, lost_file, older_version])
def test_a_half_made_folder_is_made_anew(folder: Path, tmp_path: Path, harm: Any) -> None:
    made = tmp_path / "demo"
    made.mkdir()
    for name in (*FILES, MARKER):
        (made / name).write_bytes((folder / name).read_bytes())
    assert is_complete(made)
    harm(made)
    assert not is_complete(made)
    generate(made)
    assert digests(made) == digests(folder)


@pytest.mark.parametrize("wait", [0.15, 0.35, 0.6])
def test_a_killed_maker_leaves_nothing_that_is_taken_for_whole(
    folder: Path, tmp_path: Path, wait: float
) -> None:
    made = tmp_path / "demo"
    maker = start(made)
    time.sleep(wait)
    maker.send_signal(signal.SIGKILL)
    maker.communicate()
    if is_complete(made):
        assert digests(made) == digests(folder)
    generate(made)
    assert digests(made) == digests(folder)
    generate(made, seed=1)  # clears what the killed one left, were it made anew or not
    assert list(tmp_path.glob(".demo.making-*")) == []


def test_two_makers_at_once_agree(folder: Path, tmp_path: Path) -> None:
    makers = [start(tmp_path / "demo") for _ in range(3)]
    assert [maker.communicate()[1] for maker in makers] == ["", "", ""]
    assert [maker.returncode for maker in makers] == [0, 0, 0]
    assert digests(tmp_path / "demo") == digests(folder)
    assert list(tmp_path.glob(".demo.making-*")) == []


def test_two_seeds_at_once_leave_one_of_them_whole(tmp_path: Path) -> None:
    makers = [start(tmp_path / "demo", "--seed", seed) for seed in ("1", "2")]
    assert [maker.communicate()[1] for maker in makers] == ["", ""]
    assert is_complete(tmp_path / "demo", 1) != is_complete(tmp_path / "demo", 2)


def test_a_full_disk_is_one_clear_line_and_the_old_files_stand(
    folder: Path, tmp_path: Path
) -> None:
    made = tmp_path / "demo"
    generate(made)
    limited = "import resource as r; r.setrlimit(r.RLIMIT_FSIZE, (2_000_000, 2_000_000))\n"
    code = f"{limited}from evaluation.demo import main; raise SystemExit(main())"
    run = subprocess.run(
        [sys.executable, "-c", code, str(made), "--seed", "1"],
        cwd=ROOT, text=True, capture_output=True, check=False,
    )  # fmt: skip
    assert run.returncode == 1
    assert re.fullmatch(r"Demo data: cannot write .*: File too large\. .*\n", run.stderr)
    assert digests(made) == digests(folder)
    assert list(tmp_path.glob(".demo.making-*")) == []


def test_a_file_in_the_way_is_an_error_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "demo").write_text("mine", encoding="utf-8")
    with pytest.raises(StoreError, match=r"cannot write .*demo"):
        generate(tmp_path / "demo")
    assert (tmp_path / "demo").read_text("utf-8") == "mine"
