"""The admin page with AppTest: a server on which nothing has happened yet."""

from pathlib import Path

import pytest

from core.changes import submitting
from core.ui.session import current_services
from core.usecases import moderate
from tests.core.store_world import entry, submission
from tests.pages.admin_pages import PASSWORD, opened, told
from tests.pages.visited import press


@pytest.fixture(autouse=True)
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MEDVIDBENCH_HUB_REPO", "HF_TOKEN", "MEDVIDBENCH_ADMINS"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "truth.json").write_text("[]")
    monkeypatch.setenv("MEDVIDBENCH_GROUND_TRUTH", str(tmp_path / "truth.json"))
    monkeypatch.setenv("MEDVIDBENCH_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("ADMIN_PASSWORD", PASSWORD)


@pytest.mark.parametrize(
    ("part", "text"),
    [
        ("Community", "No entry is on this board."),
        ("Submissions", "Nobody has submitted anything yet."),
    ],
)
def test_an_empty_list_says_so(part: str, text: str) -> None:
    assert text in told(opened(part))


def test_a_search_without_a_match_says_so_and_a_change_without_undo_why() -> None:
    place = current_services()
    place.store.commit(submitting.submit(submission(1), "participant"))
    place.store.commit(submitting.add("submission-1", entry(1)))
    app = opened("Community")
    (search,) = [one for one in app.text_input if "Search" in one.label]
    search.set_value("no such model").run()
    assert "No entry matches the search." in told(app)
    moderate.hide(place, "community", place.store.read().community[0], "admin")
    app = opened("Audit")
    keys = [str(one.key) for one in app.button if one.label == "Details"]
    added = next(line.id for line in place.store.lines() if line.kind == "add")
    (key,) = [one for one in keys if added in one]
    press(app, "Details", key)
    assert "a submission is published only once" in told(app)
