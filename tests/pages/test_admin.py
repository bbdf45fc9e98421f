"""The admin page by AppTest: the door, and every act with its confirmation and its undo."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.boards import Services
from core.entries import BoardName, Entry
from core.ui.desk import services

PAGE = Path(__file__).resolve().parents[2] / "pages" / "admin.py"
GUARD_S = 120
PASSWORD = "zebra-secret-17"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    """A server with demo data: ten official entries, three on the Community board."""
    for name in ("MEDVIDBENCH_GROUND_TRUTH", "MEDVIDBENCH_HUB_REPO", "HF_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    for name in ("MEDVIDBENCH_ADMINS", "MEDVIDBENCH_PROXY_HEADER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MEDVIDBENCH_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("ADMIN_PASSWORD", PASSWORD)
    yield services()


def page(part: str = "") -> AppTest:
    app = AppTest.from_file(str(PAGE), default_timeout=GUARD_S)
    if part:
        app.query_params["part"] = part
    app.run()
    assert not app.exception
    return app


def press(app: AppTest, label: str, key: str = "") -> AppTest:
    found = [b for b in app.button if b.label == label and (not key or b.key == key)]
    assert found, f"no button {label!r} among {[b.label for b in app.button]}"
    found[0].click()
    app.run()
    assert not app.exception
    return app


def sign_in(app: AppTest, password: str = PASSWORD) -> AppTest:
    app.text_input(key="admin_password").set_value(password)
    return press(app, "Sign in")


def opened(part: str = "") -> AppTest:
    return sign_in(page(part))


def field(app: AppTest, name: str) -> str:
    """The key of a field of the open dialog."""
    keys = [
        str(w.key)
        for kind in (app.text_input, app.checkbox, app.selectbox, app.toggle)
        for w in kind
    ]
    (found,) = [key for key in keys if re.fullmatch(rf"ask\d+_{re.escape(name)}", key)]
    return found


def told(app: AppTest) -> str:
    kinds = (app.text, app.markdown, app.info, app.error, app.warning, app.code)
    return "\n".join(str(e.value) for kind in kinds for e in kind)


def entries(place: Services, board: BoardName) -> tuple[Entry, ...]:
    return place.store.read().board(board)


def first(place: Services, board: BoardName) -> Entry:
    return entries(place, board)[0]


# The door


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
    app = opened_with("wrong")
    assert "This is not the password" in told(app)
    assert not app.get("segmented_control")
    assert [step.op.kind for step in place.store.steps()] == ["sign_in_failed"]


def opened_with(password: str) -> AppTest:
    return sign_in(page(), password)


def test_signing_in_and_out_is_in_the_audit_log(place: Services) -> None:
    app = opened()
    assert app.get("segmented_control") or app.get("button_group")
    press(app, "Sign out")
    assert "Signed out." in told(app)
    assert not app.session_state["admin_desk"].session.actor
    assert [step.op.kind for step in place.store.steps()] == ["sign_in", "sign_out"]


def test_delete_and_undo(place: Services) -> None:
    entry = first(place, "community")
    app = press(opened("Community"), "Delete", f"Delete_{entry.entry_id}")
    assert entry.model_name in told(app)
    press(app, "Delete", "ask_confirm")
    assert entry not in entries(place, "community")
    assert f"Deleted “{entry.model_name}”." in told(app)
    press(app, "Undo")
    assert first(place, "community") == entry
