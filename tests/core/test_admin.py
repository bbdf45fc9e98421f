"""The admin's use cases on a real store: what each does, refuses, and takes back."""

import json
from pathlib import Path
from typing import Any

import pytest
from store_world import entry, publish, submission

from core import admin, audit, operations, purging
from core.benchmark import METRIC_KEYS
from core.boards import Services
from core.entries import Entry
from core.errors import RefusedError
from core.job_files import result_files
from core.job_view import job_view
from core.jobs import Jobs, open_store
from core.operations import State
from core.places import places
from core.policy import Policy, Track
from core.settings import Settings
from core.store import Store
from core.submission_keys import key_opens

ADMIN = "admin"


@pytest.fixture
def services(tmp_path: Path) -> Services:
    truth = tmp_path / "truth.json"
    truth.write_text("[]")
    settings = Settings(
        data_dir=tmp_path / "data",
        ground_truth=truth,
        questions=None,
        max_upload_mb=1,
        min_records=1,
        max_running=1,
        evaluation_timeout_s=240,
    )
    found = Services(settings, open_store(settings), Jobs(settings))
    for number in (1, 2, 3):
        publish(found.store, number)
    return found


def community(services: Services, number: int = 1) -> Entry:
    state = services.store.read()
    return next(e for e in state.community if e.entry_id == f"entry-{number}")


def refused(act: Any, *arguments: Any, **named: Any) -> dict[str, str]:
    with pytest.raises(RefusedError) as error:
        act(*arguments, **named)
    return error.value.problems


def same(services: Services, before: State) -> None:
    assert services.store.read() == before
    assert services.store.verify() == []
    assert Store(services.settings.root).read() == before


def test_promoting_moves_the_entry_with_all_it_has_and_back(services: Services) -> None:
    before = services.store.read()
    found = community(services)
    op_id = admin.promote(services, found, ADMIN, verified_date="2026-03-04", note="Ran it.")
    state = services.store.read()
    (moved,) = state.official
    assert [e.entry_id for e in state.community] == ["entry-2", "entry-3"]
    for field in ("entry_id", "model_name", "organization", "metrics", "model_url", "declared",
                  "contact_ref", "scorer_version", "predictions_sha256"):  # fmt: skip
        assert getattr(moved, field) == getattr(found, field), field
    assert (moved.status, moved.verified_date, moved.verified_note) == (
        "api_verified", "2026-03-04", "Ran it.",
    )  # fmt: skip
    assert moved.verification is not None
    assert moved.verification.state == "verified"
    admin.undo(services, op_id, ADMIN)
    same(services, before)


def test_adding_by_hand_checks_every_field_at_once(services: Services) -> None:
    problems = refused(
        admin.add_official,
        services,
        {"model_name": " ", "organization": "Lab", "model_url": "javascript:alert(1)",
         "metrics.cvs_acc": 1.5, "metrics.vs_llm": "0.5", "metrics.rc_llm": "x"},
        ADMIN,
    )  # fmt: skip
    assert set(problems) == {
        "model_name", "model_url", "metrics.cvs_acc", "metrics.vs_llm", "metrics.rc_llm",
    }  # fmt: skip
    # A look-alike of a name that is on the other board: Cyrillic letters and a 1 for an l.
    looks = {"model_name": "M\u043edel 1", "organization": "Lab"}
    assert (
        "on the Community board already"
        in refused(admin.add_official, services, looks, ADMIN)["model_name"]
    )

    before = services.store.read()
    typed = {
        "model_name": "Hosted",
        "organization": "Lab",
        "contact": "lab@example.org",
        "model_url": "https://example.org/m",
        "metrics.cvs_acc": "0,5",
        "metrics.vs_llm": 4.2,
        "declared.team": "Team",
        "verified_note": "By hand.",
        "off_the_shelf": True,
    }
    op_id = admin.add_official(services, typed, ADMIN)
    (made,) = services.store.read().official
    assert (made.contact, made.model_url) == ("lab@example.org", "https://example.org/m")
    assert (made.metrics["cvs_acc"], made.metrics["nap_acc"]) == (0.5, None)
    assert (made.declared.team, made.off_the_shelf) == ("Team", True)
    assert b"lab@example.org" not in (services.settings.root / "journal.jsonl").read_bytes()
    admin.undo(services, op_id, ADMIN)
    same(services, before)


