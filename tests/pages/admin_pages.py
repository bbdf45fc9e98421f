"""The admin page with AppTest: a server with demo data, and helpers for its buttons."""

import html
import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.model.entries import BoardName, Entry
from core.ui.session import current_services
from core.usecases.services import Services
from tests.pages.visited import open_page, press

PASSWORD = "zebra-secret-17"


def demo_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Services:
    """A server with demo data: ten official entries, three on the Community board."""
    for name in ("MEDVIDBENCH_GROUND_TRUTH", "MEDVIDBENCH_HUB_REPO", "HF_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    for name in ("MEDVIDBENCH_ADMINS", "MEDVIDBENCH_PROXY_HEADER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MEDVIDBENCH_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("ADMIN_PASSWORD", PASSWORD)
    return current_services()


def page(part: str = "") -> AppTest:
    return open_page("admin", **({"part": part} if part else {}))


def sign_in(app: AppTest, password: str = PASSWORD) -> AppTest:
    app.text_input(key="admin_password").set_value(password)
    return press(app, "Sign in")


def opened(part: str = "Official board") -> AppTest:
    return sign_in(page(part))


def field(app: AppTest, name: str) -> str:
    """The key of a field of the open dialog."""
    kinds = (
        "text_input",
        "date_input",
        "number_input",
        "checkbox",
        "toggle",
        "selectbox",
        "multiselect",
        "radio",
    )
    keys = [str(widget.key) for kind in kinds for widget in app.get(kind)]
    (found,) = [key for key in keys if re.fullmatch(rf"ask\d+_{re.escape(name)}", key)]
    return found


def told(app: AppTest) -> str:
    kinds = (app.text, app.markdown, app.info, app.error, app.warning, app.code)
    return "\n".join(str(e.value) for kind in kinds for e in kind)


def markup(app: AppTest) -> str:
    """All markup of ours on the page."""
    return "\n".join(one.proto.body for one in app.get("html"))


def listed(app: AppTest) -> list[tuple[str, str]]:
    """Rank and name of each line of a board's list."""
    lines = re.findall(
        r'class="rank">(.*?)</span>.*?class="cut nm">(.*?)</span>', markup(app), re.S
    )
    return [(rank, html.unescape(name)) for rank, name in lines]


def entries(place: Services, board: BoardName) -> tuple[Entry, ...]:
    return place.store.read().board(board)


def first(place: Services, board: BoardName) -> Entry:
    return entries(place, board)[0]
