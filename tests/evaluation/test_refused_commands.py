"""What the commands for participants refuse before they read or send anything."""

import argparse
import json
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from core.errors import MedVidBenchError, SettingsError
from core.model.contracts.judge import RESULT_FILE, JudgeResult
from evaluation import __main__ as commands
from evaluation import api_client, judged, own_truth, submit, template
from evaluation.judge import agree_command, run_command
from evaluation.judge.console import read_plan
from evaluation.labels import all_labels
from evaluation.nearest import nearest, stored_embeddings
from tests.evaluation.test_compare import RIGHT_A, answers, truth


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    content = {"a": answers(RIGHT_A), "truth": truth()}
    for name, records in content.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(records))
    return {name: tmp_path / f"{name}.json" for name in content}


def test_one_name_leads_to_each_command(
    files: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert commands.main(["check", str(files["a"])]) == 0
    assert "a.json: ready with" in capsys.readouterr().out
    assert commands.main(["evalute"]) == 2
    assert "Unknown command 'evalute'; use check, " in capsys.readouterr().err
    for asked in ([], ["--help"]):
        assert commands.main(asked) == 0
        assert "medvidbench check FILE" in capsys.readouterr().out


URL = ["--url", "http://127.0.0.1:9"]


def wrong_use(command: Callable[[list[str]], int], given: list[str]) -> None:
    """Run a command that must end because of its options, with status 2."""
    with pytest.raises(SystemExit) as ended:
        command(given)
    assert ended.value.code == 2


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ([*URL, "--set", "weights"], "--set weights: expected FIELD=VALUE"),
        ([*URL, "--replaces", "entry-1"], "has no key. Give the entry's key file with --key."),
        (["--url", "board.example.org"], "expected an address that starts with https://"),
    ],
)
def test_submit_says_what_is_wrong_and_sends_nothing(
    files: dict[str, Path], more: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert submit.main([str(files["a"]), *more]) == 1
    assert told in capsys.readouterr().err


def test_files_and_options_that_are_not_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for command, given, told in (
        (submit.main, ["none.json", *URL], "none.json is not a file."),
        (
            template.main,
            ["--ground-truth", "t.json", "--with-questions", "out.json"],
            "--with-questions needs --questions",
        ),
    ):
        wrong_use(command, given)
        assert told in capsys.readouterr().err
    (tmp_path / "scores.jsonl").write_bytes(b"")
    with pytest.raises(MedVidBenchError, match="has no scores"):
        agree_command.read(tmp_path / "scores.jsonl")


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (["--replaces", "e", "--evaluate-only"], "publishes a new version"),
        (["--replaces", "e", "--name", "M", "--set", "team=T"], "omit --name, --set."),
        (["--json", "job.json"], "--json writes the finished job: add --wait."),
        (["--wait", "--json", "a.json"], "--json a.json is already used by this command"),
        (["--wait", "--json", "a.json.key"], "--json a.json.key is already used"),
        (["--wait", "--json", "none/job.json"], "its folder does not exist. Create it."),
    ],
)
def test_submit_refuses_options_that_would_surprise(
    files: dict[str, Path],
    more: list[str],
    told: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(files["a"].parent)
    wrong_use(submit.main, ["a.json", *URL, *more])
    assert told in capsys.readouterr().err.replace("\n", " ")


@pytest.mark.parametrize("content", [b"\x1f\x8b\xff", b"-----BEGIN PRIVATE KEY-----", b"mvb-x"])
def test_no_other_file_is_sent_as_a_key(
    files: dict[str, Path], content: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    other = files["a"].with_name("other")
    other.write_bytes(content)
    assert submit.main([str(files["a"]), *URL, "--key", str(other)]) == 1
    assert "other: not a key file. Expected a submission key" in capsys.readouterr().err
    assert other.read_bytes() == content


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (["--json", "a.json"], "a.json is already used by this command"),
        (["--keep", "a.json"], "a.json is already used by this command"),
        (["--keep", "truth.json"], "truth.json exists. Give another name"),
        (["--keep", "none/k.json.gz"], "its folder does not exist. Create it."),
        (["--json", "."], ". is not a regular file."),
        (["--keep", "k.json.gz", "--json", "r.json"], "--keep writes no review: omit --json"),
    ],
)
def test_a_check_overwrites_no_answers(
    files: dict[str, Path],
    more: list[str],
    told: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(files["a"].parent)
    before = {path.name: path.read_bytes() for path in files.values()}
    wrong_use(commands.main, ["check", "a.json", *more])
    assert told in capsys.readouterr().err
    assert {path.name: path.read_bytes() for path in files["a"].parent.iterdir()} == before


def test_a_sample_of_no_captions_is_refused_before_scoring(
    files: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    for number in ("0", "-3", "x"):
        wrong_use(commands.main, ["evaluate", str(files["a"]), f"--judge-samples={number}"])
        assert "expected a whole number of at least 1, got" in capsys.readouterr().err


def test_a_judge_that_did_not_start_is_not_told_by_an_earlier_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    earlier = JudgeResult(
        complete=False, state="failed: 50 pairs in a row", metrics={}, aspects={}, share={},
        calls=0, cost_usd=0.0, model="m", models_named=[], rubric_version="1", prompt_hash={},
        date="", predictions_sha256="", ground_truth_sha256="",
    )  # fmt: skip
    (tmp_path / RESULT_FILE).write_bytes(msgspec.json.encode(earlier))
    found = judged.grade(tmp_path / "a", tmp_path / "truth", tmp_path, ["vs"], None)
    assert found == ({}, "The caption judge gave no result.")
    assert capsys.readouterr().err  # why it did not start


def test_references_that_are_not_there_are_named(
    files: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    given = [str(files["a"]), "--ground-truth", "no/such/truth.json"]
    for command in (["evaluate", *given], ["compare", str(files["a"]), *given]):
        assert commands.main(command) == 1
        assert (
            "the ground truth file truth.json cannot be read: No such file or directory. Check "
            "its path." in capsys.readouterr().err
        )


def test_an_empty_question_file_makes_no_template(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "q.json").write_text("[]")
    given = ["--questions", str(tmp_path / "q.json")]
    assert template.main([*given, str(tmp_path / "t.json")]) == 1
    assert "q.json has no records." in capsys.readouterr().err
    assert template.main([*given, str(tmp_path / "none" / "t.json")]) == 1
    assert "its folder does not exist. Create it." in capsys.readouterr().err
    assert not (tmp_path / "t.json").exists()


def test_an_empty_template_replaces_no_answers(
    files: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    before = files["a"].read_bytes()
    assert template.main(["--ground-truth", str(files["truth"]), str(files["a"])]) == 1
    assert "a.json exists. Give another name" in capsys.readouterr().err
    assert files["a"].read_bytes() == before


def test_a_reply_of_another_server_is_told(tmp_path: Path) -> None:
    for data in (b"<html>", b"[1]"):
        with pytest.raises(api_client.ApiError, match="not like a MedVidBench leaderboard"):
            api_client._read(data, "https://example.org")


def test_a_file_without_captions_is_not_judged(files: dict[str, Path]) -> None:
    given = argparse.Namespace(predictions=files["a"], ground_truth=files["truth"])
    with pytest.raises(MedVidBenchError, match="no caption can be judged"):
        read_plan(given)


def test_a_file_of_several_arrays_contains_no_references(tmp_path: Path) -> None:
    file = tmp_path / "lines.json"
    lines = [json.dumps(record) for record in answers(RIGHT_A)[:3]]
    file.write_text("\n".join(lines))
    assert own_truth.own_truth(file) is None


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"budget": 0}, "MEDVIDBENCH_JUDGE_BUDGET: expected a number of at least 1, got 0."),
        ({"price_input": float("nan")}, "JUDGE_PRICE_INPUT: expected a number of at least 0"),
        ({"min_share": 0}, "MEDVIDBENCH_JUDGE_MIN_SHARE: expected a share above 0"),
        ({"min_share": 1.01}, "MEDVIDBENCH_JUDGE_MIN_SHARE: expected a share above 0"),
    ],
)
def test_settings_of_the_judge_out_of_range_are_named(changed: dict[str, float], told: str) -> None:
    fine = {"budget": 1, "concurrency": 1, "price_input": 0, "price_output": 0, "min_share": 1}
    run_command._check(argparse.Namespace(**fine))
    with pytest.raises(SettingsError, match=told):
        run_command._check(argparse.Namespace(**{**fine, **changed}))


def test_labels_themselves_are_nearest_without_the_encoder() -> None:
    known = tuple(all_labels())
    assert nearest([(known[1], known[:3]), (known[0], known[:3])]) == [known[1], known[0]]
    assert stored_embeddings(known[:3]) == {}  # none are stored for exactly these