def test_an_edit_keeps_old_and_new_and_sees_other_changes(services: Services) -> None:
    before = services.store.read()
    found = community(services)
    typed = {
        "model_name": "Renamed",
        "metrics.dvc_f1": None,
        "contact": "new@example.org",
        "organization": found.organization,
    }
    assert set(admin.changes(found, {**typed, "metrics.vs_llm": 3})) == {
        "model_name", "metrics.vs_llm", "contact", "metrics.dvc_f1",
    }  # fmt: skip
    op_id = admin.edit(services, "community", found, typed, ADMIN)
    changed = community(services)
    assert (changed.model_name, changed.metrics["dvc_f1"]) == ("Renamed", None)
    assert changed.contact == "new@example.org"
    *_, step = services.store.steps()
    assert step.op.payload["old"]["model_name"] == "Model 1"
    # The same page, still showing the old values, may not overwrite this.
    assert "changed meanwhile" in str(
        refused(admin.edit, services, "community", found, {"model_name": "Mine"}, ADMIN)
    )
    assert admin.edit(services, "community", changed, {"model_name": "Renamed"}, ADMIN) == ""
    taken = refused(admin.edit, services, "community", changed, {"model_name": "MODEL 2"}, ADMIN)
    assert "already" in taken["model_name"]
    admin.undo(services, op_id, ADMIN)
    same(services, before)


def test_an_undo_never_overwrites_later_work(services: Services) -> None:
    first = admin.edit(services, "community", community(services), {"declared.team": "A"}, ADMIN)
    second = admin.edit(services, "community", community(services), {"declared.team": "B"}, ADMIN)
    assert "changed again since" in refused(admin.undo, services, first, ADMIN)["undo"]
    assert community(services).declared.team == "B"
    taken_back = admin.undo(services, second, ADMIN)
    assert "as it was before" in refused(admin.undo, services, second, ADMIN)["undo"]
    admin.undo(services, taken_back, ADMIN)  # an undo is undone the same way
    assert community(services).declared.team == "B"
    # Another field was changed since: that stays, and this is taken back.
    admin.mark(services, "community", community(services), {"organiser": True}, ADMIN)
    admin.undo(services, second, ADMIN)
    assert (community(services).declared.team, community(services).organiser) == ("A", True)
    told = refused(admin.undo, services, "submit-submission-1", ADMIN)["undo"]
    assert "cannot be undone" in told
    assert "Cancel its job" in told
    assert "no such change" in refused(admin.undo, services, "unknown-op", ADMIN)["undo"]


def test_hidden_entries_are_nowhere_and_keep_their_name(services: Services) -> None:
    root = services.settings.root
    op_id = admin.hide(services, "community", community(services, 2), ADMIN)
    shown = [row["model_name"] for row in json.loads((root / "leaderboard.json").read_bytes())]
    assert shown == ["Model 1", "Model 3"]
    assert [row["rank"] for row in json.loads((root / "leaderboard.json").read_bytes())] == [1, 2]
    assert "Model 2" in (root / "hidden.json").read_text()
    problem = operations.name_problem(services.store.read(), "model 2") or ""
    assert "taken by an entry that is not shown" in problem
    assert "Model 2" not in problem  # a stranger learns no name of it
    admin.unhide(services, "community", community(services, 2), ADMIN)
    assert "Model 2" in (root / "leaderboard.json").read_text()
    assert "as it was before" in refused(admin.undo, services, op_id, ADMIN)["undo"]


def test_the_trash_keeps_the_name_and_gives_back_the_place(services: Services) -> None:
    before = services.store.read()
    op_id = admin.remove(services, "community", community(services, 2), ADMIN, "Asked for it.")
    state = services.store.read()
    (gone,) = state.trash
    assert (gone.board, gone.position, gone.actor, gone.reason) == (
        "community", 1, ADMIN, "Asked for it.",
    )  # fmt: skip
    assert gone.until > gone.time
    with pytest.raises(RefusedError):
        services.store.commit(operations.submit(submission("x", model_name="Model 2"), "p"))
    assert "Model 2" in (services.settings.root / "trash.json").read_text()
    admin.restore(services, "entry-2", ADMIN)
    same(services, before)
    assert "as it was before" in refused(admin.undo, services, op_id, ADMIN)["undo"]


def test_a_verification_has_dates_and_a_declined_one_a_reason(services: Services) -> None:
    before = services.store.read()
    found = community(services)
    no_reason = refused(admin.set_verification, services, "community", found, "declined", ADMIN)
    assert set(no_reason) == {"reason"}
    ids = [admin.set_verification(services, "community", found, "asked", "owner")]
    ids.append(
        admin.set_verification(
            services, "community", community(services), "declined", ADMIN, reason="No weights.",
            date="2026-03-04", note="Tried.",
        )
    )  # fmt: skip
    told = community(services).verification
    assert told is not None
    assert (told.state, told.reason, sorted(told.dates)) == (
        "declined", "No weights.", ["asked", "declined"],
    )  # fmt: skip
    assert community(services).verified_note == "Tried."
    bad = refused(
        admin.set_verification, services, "community", community(services), "running", ADMIN,
        date="soon",
    )  # fmt: skip
    assert "no date" in bad["verified_date"]
    for op_id in reversed(ids):
        admin.undo(services, op_id, ADMIN)
    same(services, before)


