"""The audit trail: who, what, before and after; filtered, downloaded, complete."""

import codecs
import csv
import io
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from core.changes import auditing, editing, forgetting, placing, reporting, undoing
from core.changes.act import Change, change
from core.changes.effects import Effect
from core.changes.keys import new_key
from core.changes.settings import set_policy
from core.model.policy import Policy, Track
from core.store.__main__ import main
from core.store.lines import Draft, encode, read_line
from core.store.store import Store
from core.usecases.audit import Record, records, trail
from core.usecases.audit_export import Filter, chosen, csv_file, to_csv, to_json
from core.usecases.audit_words import in_one_line, readable, what_was_done
from tests.core.store_world import REPOSITORY, entry, publish


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = Store(tmp_path / "data")
    publish(made, 1)
    return made


def undo(store: Store, change_id: str) -> str:
    change = undoing.undo(change_id, "admin")
    store.commit(change)
    return change.id


def done(store: Store, change: Change) -> Record:
    store.commit(change)
    return records(store)[0]


def test_every_change_says_who_what_before_and_after(store: Store) -> None:
    (found,) = store.read().community
    renamed = done(
        store,
        editing.edit("community", found, {"model_name": "New", "metrics.cvs_acc": 0.25}, "admin:x"),
    )
    assert (renamed.actor, renamed.kind, renamed.subject) == ("admin:x", "edit", "Model 1")
    assert ("model_name", "Model 1", "New") in renamed.changes
    assert ("cvs_acc", "0.5", "0.25") in renamed.changes
    assert renamed.undoable
    settings = done(store, set_policy(Policy(), Policy(quota_per_day=5), "admin"))
    assert (settings.subject, settings.changes) == (
        "settings",
        (("setting quota_per_day", "3", "5"),),
    )
    deleted = done(store, placing.delete(store.read().community[0], "admin", "Spam."))
    ((what, before, after),) = deleted.changes
    assert (what, before, after.endswith("Z: Spam.")) == ("trash", "—", True)
    told = done(store, auditing.acted("cancel job", "job-1", "admin", submission="s"))
    assert (told.subject, told.changes) == ("cancel job: job-1", (("submission", "—", "s"),))
    assert not told.undoable
    failed = done(store, change(auditing.SignInFailed(address="abc123"), "unknown"))
    assert (failed.actor, failed.kind, failed.changes) == (
        "unknown", "sign_in_failed", (("address", "—", "abc123"),),
    )  # fmt: skip
    assert [record.kind for record in records(store)][-2:] == ["add", "submit"]
    assert records(store)[-1].undoable is False


def test_settings_that_came_or_went_as_a_whole_are_named(store: Store) -> None:
    first = set_policy(Policy(), Policy(quota_per_day=5), "admin")
    store.commit(first)
    went = undo(store, first.id)
    assert records(store)[0].changes == (("settings", "set", "the defaults"),)
    undo(store, went)
    assert records(store)[0].changes == (("settings", "the defaults", "set"),)


def test_a_line_has_its_times_in_words_and_leaves_out_its_own(store: Store) -> None:
    (found,) = store.read().community
    store.commit(reporting.report(found.entry_id, "Scores", "reader", "ref"))
    (report,) = store.read().reports
    closed = done(store, reporting.close_report(report.report_id, "admin", "Asked the authors."))
    assert "report closed" in [what for what, _before, _after in closed.changes]
    told = in_one_line(closed)
    assert told == "report closed note: Asked the authors.; report state: closed"
    deleted = in_one_line(done(store, placing.delete(found, "admin", "Spam.")))
    assert re.fullmatch(r"trash: since \d+ [A-Z][a-z]{2} 20\d\d, \d\d:\d\d UTC: Spam\.", deleted)
    assert readable("2026-11-27T00:10:11+02:00, 2026-99-01T00:00Z and 2026-11-27") == (
        "26 Nov 2026, 22:10 UTC, 2026-99-01T00:00Z and 2026-11-27"
    )


