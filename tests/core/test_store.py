"""One store: changes, exactly once, views of several processes, files on disk."""

import cProfile
import json
import pstats
import threading
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_submitting import histories

from core.changes import auditing, submitting
from core.changes.act import Change
from core.errors import EntryError, RefusedError, StoreError
from core.model.entries import Entry
from core.model.published import published_state
from core.model.state import EMPTY, made_state
from core.store.recent import recent_lines
from core.store.store import Store
from tests.core.rules_world import fold
from tests.core.store_world import entry, files, leftovers, names, publish, submission


def test_a_folder_that_is_not_there_is_an_empty_board(tmp_path: Path) -> None:
    store = Store(tmp_path / "none")
    assert store.read() == EMPTY
    assert store.revision() == store.revision()
    assert not (tmp_path / "none").exists()


def test_a_change_is_seen_by_everybody_and_is_on_disk(tmp_path: Path) -> None:
    store, other = Store(tmp_path / "data"), Store(tmp_path / "data")
    before = other.revision()
    state = store.commit(submitting.submit(submission(1), "participant"))
    assert state == store.read() == other.read() == Store(tmp_path / "data").read()
    assert other.revision() == store.revision() != before
    publish(other, 2)
    assert names(store) == ["Model 2"]
    assert leftovers(tmp_path) == []
    assert store.verify() == []


def test_board_files_are_for_people_and_other_programs(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for number, value in ((1, 0.2), (2, 0.9)):
        store.commit(submitting.submit(submission(number), "participant"))
        row = entry(
            number,
            value,
            model_name=f"Modèle {number}",
            extra={"note": "n", "above": {"z": 1, "a": 2}},
        )
        store.commit(submitting.add(f"submission-{number}", row))
    text = (tmp_path / "leaderboard.json").read_text(encoding="utf-8")
    assert '\n    "model_name": "Modèle 2",\n' in text
    rows = json.loads(text)
    assert [(row["rank"], row["model_name"]) for row in rows] == [(1, "Modèle 2"), (2, "Modèle 1")]
    assert rows[0]["note"] == "n"
    assert rows[0]["cvs_acc"] == 0.9
    assert json.loads((tmp_path / "official_leaderboard.json").read_text()) == []
    submissions = json.loads((tmp_path / "submissions.json").read_text())
    assert submissions["schema"] == 1
    assert [found["state"] for found in submissions["submissions"]] == ["published", "published"]
    for path in tmp_path.iterdir():
        assert path.stat().st_mode & 0o077 == 0, path
    assert Store(tmp_path).verify() == []


def test_a_change_happens_once(tmp_path: Path) -> None:
    store, other = Store(tmp_path), Store(tmp_path)
    publish(store, 1)
    before = files(tmp_path)
    again = submitting.add("submission-1", entry(1, 0.9))
    for process in (store, other, Store(tmp_path)):
        assert process.commit(again).community[0].metrics["cvs_acc"] == 0.5
    assert files(tmp_path) == before


def test_a_refused_or_malformed_change_writes_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path)
    publish(store, 1)
    before = files(tmp_path)
    with pytest.raises(RefusedError):
        store.commit(submitting.submit(submission(2, model_name="model 1"), "participant"))
    bad = submitting.add("submission-1", entry(1, model_name="x", status=7))
    bad = msgspec.structs.replace(bad, id="change-000001")
    with pytest.raises(EntryError):
        store.commit(bad)
    with pytest.raises(EntryError):
        store.commit(auditing.acted("x", "y", "admin", x=float("nan")))
    deep: dict[str, object] = {}
    for _ in range(150):  # written with an empty stack, it could not be read with a full one
        deep = {"x": deep}
    with pytest.raises(EntryError, match="more than 100 deep"):
        store.commit(auditing.acted("x", "y", "admin", x=deep))
    assert files(tmp_path) == before