def test_marks_need_a_track_that_exists(services: Services) -> None:
    assert (
        "no such track"
        in refused(admin.mark, services, "community", community(services), {"track": "One"}, ADMIN)[
            "track"
        ]
    )
    old = services.store.read().policy
    tracks = (Track(name="One", opens="2026-01-01", required=("team",)),)
    admin.set_policy(services, old, Policy(tracks=tracks, announcement="Hello"), ADMIN)
    marks = {"track": "One", "organiser": True, "off_the_shelf": True}
    admin.mark(services, "community", community(services), marks, ADMIN)
    found = community(services)
    assert (found.track, found.organiser, found.off_the_shelf) == ("One", True, True)
    assert admin.mark(services, "community", found, marks, ADMIN) == ""
    stale = refused(admin.set_policy, services, old, Policy(quota_per_day=9), ADMIN)
    assert "changed meanwhile" in stale["policy"]
    wrong = Policy(quota_per_day=-1, min_coverage=2, tracks=(Track(name="", closes="x"),))
    assert set(refused(admin.set_policy, services, old, wrong, ADMIN)) == {
        "quota_per_day", "min_coverage", "tracks",
    }  # fmt: skip
    assert json.loads((services.settings.root / "policy.json").read_bytes())["announcement"]


def test_a_new_key_opens_and_the_old_one_does_not(services: Services) -> None:
    _op_id, key = admin.give_key(services, community(services), ADMIN)
    state = services.store.read()
    # This entry has no submission of its own id: it was given one, for its owner's page.
    assert key_opens(key, state.submissions["entry-1"].key_hash)
    _op_id, other = admin.give_key(services, community(services), ADMIN)
    now = services.store.read().submissions["entry-1"]
    assert key_opens(other, now.key_hash)
    assert not key_opens(key, now.key_hash)
    journal = (services.settings.root / "journal.jsonl").read_text()
    assert key not in journal
    assert other not in journal


def contact_of(services: Services, number: int, contact: str) -> str:
    """Publish a model with a contact and files; returns the reference."""
    ref = services.store.add_personal({"contact": contact})
    made = submission(number, contact_ref=ref, submission_id=f"upload-{number}-xx")
    services.store.commit(operations.submit(made, "participant"))
    row = entry(number, entry_id=made.submission_id, model_name=made.model_name)
    services.store.commit(operations.add(made.submission_id, row))
    files = result_files(services.settings.root, made.submission_id)
    files.folder.mkdir(parents=True)
    files.upload.write_bytes(b"upload")
    return ref


def test_purging_erases_all_that_is_private_and_leaves_the_chain_whole(services: Services) -> None:
    root = services.settings.root
    refs = [contact_of(services, 7, "seven@example.org"), contact_of(services, 8, "eight@x.org")]
    found = next(e for e in services.store.read().community if e.model_name == "Model 7")
    admin.edit(services, "community", found, {"contact": "later@example.org"}, ADMIN)
    found = next(e for e in services.store.read().community if e.model_name == "Model 7")
    assert (
        "in the trash" in refused(purging.purge, services, found.entry_id, "Model 7", ADMIN)["name"]
    )
    deleted = admin.remove(services, "community", found, ADMIN)
    assert "exactly" in refused(purging.purge, services, found.entry_id, "model 7", ADMIN)["name"]
    assert (root / "private" / f"{refs[0]}.json").exists()

    purged = purging.purge(services, found.entry_id, "Model 7", ADMIN)
    left = "".join(path.read_text() for path in root.rglob("*.json"))
    assert "seven@example.org" not in left
    assert "later@example.org" not in left
    assert "eight@x.org" in left
    assert not result_files(root, found.entry_id).folder.exists()
    assert services.store.read().submissions[found.entry_id].state == "purged"
    assert services.store.read().trash == ()
    assert services.store.verify() == []
    for op_id in (purged, deleted):
        assert refused(admin.undo, services, op_id, ADMIN)["undo"]
    assert operations.name_problem(services.store.read(), "Model 7") is None
    publish(services.store, "again", model_name="Model 7")
    # A copy of the file that comes back, from a mirror say, goes at the next start.
    services.store.add_personal({"contact": "seven@example.org"}, refs[0])
    Store(root).recover()
    assert not (root / "private" / f"{refs[0]}.json").exists()