def test_a_track_is_described_in_words(store: Store) -> None:
    old = store.read().policy
    spring = Track(name="Spring", opens="2026-11-01", required=("team", "authors"))
    new = Policy(tracks=(spring, Track(name="Any")))
    found = done(store, set_policy(old, new, "admin"))
    assert found.changes == (
        (
            "setting tracks",
            "—",
            "Spring: 2026-11-01 to no end, requires Team and Authors; Any: open already to no end",
        ),
    )


def recorded(before: dict[str, Any], after: dict[str, Any]) -> Record:
    """The record of a journal's line with these fields of an entry before and after."""
    effects = (Effect("entries", "entry-1", before, after),)
    draft = Draft("change-1", "admin", "2026-01-02T03:04:05Z", {"kind": "edit"}, effects)
    (found,) = trail([read_line(encode(draft, "one", "").rstrip())])
    return found


def test_the_metrics_of_a_judge_run_are_told_before_its_many_details() -> None:
    """An admin who lets flagged captions count sees in the trail what that changed."""
    details = {f"judge.flagged_records.{n}": ["mentions scores"] for n in range(60)}
    record = recorded({}, {**details, "metrics.vs_llm": 3.367})
    assert record.changes[0] == ("vs_llm", "—", "3.367")
    assert record.changes[-1] == ("more", "—", "21 not shown")
    assert in_one_line(record) == "VS_llm: 3.367"


def test_a_long_change_is_cut_and_lists_of_records_are_counted() -> None:
    before, after = ({f"field {n}": value for n in range(99)} for value in ("a", "b"))
    cut = recorded(before, after).changes
    assert (len(cut), cut[-1]) == (41, ("more", "—", "59 not shown"))
    listed = recorded({"parts": [{"a": 1}]}, {"parts": [{"a": 1}, {"b": 2}]})
    assert listed.changes == (("parts", "1 item", "2 items"),)


def test_a_change_is_told_in_the_words_of_the_pages() -> None:
    before = {"status": "self_reported", "metrics.nap_acc": 0.457, "model_url": None}
    after = {"status": "api_verified", "metrics.nap_acc": 0.47, "model_url": "https://a.org"}
    told = in_one_line(recorded(before, after))
    assert "scores: self-reported → verified" in told
    assert "NAP_acc: 0.457 → 0.470" in told
    assert "model URL: https://a.org" in told
    (record,) = chosen([recorded(before, after)], Filter(text="edited"))  # as it is on screen
    assert chosen([record], Filter(text="0.470")) == [record]


def test_an_erasure_is_told_by_what_is_gone(store: Store) -> None:
    (found,) = store.read().community
    store.commit(placing.delete(found, "admin"))
    store.commit(forgetting.purge(found.entry_id, [], "admin"))
    record = records(store)[0]
    assert in_one_line(record) == "erased: the entry"
    assert found.entry_id not in str(record.changes)
    assert record.why_not.startswith("This change cannot be undone: its files and personal data")


def test_keys_and_contacts_show_as_changed_only(store: Store) -> None:
    ref = store.add_personal({"contact": "private@example.org"})
    (found,) = store.read().community
    store.commit(editing.edit("community", found, {"contact_ref": ref}, "owner"))
    store.commit(new_key(found.entry_id, "f" * 64, "admin"))
    store.commit(new_key(found.entry_id, "e" * 64, "admin"))
    key, _first, contact, *_rest = records(store)
    assert contact.changes == (("contact", "changed", "changed"),)
    assert key.changes == (("submission key", "changed", "changed"),)
    assert in_one_line(key) == "submission key changed"
    text = to_json(records(store)) + to_csv(records(store))
    for secret in ("private@example.org", ref, "f" * 64, "e" * 64):
        assert secret not in text


