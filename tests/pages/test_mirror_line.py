"""What pages show of the mirror: one line if data is old."""

import time
from pathlib import Path

import pytest

from core.mirror import record
from core.mirror.record import Record
from tests.pages.visited import open_page

REPO = "alice/bench"
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
    record.save(data, Record(**fields))


def leaderboard() -> str:
    return "\n".join(part.value for part in open_page("leaderboard").markdown)


def test_old_data_is_one_line_on_the_leaderboard(data: Path) -> None:
    saved(data, age_s=900)
    assert leaderboard().count("may be 15 minutes old") == 1
    saved(data, age_s=300)
    assert "minutes old" not in leaderboard()