def test_purging_takes_the_older_application_s_folder_unless_it_is_shared(
    services: Services,
) -> None:
    rows = [{"model_name": name, "cvs_acc": 0.5} for name in ("Gr\u00fcner Falke", "Both Boards")]
    services.store.commit(operations.import_rows(rows, rows[1:], "import-first"))
    results = services.settings.root / "results"
    names = ("Gr\u00fcner_Falke", "Both_Boards")
    for name in names:
        (results / name).mkdir(parents=True)
    for found in services.store.read().community[-2:]:
        admin.remove(services, "community", found, ADMIN)
        purging.purge(services, found.entry_id, found.model_name, ADMIN)
    assert [(results / name).exists() for name in names] == [False, True]
    assert services.store.verify() == []


def test_the_trash_is_purged_by_itself_after_thirty_days(services: Services) -> None:
    admin.remove(services, "community", community(services), ADMIN)
    (gone,) = services.store.read().trash
    assert purging.purge_expired(services) == []
    (op_id,) = purging.purge_expired(services, gone.until)
    assert "erased for good" in refused(admin.undo, services, op_id, ADMIN)["undo"]
    assert services.store.read().trash == ()
    assert all(e.model_name in ("Model 2", "Model 3") for e in services.store.read().community)


def test_a_new_version_keeps_the_old_one_in_its_history(services: Services) -> None:
    found = community(services)
    made = submission("v2", model_name="Model 1", replaces=found.entry_id)
    services.store.commit(operations.submit(made, "owner"))
    row = entry("v2", 0.75, model_name="Model 1", entry_id=made.submission_id, date="2026-05-06")
    add = operations.add(made.submission_id, row)
    services.store.commit(add)
    services.store.commit(add)
    new = community(services)
    assert (new.entry_id, new.metrics["cvs_acc"], new.date) == ("entry-1", 0.75, "2026-05-06")
    assert new.upload_id == made.submission_id
    assert [(v.why, v.metrics, v.submission_id) for v in new.history] == [
        ("new version", found.metrics, "entry-1")
    ]
    assert len(services.store.read().community) == 3
    assert services.store.verify() == []
    told = refused(admin.undo, services, add.id, ADMIN)["undo"]
    assert "earlier scores stand in the entry's history" in told
    (line,) = [one for one in audit.trail(services.store.steps()) if one.op_id == add.id]
    assert (line.undoable, line.why_not) == (False, told)
    # It stays the same entry for its owner; an entry that is gone is replaced by nothing.
    late = submission("v3", model_name="Model 2", replaces="entry-2")
    services.store.commit(operations.submit(late, "owner"))
    admin.remove(services, "community", community(services, 2), ADMIN)
    problems = refused(services.store.commit, operations.add(late.submission_id, row))
    assert "not on the Community board" in problems["submission"]
    gone = submission("v4", model_name="Model 9", replaces="entry-2")
    assert refused(services.store.commit, operations.submit(gone, "owner")) == problems


def test_all_ten_metrics_are_checked_against_their_ranges(services: Services) -> None:
    typed = {f"metrics.{key}": 5.5 for key in METRIC_KEYS}
    problems = refused(admin.edit, services, "community", community(services), typed, ADMIN)
    assert set(problems) == set(typed)


def test_old_rows_that_come_again_bring_nothing_back(services: Services) -> None:
    """The older application may push its file again after entries were moved or deleted."""
    old = [{"model_name": name, **dict.fromkeys(METRIC_KEYS, 0.5)} for name in ("A", "B", "C")]
    services.store.commit(operations.import_rows(old, [], "import-first"))
    one, two, three = services.store.read().community[-3:]
    admin.promote(services, one, ADMIN)
    admin.remove(services, "community", two, ADMIN)
    admin.remove(services, "community", three, ADMIN)
    purging.purge(services, three.entry_id, "C", ADMIN)
    before = services.store.read()
    services.store.commit(operations.import_rows(old, [], "import-again"))
    assert services.store.read() == before


def test_who_is_hidden_takes_no_place_and_shows_no_result(services: Services) -> None:
    entries = (entry(1, 0.9, hidden=True), entry(2, 0.5))
    state = State(community=entries, official=(entry(3, 0.8, hidden=True),))
    found = places(state, dict.fromkeys(METRIC_KEYS, 0.7), "New")
    assert (found.community.rank, found.community.size) == (1, 2)
    assert (found.judge_free.rank, found.judge_free.size) == (1, 2)

    made = submission(9, model_name="Model 9")
    services.store.commit(operations.submit(made, "participant"))
    row = entry(9, entry_id=made.submission_id)
    services.store.commit(operations.add(made.submission_id, row))
    job = services.jobs.enqueue("evaluation", made.submission_id)
    stranger = job_view(services, job.job_id, None)
    assert stranger is not None
    assert stranger.model_name == "Model 9"
    admin.hide(services, "community", services.store.read().community[-1], ADMIN)
    stranger = job_view(services, job.job_id, None)
    assert stranger is not None
    assert (stranger.model_name, stranger.result) == (None, None)