def test_the_journal_never_holds_a_contact(tmp_path: Path) -> None:
    store = Store(tmp_path)
    ref = store.add_personal({"contact": "canary@example.org"})
    store.commit(submitting.submit(submission(1, contact_ref=ref), "participant"))
    state = store.commit(submitting.add("submission-1", entry(1, contact="canary@example.org")))
    assert state.community[0].contact is None
    assert store.with_contact(state.community[0]).contact == "canary@example.org"
    assert json.loads((tmp_path / "leaderboard.json").read_text())[0]["contact"] is not None
    assert b"canary" not in (tmp_path / "journal.jsonl").read_bytes()
    assert b"canary" not in (tmp_path / "submissions.json").read_bytes()
    private = tmp_path / "private" / f"{ref}.json"
    assert private.stat().st_mode & 0o777 == 0o600


def test_erased_personal_data_is_gone_everywhere_and_the_chain_stays_whole(tmp_path: Path) -> None:
    store, other = Store(tmp_path), Store(tmp_path)
    ref = store.add_personal({"contact": "canary@example.org"})
    publish(store, 1, contact_ref=ref)
    assert other.with_contact(other.read().community[0]).contact == "canary@example.org"
    chain, before = (tmp_path / "journal.jsonl").read_bytes(), other.revision()
    store.erase_personal(ref)
    assert store.with_contact(store.read().community[0]).contact is None
    assert other.revision() != before
    assert other.with_contact(other.read().community[0]).contact is None
    assert (tmp_path / "journal.jsonl").read_bytes() == chain
    for path in tmp_path.rglob("*"):
        assert path.is_dir() or b"canary" not in path.read_bytes()
    assert store.verify() == []
    store.erase_personal(ref)
    store.erase_personal("../leaderboard")
    assert (tmp_path / "leaderboard.json").exists()


def test_personal_data_may_be_any_text(tmp_path: Path) -> None:
    store = Store(tmp_path)
    text = "\ud800\x00\u202e" + "x" * 5000
    ref = store.add_personal({"contact": text})
    publish(store, 1, contact_ref=ref)
    again = Store(tmp_path)
    assert again.with_contact(again.read().community[0]).contact == text.replace("\ud800", "\ufffd")
    assert json.loads((tmp_path / "leaderboard.json").read_bytes())
    assert store.verify() == []


def test_a_damaged_private_record_is_named_and_not_quoted(tmp_path: Path) -> None:
    store = Store(tmp_path)
    ref = store.add_personal({"contact": "x"})
    (tmp_path / "private" / f"{ref}.json").write_text("canary")
    store.commit(submitting.submit(submission(1, contact_ref=ref), "participant"))
    with pytest.raises(StoreError, match="not a private record") as raised:
        store.commit(submitting.add("submission-1", entry(1)))
    assert "canary" not in str(raised.value)


HOSTILE = ("x" * 5000, "\x00\x1b[2J", "half\ud800", "\u202eltr", "../../etc", "<script>", "a\nb")


@pytest.mark.parametrize("name", HOSTILE, ids=[ascii(name[:9]) for name in HOSTILE])
def test_hostile_text_breaks_no_file(tmp_path: Path, name: str) -> None:
    store = Store(tmp_path)
    publish(store, 1, model_name=name)
    shown = name.replace("\ud800", "\ufffd")
    assert names(store) == names(Store(tmp_path)) == [shown]
    assert json.loads((tmp_path / "leaderboard.json").read_bytes())[0]["model_name"] == shown
    assert store.verify() == []
    publish(store, 2)


def test_threads_of_one_process_share_a_store(tmp_path: Path) -> None:
    store = Store(tmp_path)
    failed: list[BaseException] = []

    def work(worker: int) -> None:
        try:
            for number in range(8):
                publish(store, f"{worker}-{number}")
                assert f"Model {worker}-{number}" in names(store)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=(worker,)) for worker in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert failed == []
    assert len(names(store)) == 32
    assert store.verify() == []


def test_only_new_lines_are_read_again(tmp_path: Path) -> None:
    """The work of a change does not grow with the journal: no line is decoded twice."""
    store = Store(tmp_path)
    publish(store, 1)
    path = tmp_path / "journal.jsonl"
    # A damaged early line does not affect a process that has already read it …
    data = path.read_bytes()
    path.write_bytes(b"?" + data[1:])
    assert names(store) == ["Model 1"]
    publish(store, 2)
    # … and stops one that has not.
    with pytest.raises(StoreError, match="line 1: "):
        Store(tmp_path).read()
    assert any("line 1: " in problem for problem in store.verify())
    path.write_bytes(data + path.read_bytes()[len(data) :])
    assert Store(tmp_path).verify() == []


