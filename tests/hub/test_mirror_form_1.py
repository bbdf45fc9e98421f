"""A repo whose journal has form 1: one machine converts and pushes, the others report it."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from core.errors import StoreError
from core.mirror.record import NAME as RECORD
from core.mirror.record import Record
from core.store.convert import convert
from core.store.lines import KEPT_AS
from core.store.opened import open_store
from tests.core.store_world import REPOSITORY
from tests.hub.emulator import Emulator
from tests.hub.emulator_repo import Repo
from tests.hub.emulator_traffic import WRITE
from tests.hub.mirror_world import NAME, Machine, Make, put, remote

pytestmark = pytest.mark.slow

FORM_1 = REPOSITORY / "tests" / "data" / "form_1"
OLD = (FORM_1 / "journal.jsonl").read_bytes()
PERSONAL = REPOSITORY / "tests" / "data" / "golden" / "personal.json"
TOLD = r"has form 1.*python -m core\.store convert"


@pytest.fixture
def old_repo(repo: Repo) -> Repo:
    """A repo as written by a program of form 1."""
    put(repo, {path.name: path.read_bytes() for path in FORM_1.iterdir()})
    return repo


def with_old_journal(machine: Machine, journal: bytes = OLD) -> Machine:
    """A data folder as written by a program of form 1."""
    for path in FORM_1.iterdir():
        shutil.copy(path, machine.root)
    for ref, data in json.loads(PERSONAL.read_bytes()).items():
        machine.store.add_personal(data, ref)
    (machine.root / "journal.jsonl").write_bytes(journal)
    return machine


def converted(machine: Machine) -> Machine:
    """The machine after its operator has converted its journal."""
    convert(open_store(machine.settings), machine.root)
    machine.restart()
    return machine


def in_step(machine: Machine, repo: Repo, journal: bytes = OLD) -> None:
    """Record that the machine has sent everything."""
    record = Record(
        repo=NAME,
        head=repo.head.id,
        journal_bytes=len(journal),
        journal_sha256=hashlib.sha256(journal).hexdigest(),
    )
    (machine.root / RECORD).write_bytes(msgspec.json.encode(record))


def contents(root: Path) -> dict[str, bytes]:
    """Every file of a data folder that must not be lost."""
    mine = (p for p in root.rglob("*") if p.is_file() and p.suffix in (".json", ".jsonl"))
    return {str(p.relative_to(root)): p.read_bytes() for p in mine if p.name != RECORD}


@pytest.mark.parametrize("known", [True, False], ids=["in step", "no record"])
def test_the_machine_that_converted_it_pushes_and_the_others_start_again(
    make: Make, old_repo: Repo, known: bool
) -> None:
    one = with_old_journal(make("one"))
    if known:
        in_step(one, old_repo)
    converted(one)
    assert one.mirror.sync(force=True)
    assert remote(old_repo) == one.shared()
    assert old_repo.head.files["journal.jsonl"].data != OLD
    assert one.mirror.sync(force=True) and remote(old_repo) == one.shared()
    other = make("other")
    other.mirror.pull()
    assert other.shared() == one.shared()
    other.publish("later")
    assert other.mirror.sync(force=True) and one.mirror.sync(force=True)
    assert one.shared() == other.shared() == remote(old_repo)
    assert one.store.verify() == other.store.verify() == one.mirror.verify() == []


def test_what_waited_when_it_was_converted_is_pushed_too(make: Make, old_repo: Repo) -> None:
    """Not in the way of docs/mirror.md, and still nothing is lost."""
    put(old_repo, {"journal.jsonl": OLD[: OLD.rindex(b"\n", 0, -1) + 1]})
    one = converted(with_old_journal(make("one")))
    assert one.mirror.sync(force=True)
    assert remote(old_repo) == one.shared()


@pytest.mark.parametrize("held", ["old", "nothing", "its own"])
def test_another_machine_is_informed_before_and_takes_everything_after(
    make: Make, old_repo: Repo, held: str
) -> None:
    other = make("other")
    if held == "old":
        with_old_journal(other)
        in_step(other, old_repo)
    elif held == "its own":
        other.publish("own")
    before, there = contents(other.root), dict(old_repo.head.files)
    with pytest.raises(StoreError, match=TOLD):
        other.mirror.sync(force=True)
    assert contents(other.root) == before or held != "old"
    assert old_repo.head.files == there
    one = converted(with_old_journal(make("one")))
    assert one.mirror.sync(force=True)
    if held == "old":
        with pytest.raises(StoreError, match=TOLD):
            other.mirror.sync(force=True)
        assert contents(other.root) == before
        shutil.rmtree(other.root)
        other = make("other")
    assert other.mirror.sync(force=True)
    assert ("Model own" in other.names()) is (held == "its own")
    assert set(one.names()) <= set(other.names())
    assert other.shared() == remote(old_repo)
    assert other.store.verify() == []


@pytest.mark.parametrize("theirs", ["longer", "another"])
def test_a_machine_that_converted_another_journal_is_refused_and_loses_nothing(
    make: Make, old_repo: Repo, theirs: str
) -> None:
    one = converted(with_old_journal(make("one")))
    last = OLD[OLD.rindex(b"\n", 0, -1) + 1 :]
    there = OLD + last if theirs == "longer" else OLD.replace(b'"actor":"', b'"actor":"x', 1)
    put(old_repo, {"journal.jsonl": there})
    before = contents(one.root)
    with pytest.raises(StoreError, match="repo has form 1 and contains changes that were not in"):
        one.mirror.sync(force=True)
    assert contents(one.root) == before
    assert old_repo.head.files["journal.jsonl"].data == there
    assert one.store.verify() == []


def test_the_commands_say_it_in_one_sentence(make: Make, old_repo: Repo, server: Emulator) -> None:
    one = with_old_journal(make("one"))
    in_step(one, old_repo)
    truth = one.root / "truth.json"
    truth.write_text("[]")

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", *words],
            cwd=REPOSITORY,
            env={
                "PATH": os.environ["PATH"],
                "MEDVIDBENCH_DATA_DIR": str(one.settings.data_dir),
                "MEDVIDBENCH_GROUND_TRUTH": str(truth),
                "MEDVIDBENCH_HUB_REPO": NAME,
                "HF_TOKEN": WRITE,
                "HF_ENDPOINT": server.url,
            },
            capture_output=True,
            text=True,
            check=False,
        )

    for word in ("pull", "push", "verify"):
        told = run("core.mirror", word)
        assert told.returncode == 1 and "python -m core.store convert" in told.stdout + told.stderr
        assert "Traceback" not in told.stderr
    assert run("core.store", "convert").returncode == 0
    pushed = run("core.mirror", "push")
    assert (pushed.returncode, pushed.stderr) == (0, "")
    assert old_repo.head.files["journal.jsonl"].data == (one.root / "journal.jsonl").read_bytes()
    assert (one.root / KEPT_AS).read_bytes() == OLD
