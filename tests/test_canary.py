"""No part of the truth leaks: not on a page, in a log, in a file or in a commit.

The truth has a marked word wherever its format allows text. Then everything runs
once: good, flawed, hostile and refused uploads, a killed and a cancelled job, a damaged
truth, the evaluator with every flag, every page, the mirror and its commands. All output
is searched. New pages are included automatically.
"""

import contextlib
import gzip
import io
import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.mirror import __main__ as mirror_command
from core.mirror.sync import Mirror
from core.model.entries import Job
from core.runs.statistics.update import update as update_statistics
from tests.core.job_world import KEY, World, wait_for
from tests.hub.emulator import Emulator
from tests.hub.emulator_repo import Repo
from tests.hub.emulator_traffic import WRITE
from tests.hub.mirror_world import NAME

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[1]
CANARY = "zqcanary"
PAGES = sorted((ROOT / "pages").glob("*.py"))
HOSTILE = (
    "<script>alert(1)</script>",
    "[[[[[[",
    "9" * 400 + "-1 seconds: x",
    "\u202e\u2066 :red[x] $x$",
    "nan-inf seconds: x",
    "",
)
REFUSED = ("\x00", None, ["a"], 7)


@dataclass
class Scene:
    """The state after everything has run."""

    world: World
    repo: Repo
    jobs: dict[str, Job] = field(default_factory=dict)
    printed: dict[str, str] = field(default_factory=dict)
    log: str = ""


def marked(value: Any, name: str = "") -> Any:
    """The same with the word in every text and key that the evaluation does not need.

    Ids, tasks, sources and video ids are not secret: uploads and questions have them too.
    """
    public = {"id", "qa_type", "data_source", "dataset_name", "video_id", "fps", "from"}
    if isinstance(value, dict):
        extra: dict[str, Any] = {f"note_{CANARY}": 3 if name == "skill_scores" else CANARY}
        return {k: v if k in public else marked(v, k) for k, v in value.items()} | extra
    if isinstance(value, list):
        return [marked(one, name) for one in value]
    return f"{value} {CANARY}" if isinstance(value, str) else value


def marked_truth(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The truth with marked answers, captions, actions and notes; numbers stay valid."""
    made = []
    for record in records:
        new = marked(record)
        if record["qa_type"] in ("stg", "cvs_assessment"):
            new["struc_info"] = record["struc_info"]  # has only numbers and fixed keys
        made.append(new)
    return made


def flawed(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Fewer records in another order, some of them hostile."""
    kept = [dict(record) for index, record in enumerate(records[::-1]) if index % 7]
    for index, record in enumerate(kept[::3]):
        record["prediction"] = HOSTILE[index % len(HOSTILE)]
    return kept


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory, packages_read_once: None) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("canary")
    stream = (folder / "server.log").open("w+", encoding="utf-8")
    handler, root = logging.StreamHandler(stream), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    with Emulator() as hub:
        repo = hub.add_repo(NAME)
        world = World(folder, hub_repo=NAME, hub_token=WRITE, hub_endpoint=hub.url)
        assert world.settings.ground_truth is not None
        truth = marked_truth(world.truth)
        world.settings.ground_truth.write_text(json.dumps(truth), encoding="utf-8")
        found = Scene(world, repo)
        try:
            run_jobs(found)
            update_statistics(world.settings, world.store)
            run_evaluator(found, folder)
            run_pages(found)
            Mirror(world.settings, world.store).sync(force=True)
            run_commands(found)
        finally:
            world.close()
            root.removeHandler(handler)
            root.setLevel(level)
            stream.flush()
            stream.seek(0)
            found.log = stream.read()
            stream.close()
        yield found


