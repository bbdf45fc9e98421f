"""The sign-in of the admin page with AppTest: passwords, accounts, idle sessions."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.access import failed_sign_ins
from core.usecases.services import Services
from tests.pages.admin_pages import (
    PASSWORD,
    demo_server,
    first,
    opened,
    page,
    sign_in,
    told,
)
from tests.pages.visited import GUARD_S, PAGES, press


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Services:
    return demo_server(tmp_path, monkeypatch)


def test_without_a_password_the_page_is_closed_and_says_how_to_open_it(
    place: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ADMIN_PASSWORD")
    app = page()
    assert "The admin page is closed" in told(app)
    assert "ADMIN_PASSWORD" in told(app)
    assert not app.text_input
    assert not app.button


def test_a_wrong_password_opens_nothing_and_is_in_the_audit_log(place: Services) -> None:
    app = sign_in(page(), "wrong")
    assert "Wrong password" in told(app)
    assert "Sign out" not in [button.label for button in app.button]
    assert place.store.lines() == []
    (hour,) = failed_sign_ins.read(place.settings.root)
    assert hour.count == 1
    assert "1 wrong password within an hour" in told(opened("Audit"))


def test_signing_in_and_out_is_in_the_audit_log(place: Services) -> None:
    app = opened()
    press(app, "Sign out")
    assert "Signed out." in told(app)
    assert not app.session_state["admin_session"].login.actor
    assert [line.kind for line in place.store.lines()] == ["sign_in", "sign_out"]


def test_six_wrong_passwords_make_everybody_wait_a_moment(place: Services) -> None:
    app = page()
    for _ in range(6):
        sign_in(app, "wrong")
    assert "Too many wrong passwords" in told(app)
    assert "Wrong password" not in told(app)
    (hour,) = failed_sign_ins.read(place.settings.root)
    assert hour.count == 5
    # Another tab waits as well, even with the correct password; then it is admitted.
    app = sign_in(page())
    assert "Too many wrong passwords" in told(app)
    app.session_state["admin_session"].login.ticket.since -= 30
    press(app, "Sign in")
    assert app.session_state["admin_session"].login.actor == "admin"


def test_an_idle_session_ends_and_does_nothing_more(place: Services) -> None:
    entry = first(place, "community")
    app = press(opened("Community"), "Hide", f"Hide_{entry.entry_id}")
    app.session_state["admin_session"].login.seen -= 31 * 60
    press(app, "Hide", "ask_confirm")
    assert "Signed out after 30 minutes" in told(app)
    assert not first(place, "community").hidden
    assert entry.model_name not in told(app)


def test_an_account_named_as_admin_opens_the_page_and_another_does_not(
    place: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ADMIN_PASSWORD")
    monkeypatch.setenv("MEDVIDBENCH_ADMINS", "ada@example.org")
    ada = {"is_logged_in": True, "email": "ada@example.org", "email_verified": True, "sub": "1"}
    for user, opens in ((ada, True), ({**ada, "email_verified": False}, False)):
        app = AppTest.from_file(str(PAGES / "admin.py"), default_timeout=GUARD_S)
        app.user = user
        app.run()
        assert ("Open the admin page" in [b.label for b in app.button]) == opens
        assert opens or "is not an admin" in told(app)
    app.user = ada
    app.run()
    press(app, "Open the admin page")
    press(app, "Sign out")
    changes = place.store.lines()
    assert [change.kind for change in changes] == ["sign_in", "sign_out"]
    assert changes[0].actor.startswith("admin:")
    assert "example" not in changes[0].actor


def test_the_password_is_nowhere_on_disk(place: Services) -> None:
    app = opened()
    press(app, "Sign out")
    sign_in(app, PASSWORD + "x")
    for path in place.settings.data_dir.rglob("*"):
        if path.is_file():
            assert PASSWORD.encode() not in path.read_bytes(), path
