"""The admin's changes to entries and settings: effects, refusals, undo."""

import json
from functools import partial
from pathlib import Path

from core.access.submission_keys import key_opens
from core.benchmark import METRIC_KEYS
from core.changes import submitting, undoing
from core.changes.entry_fields import METRICS as METRIC_FIELDS
from core.changes.settings import set_policy
from core.model.policy import Policy, Track
from core.usecases import audit, board_settings, moderate, undo
from core.usecases.entry_form import as_shown
from core.usecases.services import Services
from tests.core.admin_world import ADMIN, community, refused, same
from tests.core.services_world import world
from tests.core.store_world import entry, submission

TEXT_KEYS = ("model_name", "organization", "contact", "model_url", "declared.team")


def test_promoting_moves_the_entry_with_all_it_has_and_back(services: Services) -> None:
    before = services.store.read()
    found = community(services)
    change_id = moderate.promote(services, found, ADMIN, verified_date="2026-03-04", note="Ran it.")
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
    undo.undo(services, change_id, ADMIN)
    same(services, before)


def test_adding_by_hand_checks_every_field_at_once(services: Services) -> None:
    problems = refused(
        moderate.add_official,
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
        "already on the Community board"
        in refused(moderate.add_official, services, looks, ADMIN)["model_name"]
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
    change_id = moderate.add_official(services, typed, ADMIN)
    (made,) = services.store.read().official
    made = services.store.with_contact(made)
    assert (made.contact, made.model_url) == ("lab@example.org", "https://example.org/m")
    assert (made.metrics["cvs_acc"], made.metrics["nap_acc"]) == (0.5, None)
    assert (made.declared.team, made.off_the_shelf) == ("Team", True)
    assert b"lab@example.org" not in (services.settings.root / "journal.jsonl").read_bytes()
    undo.undo(services, change_id, ADMIN)
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
    assert set(moderate.changes(found, {**typed, "metrics.vs_llm": 3})) == {
        "model_name", "metrics.vs_llm", "contact", "metrics.dvc_f1",
    }  # fmt: skip
    change_id = moderate.edit(services, "community", found, typed, ADMIN)
    changed = community(services)
    assert (changed.model_name, changed.metrics["dvc_f1"]) == ("Renamed", None)
    assert services.store.with_contact(changed).contact == "new@example.org"
    assert services.store.lines()[-1].act["old"]["model_name"] == "Model 1"
    # The same page with the old values must not overwrite this.
    assert "has been changed" in str(
        refused(moderate.edit, services, "community", found, {"model_name": "Mine"}, ADMIN)
    )
    assert moderate.edit(services, "community", changed, {"model_name": "Renamed"}, ADMIN) == ""
    taken = refused(moderate.edit, services, "community", changed, {"model_name": "MODEL 2"}, ADMIN)
    assert "already" in taken["model_name"]
    undo.undo(services, change_id, ADMIN)
    same(services, before)


def test_a_score_changed_by_hand_loses_what_was_computed_with_the_old_one(
    services: Services,
) -> None:
    made = submission(9)
    row = entry(9, strict=dict.fromkeys(METRIC_KEYS[:2], 0.4), by_dataset={
        key: {"AVOS": {"value": 0.5, "n": 200}} for key in METRIC_KEYS[:2]
    })  # fmt: skip
    services.store.commit(submitting.submit(made, "participant"))
    services.store.commit(submitting.add(made.submission_id, row))
    before = services.store.read()
    (found,) = (one for one in before.community if one.entry_id == row.entry_id)
    first, second = METRIC_KEYS[:2]
    typed = {f"metrics.{first}": 0.9, f"metrics.{second}": 0.5}
    change_id = moderate.edit(services, "community", found, typed, ADMIN)
    (changed,) = (e for e in services.store.read().community if e.entry_id == row.entry_id)
    assert (changed.metrics[first], changed.strict) == (0.9, {second: 0.4})
    assert list(changed.by_dataset) == [second]
    undo.undo(services, change_id, ADMIN)
    same(services, before)


def test_an_undo_never_overwrites_later_work(services: Services) -> None:
    first = moderate.edit(services, "community", community(services), {"declared.team": "A"}, ADMIN)
    second = moderate.edit(
        services, "community", community(services), {"declared.team": "B"}, ADMIN
    )
    assert "changed again since" in refused(undo.undo, services, first, ADMIN)["undo"]
    assert community(services).declared.team == "B"
    taken_back = undo.undo(services, second, ADMIN)
    assert "already undone" in refused(undo.undo, services, second, ADMIN)["undo"]
    undo.undo(services, taken_back, ADMIN)  # an undo is undone the same way
    assert community(services).declared.team == "B"
    # Another field was changed since: it stays, and this one is undone.
    moderate.mark(services, "community", community(services), {"organiser": True}, ADMIN)
    undo.undo(services, second, ADMIN)
    assert (community(services).declared.team, community(services).organiser) == ("A", True)
    told = refused(undo.undo, services, "submit-submission-1", ADMIN)["undo"]
    assert "cannot be undone" in told
    assert "Cancel its job" in told
    policy = services.store.read().policy
    nothing = set_policy(policy, policy, ADMIN)
    services.store.commit(nothing)
    assert "This changed nothing" in refused(undo.undo, services, nothing.id, ADMIN)["undo"]
    before = services.store.read()
    for act in (
        partial(undo.undo, services, "unknown-change", ADMIN),
        partial(services.store.commit, undoing.undo("unknown-change", ADMIN)),
    ):
        assert "no such change" in refused(act)["undo"]
    same(services, before)


def test_a_verification_has_dates_and_a_declined_one_a_reason(services: Services) -> None:
    before = services.store.read()
    found = community(services)
    no_reason = refused(moderate.set_verification, services, "community", found, "declined", ADMIN)
    assert set(no_reason) == {"reason"}
    ids = [moderate.set_verification(services, "community", found, "asked", "owner")]
    ids.append(
        moderate.set_verification(
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
        moderate.set_verification, services, "community", community(services), "running", ADMIN,
        date="soon",
    )  # fmt: skip
    assert "not a date" in bad["verified_date"]
    bad = refused(
        moderate.set_verification, services, "community", community(services), "running", ADMIN,
        note="a\x00b",
    )  # fmt: skip
    assert bad["verified_note"].startswith("Note has a control character")
    for change_id in reversed(ids):
        undo.undo(services, change_id, ADMIN)
    same(services, before)


def test_marks_need_a_track_that_exists(services: Services) -> None:
    assert (
        "no such track"
        in refused(
            moderate.mark, services, "community", community(services), {"track": "One"}, ADMIN
        )["track"]
    )
    old = services.store.read().policy
    tracks = (Track(name="One", opens="2026-01-01", required=("team",)),)
    board_settings.set_policy(services, old, Policy(tracks=tracks, announcement="Hello"), ADMIN)
    marks = {"track": "One", "organiser": True, "off_the_shelf": True}
    moderate.mark(services, "community", community(services), marks, ADMIN)
    found = community(services)
    assert (found.track, found.organiser, found.off_the_shelf) == ("One", True, True)
    assert moderate.mark(services, "community", found, marks, ADMIN) == ""
    wrong = Policy(quota_per_day=-1, min_coverage=2, tracks=(Track(name="", closes="x"),))
    assert set(refused(board_settings.set_policy, services, old, wrong, ADMIN)) == {
        "quota_per_day", "min_coverage", "tracks",
    }  # fmt: skip
    assert json.loads((services.settings.root / "policy.json").read_bytes())["announcement"]


def test_settings_are_changed_one_by_one_and_never_over_a_change_of_somebody_else(
    services: Services,
) -> None:
    old = services.store.read().policy
    first = board_settings.set_policy(
        services, old, Policy(quota_per_day=5, announcement="Hello"), ADMIN
    )
    stale = refused(
        board_settings.set_policy,
        services,
        old,
        Policy(quota_per_day=9, enforce_min_coverage=True),
        ADMIN,
    )
    assert "has been changed" in stale["quota_per_day"]
    assert len(stale) == 1
    # Only one of the settings on the page was changed: the others keep their current values.
    board_settings.set_policy(services, old, Policy(enforce_min_coverage=True), ADMIN)
    made = services.store.read().policy
    assert made == Policy(quota_per_day=5, announcement="Hello", enforce_min_coverage=True)
    assert (
        board_settings.set_policy(services, old, Policy(quota_per_day=5), ADMIN) == ""
    )  # the same change
    last = services.store.lines()[-1]
    undo.undo(services, last.id, ADMIN)
    undo.undo(services, first, ADMIN)
    assert services.store.read().policy == old


def test_tracks_whose_names_look_the_same_are_refused(services: Services) -> None:
    old = services.store.read().policy
    tracks = (Track(name="Challenge"), Track(name="Ch\u0430llenge"))  # a Cyrillic letter
    told = refused(board_settings.set_policy, services, old, Policy(tracks=tracks), ADMIN)
    assert "look the same" in told["tracks"]
    # A board that already has them keeps them, and its other settings can be changed.
    services.store.commit(set_policy(old, Policy(tracks=tracks), ADMIN))
    present = services.store.read().policy
    assert board_settings.set_policy(
        services, present, Policy(tracks=tracks, announcement="Hello"), ADMIN
    )


def test_what_was_promoted_is_what_was_reviewed(services: Services) -> None:
    seen = community(services)
    moderate.edit(services, "community", seen, {"metrics.cvs_acc": 0.111}, ADMIN)
    told = refused(moderate.promote, services, seen, ADMIN)
    assert "has been changed" in told["entry"]
    assert services.store.read().official == ()
    moderate.promote(services, community(services), ADMIN)


def test_a_verification_keeps_the_date_of_a_state_that_stays(services: Services) -> None:
    moderate.set_verification(services, "community", community(services), "asked", ADMIN)
    seen = community(services)
    moderate.set_verification(services, "community", seen, "asked", ADMIN, note="Mail sent.")
    assert community(services).verified_note == "Mail sent."
    assert community(services).verification == seen.verification
    assert moderate.set_verification(services, "community", seen, "asked", ADMIN) == ""


def test_an_entry_with_older_words_in_it_can_be_edited(tmp_path: Path) -> None:
    """Values from before the current rules stay; changed values must obey them."""
    root = tmp_path / "data"
    root.mkdir()
    rows = [
        {"model_name": "L" * 100, "organization": "", "model_url": "ftp://x/y", "cvs_acc": 0.5},
        {"model_name": "Old", "organization": "Lab", "model_url": "www.lab.org", "nap_acc": 0.25},
    ]
    (root / "leaderboard.json").write_text(json.dumps(rows))
    place = world(tmp_path)
    for entry_ in place.store.read().community:
        shown = as_shown(entry_, (*TEXT_KEYS, *METRIC_FIELDS, "declared.weights"))
        assert moderate.changes(entry_, shown) == {}
        typed = {**shown, "declared.team": "Blue"}
        assert moderate.changes(entry_, typed) == {"declared.team": "Blue"}
        moderate.edit(place, "community", entry_, typed, ADMIN)
        wrong = {**shown, "model_url": "ftp://other/y", "metrics.dvc_f1": "2"}
        assert set(refused(moderate.edit, place, "community", entry_, wrong, ADMIN)) == {
            "model_url", "metrics.dvc_f1",
        }  # fmt: skip
    made = place.store.read().community
    assert {entry_.declared.team for entry_ in made} == {"Blue"}
    assert {entry_.model_url for entry_ in made} == {"ftp://x/y", "www.lab.org"}


def test_a_new_key_opens_and_the_old_one_does_not(services: Services) -> None:
    _op_id, key = moderate.give_key(services, community(services), ADMIN)
    state = services.store.read()
    # This entry has no submission with its id: it was given one, for its owner's page.
    assert key_opens(key, state.submissions["entry-1"].key_hash)
    _op_id, other = moderate.give_key(services, community(services), ADMIN)
    now = services.store.read().submissions["entry-1"]
    assert key_opens(other, now.key_hash)
    assert not key_opens(key, now.key_hash)
    journal = (services.settings.root / "journal.jsonl").read_text()
    assert key not in journal
    assert other not in journal


def test_a_new_version_keeps_the_old_one_in_its_history(services: Services) -> None:
    found = community(services)
    made = submission("v2", model_name="Model 1", replaces=found.entry_id)
    services.store.commit(submitting.submit(made, "owner"))
    row = entry("v2", 0.75, model_name="Model 1", entry_id=made.submission_id, date="2026-05-06")
    add = submitting.add(made.submission_id, row)
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
    told = refused(undo.undo, services, add.id, ADMIN)["undo"]
    assert "earlier scores are in the entry's history" in told
    (line,) = [one for one in audit.trail(services.store.lines()) if one.change_id == add.id]
    assert (line.undoable, line.why_not) == (False, told)
    # It stays the same entry for its owner; nothing replaces an entry that is gone.
    late = submission("v3", model_name="Model 2", replaces="entry-2")
    services.store.commit(submitting.submit(late, "owner"))
    moderate.remove(services, "community", community(services, 2), ADMIN)
    problems = refused(services.store.commit, submitting.add(late.submission_id, row))
    assert "not on the Community board" in problems["submission"]
    gone = submission("v4", model_name="Model 9", replaces="entry-2")
    assert refused(services.store.commit, submitting.submit(gone, "owner")) == problems


def test_all_ten_metrics_are_checked_against_their_ranges(services: Services) -> None:
    typed = {f"metrics.{key}": 5.5 for key in METRIC_KEYS}
    problems = refused(moderate.edit, services, "community", community(services), typed, ADMIN)
    assert set(problems) == set(typed)