def run_jobs(scene: Scene) -> None:
    world = scene.world
    made = {
        "good": world.submit("Good"),
        "flawed": world.submit("Flawed", flawed(world.predictions), evaluate_only=True),
        "refused": world.submit("Refused", [{**r, "id": "x"} for r in world.predictions]),
    }

    def ended() -> bool:
        world.jobs.start_waiting()
        return all(world.get(job).done for job in made.values())

    wait_for(ended, "the jobs")
    made["killed"] = world.submit("Killed")
    world.jobs.start_waiting()
    world.evaluator(made["killed"]).kill()
    world.finish(made["killed"])
    made["cancelled"] = world.submit("Cancelled")
    world.jobs.start_waiting()
    world.evaluator(made["cancelled"])
    world.jobs.cancel(made["cancelled"].job_id)
    path = world.settings.ground_truth
    assert path is not None
    whole = path.read_text(encoding="utf-8")
    damaged = [
        {**r, "struc_info": [{CANARY: [CANARY], "spans": [{"start": CANARY, "end": 1}]}]}
        for r in json.loads(whole)
    ]
    path.write_text(json.dumps(damaged), encoding="utf-8")
    made["damaged"] = world.submit("Damaged")
    world.jobs.start_waiting()
    world.finish(made["damaged"])
    path.write_text(whole, encoding="utf-8")
    world.jobs.recover()
    scene.jobs = {name: world.get(job) for name, job in made.items()}


def run_evaluator(scene: Scene, folder: Path) -> None:
    """The command with each flag, and uploads that it refuses."""
    given, bad = folder / "given.json", folder / "bad.json"
    given.write_text(json.dumps(flawed(scene.world.predictions)), encoding="utf-8")
    bad.write_text(json.dumps([{"id": "x", "qa_type": "tal", "prediction": h} for h in REFUSED]))
    out = ["--json", str(folder / "out.json"), "--samples", str(folder / "samples.json.gz")]
    for name, arguments in {
        "every flag": [
            str(given),
            *out,
            "--grouping",
            "per-dataset",
            "--skip-llm-judge",
            "--tasks",
            "tal",
            "stg",
            "dvc",
            "next_action",
            "skill_assessment",
        ],
        "counts": [str(given), "--analyze-only"],
        "refused": [str(bad)],
    }.items():
        command = ["evaluation/evaluate_predictions.py", *arguments]
        command += ["--ground-truth", str(scene.world.settings.ground_truth)]
        done = subprocess.run(
            [sys.executable, *command], cwd=ROOT, capture_output=True, text=True, check=False
        )
        scene.printed[f"evaluator, {name}"] = done.stdout + done.stderr
        assert (done.returncode == 0) == (name != "refused"), done.stdout + done.stderr
    scene.printed["evaluator, files"] = (folder / "out.json").read_text()


def run_pages(scene: Scene) -> None:
    """Every page as a visitor sees it, and every job for its owner and for others."""
    from core.ui.session import _SESSION, VisitorSession

    with pytest.MonkeyPatch.context() as patch:
        for name, value in scene.world.settings.environment("jobs").items():
            patch.setenv(name, value)
        for page in PAGES:
            app = AppTest.from_file(str(page))
            app.query_params["board"] = "Community"
            scene.printed[page.name] = everything(app)
        shown = [entry.entry_id for entry in scene.world.store.read().shown("community")]
        for name, key in (("model", "id"), ("compare", "ids")):
            app = AppTest.from_file(str(ROOT / "pages" / f"{name}.py"))
            app.query_params[key] = ",".join(shown[: 1 if key == "id" else 4])
            scene.printed[f"{name} of entries"] = everything(app)
        for name, job in scene.jobs.items():
            strangers = [[]] if name in ("good", "refused") else []
            for keys in ([KEY], *strangers):
                app = AppTest.from_file(str(ROOT / "pages" / "submit.py"))
                app.query_params["job"] = job.job_id
                app.session_state[_SESSION] = VisitorSession(keys=list(keys))
                scene.printed[f"{name}, {'owner' if keys else 'stranger'}"] = everything(app)


