"""The admin page with AppTest: scores held for surplus segments until their review."""

from pathlib import Path

import pytest

from core.benchmark import JUDGE_KEYS, SCORED_KEYS
from tests.pages.admin_pages import demo_server, opened, told
from tests.pages.published_upload import publish_upload
from tests.pages.visited import open_page, press, shown

pytestmark = pytest.mark.slow
NAME, ENTRY = "**Grid** <b>VLM</b>", "grid-entry-1"


def table(entry: str) -> str:
    """The board and the details of one entry, as markup."""
    app = open_page("leaderboard", board="Community", entry=entry)
    return "\n".join(one.proto.body for one in app.get("html"))


def test_surplus_segments_are_shown_to_the_admin_and_their_scores_count_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = demo_server(tmp_path, monkeypatch)
    publish_upload(
        place,
        ENTRY,
        NAME,
        b"[]",
        metrics=dict.fromkeys(SCORED_KEYS, 0.5) | dict.fromkeys(JUDGE_KEYS) | {"tag_miou_03": 0.8},
        strict={"tag_miou_03": 0.001},
        surplus={"tag_miou_03": {"answers": 90, "largest": 1400}},
    )
    board = shown(open_page("model", id=ENTRY))
    assert "Held until the maintainers have reviewed the answers" in board
    assert "0.800" not in table(ENTRY)
    app = opened("Inbox")
    assert "90 answers have more segments or boxes than requested, up to 1,400" in told(app)
    press(app, "Review", f"Review_surplus_{ENTRY}")
    press(app, "Keep held", "ask_other_0")
    assert "“Held scores”" in told(app)
    assert not [one for one in app.subheader if "Surplus segments" in one.value]
    app = press(opened("Community"), "Held scores", f"Held scores_{ENTRY}")
    assert "0.800" in told(app) and "0.001" in told(app)
    press(app, "Let the scores count", "ask_confirm")
    assert "The held scores of" in told(app)
    assert not [one for one in app.header if "Surplus segments" in one.value]
    board = shown(open_page("model", id=ENTRY))
    assert "Held until" not in board
    assert "0.800" in table(ENTRY)
