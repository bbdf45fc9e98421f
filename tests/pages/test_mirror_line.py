"""What pages say of the mirror: one line when data is old, and the panel for the operator."""

import time
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.mirror import mirror_record
from core.mirror.mirror_record import Record

GUARD_S = 240
REPO = "alice/bench"
PAGE = Path(__file__).resolve().parents[2] / "pages" / "leaderboard.py"
HEAD = "0123456789abcdef" * 2 + "01234567"


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A mirrored data folder."""
    monkeypatch.setenv("MEDVIDBENCH_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("MEDVIDBENCH_HUB_REPO", REPO)
    monkeypatch.setenv("HF_TOKEN", "hf_canary")
    monkeypatch.delenv("MEDVIDBENCH_GROUND_TRUTH", raising=False)
    return tmp_path


def saved(data: Path, age_s: float, **changes: object) -> None:
    then = time.time() - age_s
    fields = {"repo": REPO, "head": HEAD, "checked": then, "synced": then, **changes}
    mirror_record.save(data, Record(**fields))


def words(app: AppTest) -> str:
    assert not app.exception
    parts = (*app.markdown, *app.error, *app.subheader, *app.info)
    return "\n".join([*(part.value for part in parts), *(str(t.value) for t in app.table)])


def leaderboard() -> str:
    return words(AppTest.from_file(str(PAGE), default_timeout=GUARD_S).run())


def show_panel() -> None:
    from core.settings import load
    from core.ui.mirror_panel import show_mirror

    show_mirror(load())


def panel() -> str:
    return words(AppTest.from_function(show_panel, default_timeout=GUARD_S).run())


def test_old_data_is_one_line_on_the_leaderboard(data: Path) -> None:
    saved(data, age_s=900)
    assert leaderboard().count("may be 15 minutes old") == 1
    saved(data, age_s=300)
    assert "minutes old" not in leaderboard()


def test_the_panel_lists_what_is_known(data: Path) -> None:
    saved(data, age_s=300)
    said = panel()
    for expected in (REPO, HEAD[:12], "5 minutes ago", "nothing"):
        assert expected in said
    assert "hf_canary" not in said


def test_the_panel_says_what_is_wrong_and_when_it_is_tried_again(data: Path) -> None:
    saved(data, 300, error="Check HF_TOKEN.", kind="token", retry_at=time.time() + 60)
    said = panel()
    assert "Check HF_TOKEN." in said
    assert "Next try" in said


def test_the_panel_before_the_first_round_and_without_a_mirror(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "not read yet" in panel()
    monkeypatch.setenv("HF_TOKEN", "")
    assert "this machine only" in panel()
