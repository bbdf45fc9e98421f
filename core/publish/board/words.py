"""The texts around a board: title, caption, text for an empty board. Pure."""

from typing import Final

from core.benchmark import METRIC_KEYS, NAME, TASKS
from core.model.entries import BoardName, Entry
from core.model.published import as_of
from core.publish import dates
from core.publish.numbers import count
from core.ranking.board import Board

TITLE: Final = f"{NAME} leaderboard"
SENTENCE: Final = (
    f"How well models understand medical video: {len(TASKS)} tasks, {len(METRIC_KEYS)} metrics, "
    "one private test set."
)
ABOUT: Final[dict[BoardName, str]] = {
    "official": "Official board: verified by the maintainers.",
    "community": "Community board: scored here from predictions that participants uploaded.",
}
ROWS_AT_ONCE: Final = 40  # more than any screen shows; the rest of a large table comes later
EMPTY: Final[dict[BoardName, str]] = {
    "official": "No model is verified yet. See below how models get on this board; "
    "submissions are on the Community board.",
    "community": "No models yet. The first submission opens the board.",
}


def caption(board: Board, hits: int, search: str = "", newest: str = "", note: str = "") -> str:
    """What the table shows: the board, how many models, as of when; `note` is on its numbers."""
    models = count(len(board.standings), "model")
    found = f"{hits} of {models} for “{search}”" if search else models
    told = f"{ABOUT[board.name]} {found}{f', the newest from {newest}' if newest else ''}."
    return f"{told} {note}".strip()


def last_change(board: Board) -> str | None:
    """Date or time of the newest entry, as stored; None if no entry has one."""
    dates = (_date(standing.entry, board.name) for standing in board.standings)
    return max((date for date in dates if date), default=None)


def _date(entry: Entry, board: BoardName) -> str | None:
    return entry.verified_date if board == "official" else entry.date


def demo_note(demo_judge: bool) -> tuple[str, str]:
    """What a demo's rows are, short for a phone; then the day, and how submissions are scored."""
    read = dates.parse(as_of())
    date = f"(as of {dates.day(read[0])})" if read else ""
    judge = "; demo-judge, not a language model, grades their captions" if demo_judge else ""
    own = f"Your submissions are scored on synthetic data{judge}."
    return "“demo” rows are synthetic, others real", f"{date}. {own}"
