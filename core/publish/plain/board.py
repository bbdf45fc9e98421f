"""A board as a plain page. Pure."""

from dataclasses import dataclass, replace
from typing import Final

from core.benchmark import METRICS
from core.model.entries import BOARD_NAMES, BoardName
from core.model.state import State
from core.model.statistics import BoardStatistics
from core.publish import dates
from core.publish.address import BOARDS, View, board_address
from core.publish.board.figures import caption_note
from core.publish.board.ranked import with_tries
from core.publish.board.table import TableOptions, arrange, table_html
from core.publish.board.words import EMPTY, SENTENCE, TITLE, caption, demo_note, last_change
from core.publish.numbers import count
from core.publish.plain.markup import plain, query
from core.publish.plain.page import Content, markup, rendered
from core.publish.text import one_line, web_addresses
from core.ranking.average_rank import RULE_IN_SHORT
from core.ranking.board import Board

_NAMED: Final = 3  # models listed in a description


@dataclass(frozen=True, eq=False)
class Boards:
    """Both boards, ranked, with what their pages need. `day`: that of the boards, "" for
    today; `truth`: the current ground truth's SHA-256; `demo_judge`: it grades captions here."""

    state: State
    ranked: dict[BoardName, Board]
    figures: dict[BoardName, BoardStatistics | None]
    day: str = ""
    demo: bool = False
    demo_judge: bool = False
    truth: str | None = None

    @property
    def note(self) -> str:
        """What is special about the data."""
        return " ".join(self.notes)

    @property
    def notes(self) -> tuple[str, ...]:
        """The same in two parts; the first fits on one line of a phone."""
        return demo_note(self.demo_judge) if self.demo else ()


def ranked_boards(state: State) -> dict[BoardName, Board]:
    """Both boards of a state."""
    return {name: with_tries(state, name) for name in BOARD_NAMES}


def about_board(boards: Boards, name: BoardName) -> Content:
    """The metadata of a board's page, without content yet."""
    board, label = boards.ranked[name], BOARDS[name]
    best = [one_line(one.entry.model_name) for one in board.standings[:_NAMED]]
    leading = f" Best: {', '.join(best)}." if best else ""
    return Content(
        title=f"{label} board{as_of(boards.day)} · {TITLE}",
        description=f"{SENTENCE} {label} board: {count(len(board.standings), 'model')}.{leading}",
        path=f"/board/{name}",
        live=f".{board_address(name, boards.day)}",
        day=boards.day,
        picture=f"/board/{name}.png{query(boards.day)}",
        note=boards.note,
    )


def as_of(day: str) -> str:
    """For titles: which day's boards are meant; "" for today's.

    >>> as_of("2026-11-26")
    ' as of 2026-11-26'
    """
    return f" as of {day}" if day else ""


def board_page(boards: Boards, view: View) -> Content:
    """The page of the view's board, with all models in the view's order."""
    announcement = "" if boards.day else boards.state.policy.announcement
    main = rendered(
        "board",
        title=TITLE,
        board=BOARDS[view.board],
        sentence=SENTENCE,
        announcement=announcement,
        addresses=web_addresses(announcement),
        table=markup(plain(table(boards, view), view.board, boards.day)),
        empty=EMPTY[view.board],
        metrics=METRICS,
        rank_rule=RULE_IN_SHORT,
    )
    return replace(about_board(boards, view.board), main=main)


def table(boards: Boards, view: View, newest: str | None = None) -> str:
    """The board's table as markup, without explanations; empty without models.

    `newest`: when its newest entry was added, in words; by default the day.
    """
    board = boards.ranked[view.board]
    if not board.standings:
        return ""
    if newest is None:
        read = dates.parse(last_change(board))
        newest = dates.day(read[0]) if read else ""
    figures = boards.figures[view.board]
    note = "" if boards.day else caption_note(figures)
    told = caption(board, len(board.standings), newest=newest, note=note)
    options = TableOptions(told, boards.demo, False, boards.truth, figures)
    return table_html(board, arrange(board, view), replace(view, search=""), options)
