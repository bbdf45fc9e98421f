"""A journal of form 1: converted, refused by name, or moved aside with the demo's data."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from test_golden import GOLDEN

from core.errors import EntryError, StoreError
from core.files.json_text import dumps
from core.settings import Settings, load
from core.store.convert import act_from, convert
from core.store.lines import KEPT_AS
from core.store.opened import leave_earlier_form
from core.store.store import Store

REPOSITORY = Path(__file__).resolve().parents[2]
FORM_1 = REPOSITORY / "tests" / "data" / "form_1"  # test_golden's history, written by that program
BOARDS = ("leaderboard.json", "official_leaderboard.json", "hidden.json")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder as written by a program of form 1."""
    root = tmp_path / "data"
    shutil.copytree(FORM_1, root)
    for ref, data in json.loads((GOLDEN / "personal.json").read_bytes()).items():
        Store(root).add_personal(data, ref)
    return root


def files(root: Path) -> dict[str, bytes]:
    return {
        path.name: path.read_bytes()
        for path in root.iterdir()
        if path.is_file() and path.name != "store.lock"
    }


def rows(root: Path) -> dict[str, Any]:
    return {name: json.loads((root / name).read_bytes()) for name in BOARDS}


def settings(root: Path, **changes: Any) -> Settings:
    truth = root.parent / "truth.json"
    truth.write_text("[]")
    env = {"MEDVIDBENCH_DATA_DIR": str(root), "MEDVIDBENCH_GROUND_TRUTH": str(truth), **changes}
    return load({}, env)


