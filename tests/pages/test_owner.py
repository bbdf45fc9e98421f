"""The owner's page with AppTest: keys, log, correction, new version, verification, withdrawal."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.access.submission_keys import Proof, make_key
from core.access.throttle import FREE_TRIES
from core.changes import editing, placing
from core.changes.settings import set_policy
from core.changes.undoing import undo
from core.model.policy import Policy, Track
from core.ui.acts import Request
from core.usecases import moderate, own_jobs
from core.usecases.services import Services
from core.usecases.submit import Sender
from tests.pages import owner_world as world
from tests.pages.visited import open_page, own_server, press

pytestmark = pytest.mark.slow


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Services:
    return own_server(tmp_path, monkeypatch)


def opened(*keys: str) -> AppTest:
    app = open_page("owner")
    for key in keys:
        next(box for box in app.text_input if box.label == "Submission key").set_value(f" {key} ")
        press(app, "Open")
    return app


def field(app: AppTest, name: str):
    (found,) = [box for box in (*app.text_input, *app.selectbox) if str(box.key).endswith(name)]
    return found


def choice(app: AppTest):
    (found,) = [box for box in app.selectbox if box.label.startswith("Your ")]
    return found


def entry(place: Services):
    (found,) = place.store.read().community
    return found


def test_a_key_opens_what_is_its_own_and_is_shown_nowhere(place: Services) -> None:
    first, other = world.submit(place), world.submit(place, "Model B", contact="b@b.example")
    world.publish(place, first)
    app = opened(make_key())
    assert "Enter the submission key that you were shown when you submitted." in world.text(app)
    assert "No submission has this key" in world.text(app)
    assert next(box for box in app.text_input if box.label == "Submission key").value.strip()
    app = opened(first.key)
    assert "On the Community board" in world.text(app)
    assert "Model A" in world.text(app)
    assert "Model B" not in world.text(app)
    assert first.key not in world.text(app)
    app = opened(first.key, other.key)
    assert len(choice(app).options) == 2
    assert "Your 2 submissions" in choice(app).label
    press(app, "Forget the keys")
    assert "Model" not in world.text(app).replace("My submissions", "")


def test_what_is_wrong_with_an_entry_is_corrected_and_the_old_words_stay(place: Services) -> None:
    mine = world.submit(place)
    world.publish(place, mine)
    app = opened(mine.key)
    field(app, "organization").set_value("Ghent University")
    field(app, "_team").set_value("Team Blue")
    field(app, "_contact").set_value("new@lab.example")
    field(app, "model_url").set_value("https://example.org/model")
    field(app, "weights").set_value("open")
    press(app, "Save corrections")
    assert "Corrected: organization, contact, model URL, team, weights." in app.success[0].value
    assert [told.value for told in app.toast] == [app.success[0].value]  # it may be out of view
    made = place.store.with_contact(entry(place))
    assert (made.organization, made.declared.team, made.contact) == (
        "Ghent University", "Team Blue", "new@lab.example",
    )  # fmt: skip
    (edit,) = [line for line in place.store.lines() if line.kind == "edit"]
    assert edit.act["old"]["organization"] == "Lab"
    assert edit.actor == "owner"
    assert "@" not in str(edit.act)  # contacts by reference
    assert place.store.personal(edit.act["old"]["contact_ref"])["contact"] == "me@lab.example"
    press(app, "Save corrections")
    assert "Nothing was changed" in app.success[0].value
    field(app, "weights").set_value("")  # a choice can be cleared
    press(app, "Save corrections")
    assert "Corrected: weights." in app.success[0].value
    assert entry(place).declared.weights is None


def test_a_correction_obeys_the_rules_of_the_form_and_of_the_board(place: Services) -> None:
    mine, other = world.submit(place), world.submit(place, "Model B")
    world.publish(place, mine)
    world.publish(place, other)
    app = opened(mine.key)
    field(app, "model_name").set_value("mоdel  b")
    press(app, "Save corrections")
    assert "A model named “Model B” is already on the Community board" in world.text(app)
    field(app, "model_name").set_value("Model A")
    field(app, "model_url").set_value("javascript:alert(1)")
    field(app, "organization").set_value("")
    press(app, "Save corrections")
    assert "must start with https://" in world.text(app)
    assert "Organization is required" in world.text(app)
    assert "Not saved. Fix the 2 problems below" in world.text(app)
    told = [part.value for part in app.text]
    assert len([text for text in told if "is required" in text or "must start" in text]) == 2
    assert place.store.read().community[0].model_url is None


def challenge(closes: str | None = None) -> Policy:
    return Policy(tracks=(Track(name="Cup", closes=closes, required=("team", "contact")),))


def test_what_the_track_requires_cannot_be_emptied_and_is_reported_beside_the_field(
    place: Services,
) -> None:
    place.store.commit(set_policy(Policy(), challenge(), "admin"))
    mine = world.submit(place, team="Blue", track="Cup")
    world.publish(place, mine, track="Cup")
    app = opened(mine.key)
    field(app, "_team").set_value("")
    field(app, "_authors").set_value("A. Author")
    press(app, "Save corrections")
    assert "Team is required by the track “Cup”." in [found.value for found in app.text]
    assert "nothing you entered is lost" in world.text(app)
    assert field(app, "_authors").value == "A. Author"
    assert entry(place).declared.team == "Blue" and entry(place).declared.authors is None
    field(app, "_team").set_value("Red")
    press(app, "Save corrections")
    assert (entry(place).declared.team, entry(place).declared.authors) == ("Red", "A. Author")


def test_what_was_empty_before_the_track_required_it_may_stay_so(place: Services) -> None:
    mine = world.submit(place)
    world.publish(place, mine, track="Cup")
    place.store.commit(set_policy(Policy(), challenge(), "admin"))
    app = opened(mine.key)
    field(app, "_authors").set_value("A. Author")
    press(app, "Save corrections")
    assert entry(place).declared.authors == "A. Author"


def test_a_closed_track_takes_no_new_version(place: Services) -> None:
    place.store.commit(set_policy(Policy(), challenge(), "admin"))
    mine = world.submit(place, team="Blue", track="Cup")
    world.publish(place, mine, track="Cup")
    sender = Sender(replaces=mine.submission_id, proof=Proof((mine.key,)))
    place.store.commit(set_policy(challenge(), challenge("2020-01-01"), "admin"))
    with pytest.raises(world.RefusedError, match="until 2020-01-01, 00:00 UTC") as refusal:
        world.submit(place, sender=sender, file=world.upload("better"))
    assert set(refusal.value.problems) == {"track"}
    place.store.commit(set_policy(challenge("2020-01-01"), Policy(), "admin"))
    with pytest.raises(world.RefusedError, match="no longer exists"):
        world.submit(place, sender=sender, file=world.upload("better"))
    place.store.commit(set_policy(Policy(), challenge("2999-01-01"), "admin"))
    world.publish(place, world.submit(place, sender=sender, file=world.upload("better")), 0.7)
    assert (entry(place).track, entry(place).metrics["stg_miou"]) == ("Cup", 0.7)


def test_what_an_admin_changed_in_between_is_not_overwritten(place: Services) -> None:
    mine = world.submit(place)
    world.publish(place, mine)
    app = opened(mine.key)
    change = editing.edit("community", entry(place), {"organization": "By the admin"}, "admin")
    place.store.commit(change)
    field(app, "_team").set_value("Team")
    press(app, "Save corrections")  # another field: both changes are kept
    assert (entry(place).organization, entry(place).declared.team) == ("By the admin", "Team")
    stale = opened(mine.key)
    place.store.commit(editing.edit("community", entry(place), {"organization": "Twice"}, "admin"))
    field(stale, "organization").set_value("Mine")
    press(stale, "Save corrections")
    assert "has been changed" in world.text(stale)
    assert entry(place).organization == "Twice"


def test_verification_is_asked_for_and_followed(place: Services) -> None:
    mine = world.submit(place, contact="")
    world.publish(place, mine)
    app = opened(mine.key)
    press(app, "Ask for verification")
    assert "Give a contact" in world.text(app)
    (box,) = [one for one in app.text_input if one.label.startswith("Contact (required")]
    box.set_value("me@lab")
    press(app, "Ask for verification")
    assert "Contact is not a complete e-mail address" in world.text(app)
    assert entry(place).verification is None
    (box,) = [one for one in app.text_input if one.label.startswith("Contact (required")]
    box.set_value("me@lab.example")
    press(app, "Ask for verification")
    assert place.store.with_contact(entry(place)).contact == "me@lab.example"
    assert "Asked for" in world.text(app)
    assert "already in progress" in world.text(app)
    declined = editing.next_verification(entry(place), "declined", "No access *yet*")
    place.store.commit(editing.verification("community", entry(place), declined, "admin"))
    app.run()
    assert "No access *yet*" in [found.value for found in app.text]
    press(app, "Ask again")
    assert entry(place).verification.state == "asked"


def test_asking_for_verification_renews_only_the_contact_of_the_correction(place: Services) -> None:
    """A field with the same key keeps what is typed in it."""

    def fields() -> dict[str, str]:
        return {str(box.key): str(box.value) for box in app.text_input}

    mine = world.submit(place, contact="")
    world.publish(place, mine)
    app = opened(mine.key)
    field(app, "ask_contact").set_value("me@lab.example")
    before = fields()
    press(app, "Ask for verification")
    assert entry(place).verification.state == "asked"
    assert {key.split("_")[-1] for key in before.keys() - fields().keys()} == {"contact"}
    assert set(fields().values()) - {""} == {"Model A", "Lab", "me@lab.example"}
    field(app, "organization").set_value("Corrected Lab")
    press(app, "Save corrections")
    assert "Corrected: organization." in world.text(app)
    assert place.store.with_contact(entry(place)).contact == "me@lab.example"
    field(app, "_contact").set_value("other@lab.example")
    press(app, "Save corrections")
    assert "Corrected: contact." in world.text(app)
    assert place.store.with_contact(entry(place)).contact == "other@lab.example"


def test_an_entry_is_withdrawn_and_put_back(place: Services) -> None:
    mine = world.submit(place)
    world.publish(place, mine)
    app = opened(mine.key)
    press(app, "Withdraw")
    assert "Tick that you want" in world.text(app)
    (box,) = [one for one in app.checkbox if one.label.startswith("I want")]
    box.check()
    press(app, "Withdraw")
    assert place.store.read().community == ()
    assert "in the trash" in app.warning[0].value
    asked = app.session_state["visitor_session"].owner_acts
    asked.note(Request("withdraw", mine.submission_id), 0)  # the second of two clicks
    app.run()
    assert app.success[0].value.startswith("Withdrawn.")
    press(app, "Undo: put it back")
    assert entry(place).model_name == "Model A"
    place.store.commit(placing.delete(entry(place), "admin", "Copied *answers*"))
    app.run()
    assert "Removed by the maintainers" in world.text(app)
    assert "Copied *answers*" in [found.value for found in app.text]
    assert "Undo: put it back" not in [button.label for button in app.button]


def test_a_new_version_keeps_key_and_name_and_the_old_scores_stay(place: Services) -> None:
    mine = world.submit(place)
    world.publish(place, mine)
    stranger = Sender(replaces=mine.submission_id, proof=Proof((make_key(),)))
    app = opened(mine.key)
    assert "Upload a new version" in [button.label for button in app.button]
    lost = open_page("submit", replaces=mine.submission_id)
    assert "You have no entry" in world.text(lost)
    assert not lost.file_uploader
    sender = Sender(replaces=mine.submission_id, proof=Proof((mine.key,)))
    with pytest.raises(world.RefusedError):
        world.submit(place, sender=stranger)
    again = world.submit(place, "ignored", sender, world.upload("second"))
    assert again.key == mine.key
    with pytest.raises(world.RefusedError, match="being evaluated"):
        world.submit(place, "ignored", sender)
    world.publish(place, again, value=0.7)
    made = entry(place)
    assert (made.entry_id, made.model_name) == (mine.submission_id, "Model A")
    assert made.metrics["stg_miou"] == 0.7
    assert made.history[0].metrics["stg_miou"] == 0.5
    app, other = opened(mine.key), opened(mine.key)
    assert len(choice(app).options) == 2
    choice(app).set_value(mine.submission_id).run()
    assert "older version" in world.text(app)
    choice(app).set_value(again.submission_id).run()
    assert "The new version ranks: 1st of 1." in world.text(app)
    assert "+0.200" in world.text(app)
    # A finished challenge used the scores of its last day.
    edit = editing.mark("community", made, {"track": "Cup"}, "admin")
    place.store.commit(edit)
    press(app, "Keep the old one")
    assert "no longer exists" in world.text(app)
    place.store.commit(undo(edit.id, "admin"))
    kept = place.settings.root / "results" / mine.submission_id / "input.json.gz"
    away = kept.rename(kept.with_name("away"))
    press(app, "Keep the old one")
    assert "no longer kept" in world.text(app)
    away.rename(kept)
    press(app, "Keep the old one")
    assert "The previous version is back" in app.success[0].value
    assert "On the Community board" in world.text(app)  # its acts are at hand
    assert "Withdraw" in [button.label for button in app.button]
    assert any("reverted version" in option for option in choice(app).options)
    back = entry(place)
    assert (back.upload_id, back.metrics["stg_miou"]) == (mine.submission_id, 0.5)
    assert back.history[0].metrics["stg_miou"] == 0.7
    assert "On the Community board" in world.text(opened(mine.key))  # not the newest, reverted
    press(other, "Keep the old one")  # drawn before, in another tab
    assert entry(place) == back
    assert place.store.verify() == []


def test_a_run_without_a_result_tells_what_it_leaves_on_the_board(place: Services) -> None:
    mine = world.submit(place)
    own_jobs.cancel(place, mine.job_id, mine.key)
    assert "the name is free again" in world.text(open_page("submit", job=mine.job_id))
    seen = world.submit(place, evaluate_only=True)
    own_jobs.cancel(place, seen.job_id, seen.key)
    told = world.text(open_page("submit", job=seen.job_id))
    assert "Nothing was published. " in told
    assert "free again" not in told
    first = world.submit(place)
    world.publish(place, first)
    sender = Sender(replaces=first.submission_id, proof=Proof((first.key,)))
    version = world.submit(place, "ignored", sender, world.upload("second"))
    own_jobs.cancel(place, version.job_id, first.key)
    told = world.text(open_page("submit", job=version.job_id))
    assert "the entry keeps its scores" in told
    assert "free again" not in told
    app = opened(first.key)
    assert "Only you can download this." in world.text(app)  # the upload, without results


def test_a_corrected_name_is_on_the_submission_s_page_too(place: Services) -> None:
    mine = world.submit(place)
    world.publish(place, mine)
    place.store.commit(editing.edit("community", entry(place), {"model_name": "Model Z"}, "owner"))
    told = world.text(open_page("submit", job=mine.job_id))
    assert "Model Z" in told
    assert "Model A" not in told


def test_the_official_board_is_not_said_to_have_the_maintainers_own_run(place: Services) -> None:
    mine = world.submit(place)
    world.publish(place, mine)
    promoted = moderate.promote(place, entry(place), "admin", scores="checked")
    assert promoted
    told = world.text(opened(mine.key))
    assert "takes no new versions" in told
    assert "the scores of that run or with yours, checked" in told
    assert "own run" not in told


def test_the_log_is_there_without_a_running_server(place: Services) -> None:
    mine = world.submit(place)
    job = place.jobs.get(mine.job_id)
    place.jobs._files.log(job.job_id, "Attempt 1", "  accuracy: 0.7531")
    app = opened(mine.key)
    assert [code.value for code in app.code] == ["Attempt 1\n(scores are left out)"]
    assert "Being evaluated" in world.text(app)


def test_the_account_counts_as_the_key(place: Services) -> None:
    app = open_page("owner")
    app.user = {"is_logged_in": True, "iss": "https://id.example", "sub": "7"}
    app.run()
    assert "On the Community board" not in world.text(app)
    from core.access.submitter import secret, submitter

    account = submitter(secret(place.settings.root), "account", "https://id.example\n7")
    mine = world.submit(place, sender=Sender(account))
    world.publish(place, mine)
    app.run()
    assert "On the Community board" in world.text(app)
    other = open_page("owner")
    other.user = {"is_logged_in": True, "iss": "https://id.example", "sub": "8"}
    other.run()
    assert "On the Community board" not in world.text(other)


def test_many_wrong_keys_wait_and_the_owner_s_own_opens_in_another_browser(place: Services) -> None:
    mine = world.submit(place)
    app = opened(make_key())
    for _ in range(FREE_TRIES - 1):
        press(app, "Open")
    assert "No submission has this key" in world.text(app)
    press(app, "Open")
    assert "This one was not checked" in world.text(app)
    assert "Model A" in world.text(opened(mine.key))
