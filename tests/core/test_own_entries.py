"""What the owner of an entry may do, and what is refused with which sentence."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from core.access.submission_keys import Proof, hash_key
from core.changes import placing, submitting
from core.errors import ChangedError, RefusedError
from core.model.entries import Entry, Verification
from core.usecases import own_entries, own_versions
from core.usecases.services import Services
from tests.core.services_world import world
from tests.core.store_world import entry, submission

PROOF = Proof(("mvb-mine",))


@pytest.fixture
def services(tmp_path: Path) -> Services:
    found = world(tmp_path)
    made = submission(1, key_hash=hash_key("mvb-mine"))
    found.store.commit(submitting.submit(made, "participant"))
    found.store.commit(submitting.add("submission-1", entry(1, entry_id="submission-1")))
    return found


def mine(services: Services) -> Entry:
    return services.store.read().entries["submission-1"]


def problem(act: Callable[..., object], *arguments: object) -> dict[str, str]:
    with pytest.raises(RefusedError) as refused:
        act(*arguments)
    return refused.value.problems


def test_a_withdrawn_entry_is_first_restored_by_its_owner(services: Services) -> None:
    own_entries.undo_withdraw(services, "submission-1", PROOF)  # it is on the board: no change
    before = services.store.read()
    own_entries.withdraw(services, "submission-1", PROOF)
    told = problem(own_entries.withdraw, services, "submission-1", PROOF)
    assert told == {"entry": "The entry is withdrawn. Undo that first."}
    own_entries.undo_withdraw(services, "submission-1", PROOF)
    assert services.store.read() == before


def test_what_the_maintainers_removed_only_they_restore(services: Services) -> None:
    services.store.commit(placing.delete(mine(services), "admin"))
    told = problem(own_entries.undo_withdraw, services, "submission-1", PROOF)
    assert "Only they can restore it" in told["entry"]
    assert services.store.read().trash != ()


def test_another_key_opens_nothing(services: Services) -> None:
    for proof in (Proof(("mvb-other",)), Proof()):
        told = problem(own_entries.withdraw, services, "submission-1", proof)
        assert list(told) == ["key"]
    assert own_entries.owned(services, Proof()) == []


def test_on_the_official_board_names_belong_to_the_maintainers(services: Services) -> None:
    promote = placing.promote(mine(services), "admin", verified_date="2026-01-02")
    services.store.commit(promote)
    seen = mine(services)
    typed = replace(own_entries.form_of_entry(seen), model_name="Better", team="Team")
    told = problem(own_entries.correct, services, seen, PROOF, typed)
    assert told == {"model_name": own_entries.MAINTAINERS_WORD}
    fine = replace(typed, model_name=seen.model_name)
    assert own_entries.correct(services, seen, PROOF, fine) == ("team",)
    assert mine(services).declared.team == "Team"
    asked = problem(own_entries.ask_verification, services, "submission-1", PROOF, "a@b.example")
    assert "Only an entry on the Community board" in asked["verification"]


def test_a_verification_is_asked_for_once_and_needs_a_contact(services: Services) -> None:
    ask = own_entries.ask_verification
    assert problem(ask, services, "submission-1", PROOF) == {"contact": own_entries.NO_CONTACT}
    ask(services, "submission-1", PROOF, "a@b.example")
    state = mine(services).verification
    assert isinstance(state, Verification)
    assert state.state == "asked"
    assert services.store.with_contact(mine(services)).contact == "a@b.example"
    told = problem(ask, services, "submission-1", PROOF)
    assert told == {"verification": "A verification is already in progress."}


def test_a_contact_of_a_correction_that_was_refused_is_not_kept(services: Services) -> None:
    seen = mine(services)
    own_entries.correct(
        services, seen, PROOF, replace(own_entries.form_of_entry(seen), team="Meanwhile")
    )
    typed = replace(own_entries.form_of_entry(seen), team="Late", contact="late@b.example")
    assert "team" in str(problem(own_entries.correct, services, seen, PROOF, typed))
    private = services.settings.root / "private"
    left = "".join(path.read_text() for path in private.glob("*.json"))
    assert "late@b.example" not in left


def test_going_back_from_a_version_that_was_replaced_meanwhile_is_refused(
    services: Services,
) -> None:
    with pytest.raises(ChangedError, match="another version now"):
        own_versions.keep_old(services, "submission-1", "submission-0", PROOF)