def command(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    settings(root)
    return subprocess.run(
        [sys.executable, "-m", *words],
        cwd=REPOSITORY,
        env={
            "PATH": os.environ["PATH"],
            "MEDVIDBENCH_DATA_DIR": str(root),
            "MEDVIDBENCH_GROUND_TRUTH": str(root.parent / "truth.json"),
        },
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_is_converted_to_the_boards_that_its_head_signs(folder: Path) -> None:
    old, before = (folder / "journal.jsonl").read_bytes(), rows(folder)
    count = convert(Store(folder), folder)
    assert count == old.count(b"\n")
    store = Store(folder)
    assert store.verify() == []
    assert rows(folder) == before == {n: json.loads((GOLDEN / n).read_bytes()) for n in BOARDS}
    assert (folder / KEPT_AS).read_bytes() == old
    assert [line.id for line in store.lines()] == [
        json.loads(x)["op"]["id"] for x in old.split(b"\n")[:-1]
    ]
    with pytest.raises(StoreError, match="not of form 1"):
        convert(store, folder)


def test_it_stops_when_the_boards_would_be_others(folder: Path) -> None:
    path = folder / "leaderboard.json"
    path.write_bytes(
        path.read_bytes().replace(b'"organization": "', b'"organization": "Another ', 1)
    )
    head = json.loads((folder / "head.json").read_bytes())
    head["files"]["leaderboard.json"] = hashlib.sha256(path.read_bytes()).hexdigest()
    (folder / "head.json").write_text(json.dumps(head))
    before = files(folder)
    with pytest.raises(StoreError, match=r"another leaderboard\.json than head\.json"):
        convert(Store(folder), folder)
    assert files(folder) == before


def test_a_board_that_was_edited_or_a_damaged_journal_stops_it(folder: Path) -> None:
    path = folder / "leaderboard.json"
    whole = path.read_bytes()
    path.write_bytes(whole + b"\n")
    with pytest.raises(StoreError, match="was changed since"):
        convert(Store(folder), folder)
    path.write_bytes(whole)
    journal = folder / "journal.jsonl"
    journal.write_bytes(journal.read_bytes().replace(b'"actor":"', b'"actor":"x', 1))
    before = files(folder)
    with pytest.raises(StoreError, match="line 1: its text was changed"):
        convert(Store(folder), folder)
    assert files(folder) == before


@pytest.mark.parametrize("board", [None, '[{"model_name": "Precious"}]'])
def test_without_a_journal_nothing_is_converted_and_an_older_board_stays(
    tmp_path: Path, board: str | None
) -> None:
    """The older application's boards are imported, and would be replaced by empty ones."""
    if board is not None:
        (tmp_path / "leaderboard.json").write_text(board)
    before = files(tmp_path)
    with pytest.raises(StoreError, match="there is no journal; nothing to convert"):
        convert(Store(tmp_path), tmp_path)
    assert files(tmp_path) == before
    Store(tmp_path).recover()
    assert [one.model_name for one in Store(tmp_path).read().community] == (
        [] if board is None else ["Precious"]
    )


def test_a_journal_that_grows_in_between_is_left_as_it_is(folder: Path) -> None:
    path = folder / "journal.jsonl"
    old = path.read_bytes()
    path.write_bytes(old + old[: old.index(b"\n") + 1])  # an earlier program continued to write
    before = files(folder)
    with pytest.raises(StoreError, match="grew during the conversion"):
        Store(folder).install(b"", old, KEPT_AS)
    assert files(folder) == before


def test_a_torn_end_is_not_converted_and_not_kept(folder: Path) -> None:
    path = folder / "journal.jsonl"
    old = path.read_bytes()
    path.write_bytes(old + b'{"hash":"torn')
    convert(Store(folder), folder)
    assert (folder / KEPT_AS).read_bytes() == old
    assert Store(folder).verify() == []


def test_an_operation_that_cannot_be_read_is_named(folder: Path) -> None:
    for kind, payload in (("submit", {}), ("undo", {"undoes": 5}), ("add", {"entry": {}})):
        with pytest.raises(EntryError, match=f"{kind}|no model_name"):
            act_from(kind, payload)
    with pytest.raises(EntryError, match="not known"):
        act_from("paint", {})


@pytest.mark.slow
def test_every_reader_reports_exactly_that(folder: Path) -> None:
    with pytest.raises(StoreError, match=r"form 1.*python -m core\.store convert"):
        Store(folder).read()
    server = command(folder, "core.web.server", "--port", "1")
    assert (server.returncode, server.stdout) == (1, "")
    assert "has form 1" in server.stderr and "python -m core.store convert" in server.stderr
    assert server.stderr.count("\n") == 1
    before = files(folder)
    assert "form 1" in command(folder, "core.store", "verify").stdout
    assert files(folder) == before
    done = command(folder, "core.store", "convert")
    assert (done.returncode, done.stderr) == (0, "")
    assert "159 changes converted" in done.stdout
    again = command(folder, "core.store", "verify")
    assert (again.returncode, again.stderr) == (0, "")


def test_demo_data_of_form_1_is_moved_aside_and_nothing_of_it_is_lost(
    folder: Path, tmp_path: Path
) -> None:
    found = load({}, {"MEDVIDBENCH_DATA_DIR": str(tmp_path / "here")})
    assert found.demo
    found.root.parent.mkdir()
    folder.rename(found.root)
    before = files(found.root)
    leave_earlier_form(found)
    assert not found.root.exists()
    (aside,) = found.root.parent.iterdir()
    assert files(aside) == before
    leave_earlier_form(found)  # no data: nothing to do
    assert len(Store(found.root).read().entries) == 0


def test_a_real_folder_is_not_moved(folder: Path) -> None:
    before = files(folder)
    with pytest.raises(StoreError, match="has form 1"):
        leave_earlier_form(settings(folder))
    assert files(folder) == before


def signed(record: dict[str, Any]) -> bytes:
    """A line of form 1, as that program wrote it."""
    canonical = dumps(record, canonical=True).encode()
    return dumps({**record, "hash": hashlib.sha256(canonical).hexdigest()}).encode() + b"\n"


def test_a_line_that_came_twice_or_was_refused_changes_no_board(folder: Path) -> None:
    path = folder / "journal.jsonl"
    old, before = path.read_bytes(), rows(folder)
    lines = old.splitlines(keepends=True)
    last = json.loads(lines[-1])
    last.pop("hash")
    last["op"] |= {"id": "late", "kind": "undo", "payload": {"undoes": "no-such-change"}}
    path.write_bytes(old + lines[5] + signed(last))
    assert convert(Store(folder), folder) == len(lines) + 2
    store = Store(folder)
    assert store.verify() == []
    assert rows(folder) == before
    assert [line.id for line in store.lines()].count(json.loads(lines[5])["op"]["id"]) == 1
    assert [line.refused != "" for line in store.lines() if line.id == "late"] == [True]


def test_without_the_signed_boards_there_is_nothing_to_compare_with(folder: Path) -> None:
    (folder / "hidden.json").unlink()
    whole = files(folder)
    (folder / "head.json").unlink()
    convert(Store(folder), folder)
    assert Store(folder).verify() == []
    for name, data in whole.items():
        if name in BOARDS:
            assert json.loads((folder / name).read_bytes()) == json.loads(data)