def test_undone_redone_and_refused_changes_are_distinguished(store: Store) -> None:
    (found,) = store.read().community
    hide = editing.hide("community", found, "admin")
    store.commit(hide)
    first = undo(store, hide.id)
    by_id = {record.change_id: record for record in records(store)}
    assert (by_id[hide.id].undone_by, by_id[hide.id].undoable) == (first, False)
    redo = undo(store, first)
    by_id = {record.change_id: record for record in records(store)}
    assert (by_id[hide.id].undone_by, by_id[first].undone_by) == ("", redo)
    assert by_id[hide.id].undoable
    undo(store, redo)
    told = [what_was_done(record) for record in records(store)[:4]]
    assert told == ["Undone: Hidden", "Done again: Hidden", "Undone: Hidden", "Hidden"]
    undo(store, records(store)[0].change_id)
    assert chosen(records(store), Filter(text="done again: hid"))[0].again
    store.commit(editing.hide("community", store.read().community[0], "admin"))  # already hidden
    assert not records(store)[0].effect
    assert not records(store)[0].undoable


def test_filters_and_downloads(store: Store) -> None:
    (found,) = store.read().community
    formula = '=HYPERLINK("http://evil.example","x")'
    store.commit(editing.edit("community", found, {"model_name": formula}, "admin"))
    store.commit(auditing.signed_in("admin", "0" * 8))
    all_of_them = records(store)
    assert [r.kind for r in chosen(all_of_them, Filter(kinds=frozenset({"edit"})))] == ["edit"]
    assert len(chosen(all_of_them, Filter(actors=frozenset({"admin"})))) == 2
    assert [r.kind for r in chosen(all_of_them, Filter(text="HYPERLINK"))] == ["edit"]
    day = all_of_them[0].time[:10]
    assert len(chosen(all_of_them, Filter(since=day, until=day))) == len(all_of_them)
    assert chosen(all_of_them, Filter(until="2001-01-01")) == []

    assert csv_file(all_of_them) == codecs.BOM_UTF8 + to_csv(all_of_them).encode()
    rows = list(csv.DictReader(io.StringIO(to_csv(all_of_them))))
    assert "'" + formula in {row["after"] for row in rows}
    assert not any(cell[:1] in "=+-@" for row in rows for cell in row.values() if cell)
    assert len(json.loads(to_json(all_of_them))) == len(all_of_them)


def verify(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "core.store", "verify"],
        cwd=REPOSITORY,
        env={"PATH": "/usr/bin:/bin", "MEDVIDBENCH_DATA_DIR": str(folder),
             "MEDVIDBENCH_GROUND_TRUTH": str(folder / "truth.json")},
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (["verify"], "data/demo: there is no such folder. Check MEDVIDBENCH_DATA_DIR. Without"),
        (["backup", "b.tar.gz"], "data/demo: there is no such folder."),
        (["restore", "none.tar.gz"], "none.tar.gz: there is no such file."),
    ],
)
def test_a_missing_folder_is_not_called_intact(
    command: list[str],
    told: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("MEDVIDBENCH_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.delenv("MEDVIDBENCH_GROUND_TRUTH", raising=False)
    assert main(command) == 1
    assert told in capsys.readouterr().out
    assert not (tmp_path / "data").exists()


@pytest.mark.slow
def test_the_command_finds_a_changed_line(store: Store, tmp_path: Path) -> None:
    (tmp_path / "data" / "truth.json").write_text("[]")
    store.commit(placing.add_official(entry("o", None, model_name="Other"), "admin"))
    whole = verify(tmp_path / "data")
    assert (whole.returncode, whole.stderr) == (0, "")
    assert "are intact" in whole.stdout

    journal = tmp_path / "data" / "journal.jsonl"
    lines = journal.read_bytes().split(b"\n")
    lines[1] = lines[1].replace(b'.cvs_acc":0.5', b'.cvs_acc":0.9')
    del lines[0]
    journal.write_bytes(b"\n".join(lines))
    broken = verify(tmp_path / "data")
    assert broken.returncode == 1
    assert "line 1: its text was changed" in broken.stdout
    assert "a line is missing" in broken.stdout
