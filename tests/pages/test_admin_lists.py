"""The admin page with AppTest: searching submissions, undo in the audit trail, idle tabs."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.changes import submitting
from core.changes.acts import ACTS
from core.files.ids import new_id
from core.model.entries import Job, Submission
from core.model.state import now
from core.ui.session import current_services
from core.usecases import moderate
from core.usecases.audit_words import KINDS
from core.usecases.services import Services
from tests.pages.admin_pages import demo_server, field, first, opened, sign_in, told
from tests.pages.visited import press


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Services:
    return demo_server(tmp_path, monkeypatch)


def queued(place: Services, name: str, organization: str = "Lab") -> Job:
    made = Submission(
        submission_id=new_id(),
        model_name=name,
        organization=organization,
        created=now(),
        key_hash="0" * 64,
        predictions_sha256=name,
        records=100,
    )
    place.store.commit(submitting.submit(made, "participant"))
    return place.jobs.enqueue("evaluation", made.submission_id)


def listed(app: AppTest) -> set[str]:
    """The jobs of the rows shown, by their Log buttons."""
    return {str(b.key).removeprefix("Log_") for b in app.button if b.label == "Log"}


def test_submissions_are_found_by_name_organization_id_and_state(place: Services) -> None:
    one, two = queued(place, "Blue-VLM"), queued(place, "Green-VLM", "Blue Institute")
    other = queued(place, "Red-VLM")
    place.jobs.cancel(two.job_id)
    app = opened("Submissions")
    everything = {one.job_id, two.job_id, other.job_id}
    assert listed(app) == everything
    for wanted, found in (
        (" blue ", {one.job_id, two.job_id}),
        (two.job_id, {two.job_id}),
        (other.submission_id, {other.job_id}),
        ("[x](y) no such", set()),
        ("", everything),
    ):
        app.text_input(key="runs_search").set_value(wanted).run()
        assert listed(app) == found, wanted
        assert ("No submission matches." in told(app)) == (not found)
    app.pills(key="runs_state").set_value("cancelled").run()
    assert listed(app) == {two.job_id}
    app.text_input(key="runs_search").set_value("red").run()
    assert listed(app) == set()
    app.pills(key="runs_state").set_value("queued").run()
    assert listed(app) == {other.job_id}
    app.pills(key="runs_state").set_value("all").run()
    app.text_input(key="runs_search").set_value("").run()
    assert listed(app) == everything


def organization(place: Services) -> str:
    return first(place, "community").organization


def edited(place: Services, text: str) -> str:
    return moderate.edit(place, "community", first(place, "community"), {"organization": text}, "a")


def undone(app: AppTest, change: str) -> AppTest:
    """Undo a change from its line, with confirmation."""
    before = current_services().store.revision()
    press(app, "Undo", f"Undo_audit_{change}")
    assert current_services().store.revision() == before
    return press(app, "Undo it")


def test_an_undo_is_undone_and_the_change_undone_again_from_the_audit_tab(
    place: Services,
) -> None:
    before = organization(place)
    edit = edited(place, "One")
    app = undone(opened("Audit"), edit)
    assert organization(place) == before
    last = place.store.lines()[-1]
    undone(app, last.id)
    assert f"Done again: Edited: {first(place, 'community').model_name}" in told(app)
    assert organization(place) == "One"
    undone(app, edit)
    assert organization(place) == before
    assert [line.kind for line in place.store.lines()][-3:] == ["undo"] * 3
    assert place.store.verify() == []


def test_an_undo_after_another_change_is_refused_and_says_so_until_that_is_undone(
    place: Services,
) -> None:
    edit = edited(place, "One")
    later = edited(place, "Two")
    app = press(opened("Audit"), "Undo", f"Undo_audit_{edit}")
    assert "This cannot be undone: the entry was changed again since." in told(app)
    assert "Undo it" not in {button.label for button in app.button}  # “One” is not what is there
    press(app, "Close")
    undone(app, later)
    assert "This cannot be undone" not in told(app)
    assert organization(place) == "One"
    undone(app, edit)
    assert organization(place) not in ("One", "Two")


def test_a_session_that_ends_takes_an_open_dialog_and_what_was_typed_with_it(
    place: Services,
) -> None:
    """The run requested by `watch_idle` if core.access.session.Door.is_idle is true."""
    entry = first(place, "community")
    app = press(opened("Community"), "Edit", f"Edit_{entry.entry_id}")
    app.text_input(key=field(app, "organization")).set_value("Half typed")
    press(app, "Review the change")
    assert "Half typed" in told(app)
    app.session_state["admin_session"].login.seen -= 31 * 60
    app.run()
    assert "Signed out after 30 minutes" in told(app)
    assert "Half typed" not in told(app)
    assert entry.model_name not in told(app)
    assert [button.label for button in app.button] == ["Sign in"]
    sign_in(app)
    assert "Half typed" not in told(app)
    assert "Save" not in [button.label for button in app.button]
    assert first(place, "community") == entry


def test_the_trail_says_in_words_what_changed_and_leaves_sign_ins_out(place: Services) -> None:
    before = organization(place)
    edited(place, "One")
    app = opened("Audit")
    assert "1 of 1 change" in told(app)
    texts = [text.value for text in app.text]
    assert "Edited" in texts
    assert f"organization: {before} → One" in texts
    assert "Signed in" not in texts
    app.toggle(key="audit_sign_ins").set_value(True).run()
    assert "2 of 2 changes" in told(app)
    assert "Signed in" in [text.value for text in app.text]


def test_every_kind_of_change_has_words() -> None:
    assert set(ACTS) <= set(KINDS)


def test_the_last_act_is_on_top_and_earlier_ones_are_folded(place: Services) -> None:
    one, two = place.store.read().community[:2]
    app = opened("Community")
    for entry in (one, two):
        press(app, "Hide", f"Hide_{entry.entry_id}")
        press(app, "Hide", "ask_confirm")
    (earlier,) = [fold for fold in app.expander if fold.label == "Earlier (1)"]
    assert f"Hid “{one.model_name}”." in [text.value for text in earlier.text]
    press(app, "Undo", earlier.button[0].key)
    assert not place.store.read().find(one.entry_id)[1].hidden
    assert place.store.read().find(two.entry_id)[1].hidden