def test_the_newest_lines_are_read_without_the_one_that_was_cut(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for number in (1, 2):
        publish(store, number)
    whole, newest = store.lines(), recent_lines(tmp_path, 3000)
    assert recent_lines(tmp_path) == whole
    assert 0 < len(newest) < len(whole)
    assert newest == whole[-len(newest) :]
    assert recent_lines(tmp_path / "none") == []


def test_reading_twice_as_many_changes_is_twice_the_work(tmp_path: Path) -> None:
    """In calls. What copies a whole table is called equally often for any number of changes:
    once per change would make reading quadratic."""
    few, many = {}, {}
    for counts, entries in ((few, 15), (many, 30)):
        root = tmp_path / str(entries)
        for number in range(entries):
            publish(Store(root), number)
        profile = cProfile.Profile()
        profile.runcall(Store(root).read)
        for (path, _line, function), (_, calls, *_) in pstats.Stats(profile).stats.items():  # type: ignore[attr-defined]
            counts[f"{path[-20:]} {function}"] = counts.get(f"{path[-20:]} {function}", 0) + calls
    assert sum(many.values()) <= 2.1 * sum(few.values())
    copying = ("tables.py with_all", "effects.py rows_of", "effects.py applied")
    copies = [
        {name: calls for name, calls in counts.items() if name.endswith(copying)}
        for counts in (few, many)
    ]
    assert copies[0] == copies[1] != {}


def test_the_base_is_on_the_boards_without_a_change(tmp_path: Path) -> None:
    base = published_state()
    store = Store(tmp_path, base)
    assert store.read() == base
    store.recover()
    assert (tmp_path / "journal.jsonl").exists() is False
    rows = json.loads((tmp_path / "official_leaderboard.json").read_text())
    assert len(rows) == len(base.official) > 0
    with pytest.raises(RefusedError):
        publish(store, 1, model_name=base.community[0].model_name.upper())
    publish(store, 1)
    assert len(Store(tmp_path, base).read().community) == len(base.community) + 1
    with pytest.raises(StoreError, match="published demo results"):
        Store(tmp_path).read()
    with pytest.raises(StoreError, match="published demo results"):
        publish(Store(tmp_path), 2)


def test_another_base_takes_the_place_of_the_old_one(tmp_path: Path) -> None:
    old, new = made_state(official=(entry("old"),)), made_state(official=(entry("new"),))
    publish(Store(tmp_path, old), 1)
    revision = Store(tmp_path, old).revision()
    Store(tmp_path, new).recover()
    store = Store(tmp_path, new)
    assert [found.entry_id for found in store.read().official] == ["entry-new"]
    assert names(store) == ["Model 1"]
    assert store.revision() != revision
    assert store.verify() == []


def test_every_data_folder_has_a_writer_of_its_own(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        publish(Store(tmp_path / folder), 1)
        publish(Store(tmp_path / folder), 2)
    writers = [
        {json.loads(line)["writer"] for line in (tmp_path / folder / "journal.jsonl").open()}
        for folder in ("one", "two")
    ]
    assert [len(found) for found in writers] == [1, 1]
    assert writers[0] != writers[1]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(histories(), st.integers(0, 25))
def test_the_boards_are_the_fold_of_the_journal(
    tmp_path_factory: Any, history: list[Change], restart: int
) -> None:
    root = tmp_path_factory.mktemp("data")
    base = made_state(official=(entry("base", model_name="Model 0"),))
    store, accepted = Store(root, base), []
    for number, change in enumerate(history):
        if number == restart:
            store = Store(root, base)
        try:
            store.commit(change)
        except RefusedError:
            continue
        accepted.append(change)
    written = store.lines()
    assert {line.id for line in written} == {change.id for change in accepted}
    folded = fold(base, accepted)
    assert store.read() == Store(root, base).read() == folded
    assert store.verify() == []
    if accepted:
        on_disk = json.loads((root / "leaderboard.json").read_bytes())
        assert {row["entry_id"] for row in on_disk} == {e.entry_id for e in folded.community}
        assert all(isinstance(found, Entry) for found in folded.community)