def everything(app: AppTest) -> str:
    """All that is sent to the browser."""
    app.default_timeout = 60
    app.run()
    assert not app.exception

    def of(node: Any) -> Iterator[str]:
        for child in getattr(node, "children", {}).values():
            yield from of(child)
        if getattr(node, "proto", None) is not None:
            yield str(node.proto)

    return "\n".join(of(app._tree))


def run_commands(scene: Scene) -> None:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in scene.world.settings.environment("jobs").items():
            patch.setenv(name, value)
        for command in ("status", "verify"):
            said = io.StringIO()
            with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
                assert mirror_command.main([command]) == 0, said.getvalue()
            scene.printed[f"mirror {command}"] = said.getvalue()


def told(data: bytes, name: str) -> str:
    """The position of the canary in these bytes and the text before it; nothing without one."""
    if name.endswith(".gz"):
        data = gzip.decompress(data)
    before, found, _ = data.lower().partition(CANARY.encode())
    return f"{name}: {before[-200:]!r}" if found else ""


def test_everything_ran(scene: Scene) -> None:
    """Otherwise the search below would find nothing for the wrong reason."""
    states = {name: job.state for name, job in scene.jobs.items()}
    assert states["good"] == states["flawed"] == "completed", scene.jobs
    assert states["refused"] == "failed"
    assert states["damaged"] == "completed"  # unreadable parts of the truth are unscored
    assert states["killed"] == "interrupted"  # by the machine, not because of a file
    assert states["cancelled"] == "cancelled"
    assert "Good" in scene.printed["leaderboard.py"]
    assert "Done" in scene.printed["good, owner"]
    assert "Why this rank" in scene.printed["model of entries"]
    assert "A against B" in scene.printed["compare of entries"]
    good = scene.world.jobs.results(scene.jobs["good"])
    assert json.loads(good.evaluation.read_bytes())["metrics"]["tag_miou_03"] is not None
    assert list((scene.world.settings.root / "statistics" / "columns").iterdir())
    assert scene.world.settings.ground_truth is not None
    assert CANARY in scene.world.settings.ground_truth.read_text()


def test_what_was_printed_and_shown(scene: Scene) -> None:
    assert len(scene.printed) >= 4 + len(PAGES) + len(scene.jobs) + 2 + 2
    for name, text in scene.printed.items():
        assert told(text.encode("utf-8", "replace"), name) == ""


def test_the_server_s_log(scene: Scene) -> None:
    assert told(scene.log.encode("utf-8", "replace"), "server.log") == ""


def test_every_file_of_the_data_folder(scene: Scene) -> None:
    root = scene.world.settings.data_dir
    files = [path for path in root.rglob("*") if path.is_file()]
    assert len(files) > 30
    for path in files:
        assert told(path.read_bytes(), str(path.relative_to(root))) == ""


def test_every_commit_of_the_mirror(scene: Scene) -> None:
    assert len(scene.repo.commits) > 1
    for commit in scene.repo.commits:
        assert told(repr(commit.title).encode(), "title") == ""
        for path, blob in commit.files.items():
            assert told(path.encode(), "path") == ""
            assert told(blob.data, path) == ""
    assert "ground_truth.json" not in scene.repo.head.files


def test_sample_scores_hold_numbers_and_public_names_only(scene: Scene) -> None:
    path = scene.world.jobs.results(scene.jobs["good"]).samples
    held = json.loads(gzip.decompress(path.read_bytes()))
    videos = {record["metadata"]["video_id"] for record in scene.world.truth}
    assert set(held) == {
        "scorer_version", "ground_truth_sha256", "predictions_sha256", "samples",
    }  # fmt: skip
    for row in held["samples"]:
        assert set(row) == {"index", "task", "dataset", "video", "scores", "reason", "parts"}
        assert row["video"] in videos
        for number in (*row["scores"].values(), *row["parts"].values()):
            assert number is None or isinstance(number, int | float)
