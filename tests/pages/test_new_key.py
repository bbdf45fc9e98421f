"""A new submission key for an entry: what the old one still opens, and the undo."""

from pathlib import Path

import pytest

from core.access.submission_keys import Proof, hash_key, make_key
from core.access.submitter import secret, submitter
from core.changes.keys import NewKey, new_key
from core.errors import RefusedError
from core.model.state import EMPTY
from core.usecases import moderate, own_entries, own_jobs
from core.usecases import undo as undoing
from core.usecases.services import Services
from core.usecases.submit import Receipt, Sender
from tests.core.rules_world import changes_of, fold
from tests.pages import owner_world as world
from tests.pages.admin_pages import PASSWORD, first, opened, told
from tests.pages.visited import own_server, press

pytestmark = pytest.mark.slow


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Services:
    monkeypatch.setenv("ADMIN_PASSWORD", PASSWORD)
    return own_server(tmp_path, monkeypatch)


def published(place: Services) -> tuple[Receipt, Proof]:
    """An entry and its original key."""
    mine = world.submit(place)
    world.publish(place, mine)
    return mine, Proof((mine.key,))


def version(place: Services, mine: Receipt, proof: Proof, text: str = "two") -> Receipt:
    sender = Sender(replaces=mine.submission_id, proof=proof)
    return world.submit(place, "x", sender, world.upload(text))


def opens(place: Services, proof: Proof) -> set[str]:
    """The submissions that a key opens."""
    return {
        found.submission.submission_id for found in own_entries.holdings(place.store.read(), proof)
    }


def given(place: Services) -> tuple[str, Proof]:
    change_id, key = moderate.give_key(place, first(place, "community"), "admin")
    return change_id, Proof((key,))


def test_a_version_on_its_way_is_the_new_keys_alone(place: Services) -> None:
    mine, old = published(place)
    again = version(place, mine, old)
    change_id, new = given(place)
    world.publish(place, again, value=0.75)
    assert opens(place, old) == set()
    assert opens(place, new) == {mine.submission_id, again.submission_id}
    with pytest.raises(RefusedError, match="is not for this entry"):
        own_entries.withdraw(place, mine.submission_id, old)
    own_entries.ask_verification(place, mine.submission_id, new)
    undoing.undo(place, change_id, "admin")
    assert (opens(place, old), opens(place, new)) == (
        {mine.submission_id, again.submission_id}, set(),
    )  # fmt: skip
    assert place.store.verify() == []


def test_a_cancelled_version_is_run_again_with_the_new_key_alone(place: Services) -> None:
    mine, old = published(place)
    again = version(place, mine, old)
    own_jobs.cancel(place, again.job_id, old)
    _op_id, new = given(place)
    with pytest.raises(RefusedError, match="not the key of this submission"):
        own_jobs.run_again(place, again.job_id, old)
    assert own_jobs.run_again(place, again.job_id, new).state == "queued"


def test_an_earlier_version_is_the_new_keys_alone(place: Services) -> None:
    mine, old = published(place)
    again = version(place, mine, old)
    world.publish(place, again, value=0.75)
    _op_id, new = given(place)
    assert opens(place, old) == set()
    assert opens(place, new) == {mine.submission_id, again.submission_id}


def test_a_key_taken_back_opens_no_version_that_was_sent_with_it(place: Services) -> None:
    """It was given to the wrong person, who used it before the undo."""
    mine, old = published(place)
    change_id, wrong = given(place)
    again = version(place, mine, wrong)
    world.publish(place, again, value=0.75)
    undo = undoing.undo(place, change_id, "admin")
    assert opens(place, wrong) == set()
    assert opens(place, old) == {mine.submission_id, again.submission_id}
    undoing.undo(place, undo, "admin")
    assert opens(place, old) == set()
    assert opens(place, wrong) == {mine.submission_id, again.submission_id}
    assert place.store.verify() == []


def test_a_version_of_a_machine_that_had_not_heard_of_the_new_key_gets_it(
    place: Services,
) -> None:
    mine, old = published(place)
    again = version(place, mine, old)
    before = changes_of(place.store.lines())
    other = new_key(mine.submission_id, hash_key(make_key()), "admin")
    assert isinstance(other.act, NewKey)
    for late in range(len(before) - 1, len(before) + 1):  # before and after the version
        state = fold(EMPTY, [*before[:late], other, *before[late:]])
        hashes = {made.key_hash for made in state.submissions.values()}
        assert hashes == {other.act.key_hash}
    assert again.submission_id in state.submissions


def account(place: Services, subject: str) -> str:
    return submitter(secret(place.settings.root), "account", f"https://id.example\n{subject}")


def test_an_account_that_sent_a_version_with_the_old_key_opens_nothing(place: Services) -> None:
    """The owner's account does: the entry was created with it."""
    own, thief = account(place, "owner"), account(place, "thief")
    mine = world.submit(place, sender=Sender(own))
    world.publish(place, mine)
    stolen = Proof((mine.key,), thief)
    sender = Sender(thief, replaces=mine.submission_id, proof=stolen)
    again = world.submit(place, "x", sender, world.upload("two"))
    world.publish(place, again, value=0.75)
    assert opens(place, Proof((), thief)) == {again.submission_id}
    change_id, _new = given(place)
    assert opens(place, Proof((), thief)) == set()
    assert opens(place, Proof((), own)) == {mine.submission_id}
    with pytest.raises(RefusedError):
        own_entries.withdraw(place, mine.submission_id, stolen)
    undoing.undo(place, change_id, "admin")
    assert opens(place, Proof((), thief)) == {again.submission_id}
    assert place.store.verify() == []


def test_nor_does_an_account_that_sent_one_with_a_key_that_was_taken_back(place: Services) -> None:
    mine, old = published(place)
    change_id, wrong = given(place)
    stranger = account(place, "stranger")
    sender = Sender(stranger, replaces=mine.submission_id, proof=wrong)
    again = world.submit(place, "x", sender, world.upload("two"))
    world.publish(place, again, value=0.75)
    undoing.undo(place, change_id, "admin")
    assert opens(place, Proof((), stranger)) == set()
    assert again.submission_id in opens(place, old)


def test_an_undo_takes_back_a_key_given_to_an_entry_made_by_hand(place: Services) -> None:
    moderate.add_official(place, {"model_name": "By hand", "organization": "Lab"}, "admin")
    change_id, _key = moderate.give_key(place, first(place, "official"), "admin")
    undoing.undo(place, change_id, "admin")
    assert place.store.read().submissions == {}
    assert place.store.verify() == []


def test_the_dialog_says_who_still_gets_in_and_undo_gives_the_old_key_back(
    place: Services,
) -> None:
    mine, old = published(place)
    app = press(opened("Community"), "New key", f"New key_{mine.submission_id}")
    assert "account that created the entry" in told(app)
    press(app, "Make a new key")
    (key,) = [code.value for code in app.code if code.value.startswith("mvb-")]
    assert (opens(place, old), opens(place, Proof((key,)))) == (set(), {mine.submission_id})
    press(app, "Undo")
    assert (opens(place, old), opens(place, Proof((key,)))) == ({mine.submission_id}, set())
    assert key not in told(app)
