"""Names and file names as paths: nothing is written elsewhere, whatever the names."""

import json
import os
import shutil
from pathlib import Path

import pytest

from core.errors import RefusedError
from core.files.ids import is_id
from core.model.fields import TEXT_FIELDS, Form
from core.runs.records import result_files
from core.usecases import own_jobs
from core.usecases import submit as boards
from core.usecases.job_view import job_view
from core.usecases.services import Services
from core.usecases.submit import CheckedFile
from tests.core.job_world import World

pytestmark = pytest.mark.slow

NAMES = (
    "../../x",
    "..",
    "../" * 40 + "tmp/x",
    "/etc/passwd",
    "/tmp/absolute",  # noqa: S108
    "..\\..\\x",
    "C:\\Windows\\x",
    "\\\\host\\share\\x",
    "~/x",
    "$HOME/x",
    "x\0y",
    "x/../../y",
    "%2e%2e%2fx",
    "..%c0%afx",
    "CON",
    "NUL",
    "COM1.json",
    "aux.",
    ".git",
    "journal.jsonl",
    "head.json",
    "-rf",
    "--json=/tmp/x",
    "file:///etc/passwd",
    "x\ny",
    "a" * 5000,
    "../" * 1700,
    "\u202egnp.exe",
    "\u200f../x",
    "\ud800",
)

KINDS = {"results", "jobs", "private", "journal.jsonl", "head.json", "store.lock", "writer.id"} | {
    "leaderboard.json",
    "official_leaderboard.json",
    "submissions.json",
    "hidden.json",
    "trash.json",
    "policy.json",
    "reports.json",
}


def tree(folder: Path) -> set[str]:
    """Every path under a folder, links not followed."""
    return {
        str(Path(at, name).relative_to(folder))
        for at, folders, files in os.walk(folder)
        for name in (*folders, *files)
    }


def submit(world: World, number: int) -> None:
    """Each text field is a hostile name; refused fields are left out or replaced."""
    services = Services(world.settings, world.store, world.jobs)
    data = json.dumps(world.predictions).encode()
    file = CheckedFile(data, ready=True, records=len(world.predictions))
    values = {field.key: NAMES[(number + at) % len(NAMES)] for at, field in enumerate(TEXT_FIELDS)}
    plain = {"model_name": f"Model {number}", "organization": "Lab"}
    try:
        boards.submit(services, Form(**values, terms=True), file)  # type: ignore[arg-type]
    except RefusedError as error:
        values.update({key: plain.get(key, "") for key in error.problems})
        boards.submit(services, Form(**values, terms=True), file)  # type: ignore[arg-type]


def test_no_name_leads_out_of_the_data_folder(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workplace = tmp_path / "work"
    workplace.mkdir()
    monkeypatch.chdir(workplace)
    monkeypatch.setenv("HOME", str(workplace))
    data = world.settings.root
    outside = tree(tmp_path) - {f"{data.name}/{path}" for path in tree(data)}
    for number in range(0, len(NAMES), 2):
        submit(world, number)
    inside = tree(data)
    assert tree(tmp_path) - {f"{data.name}/{path}" for path in inside} == outside
    names = {found.model_name for found in world.store.read().submissions.values()}
    assert len(names) == len(NAMES) // 2
    assert {"../../x", "../" * 40 + "tmp/x"} - names == {"../" * 40 + "tmp/x"}  # too long
    for path in inside:
        kind, *rest = path.split("/")
        assert kind in KINDS, path
        assert not rest or is_id(rest[0].removesuffix(".json")), path
        assert (data / path).resolve().is_relative_to(data.resolve())
    shutil.rmtree(data / "jobs")  # none of them is running


@pytest.mark.parametrize("name", NAMES)
def test_no_address_reads_outside_the_jobs(world: World, name: str) -> None:
    services = Services(world.settings, world.store, world.jobs)
    assert job_view(services, name, "key") is None
    with pytest.raises(RefusedError):
        own_jobs.owned(services, name, "key")
    with pytest.raises(Exception, match="submission id"):
        result_files(world.settings.root, name)
