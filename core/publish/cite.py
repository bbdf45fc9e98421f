"""Citations of a board as of a day: BibTeX, APA, plain text. Pure.

Each includes day, address, revision and the SHA-256 of the board (core.publish.moment), so that
readers can check that they see the same board.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

from core.benchmark import NAME
from core.model.entries import BoardName
from core.publish.exports import TITLES
from core.publish.moment import Moment
from core.publish.text import latex

_AUTHOR: Final = f"{NAME} maintainers"
_DEMO: Final = "demo board with synthetic data"


@dataclass(frozen=True, slots=True)
class Cited:
    """The board to cite."""

    board: BoardName
    at: Moment
    sha256: str

    @property
    def title(self) -> str:
        """Its title in a list of references."""
        mark = f" ({_DEMO})" if self.at.demo else ""
        return f"{NAME} leaderboard: {TITLES[self.board]} board{mark}"

    @property
    def url(self) -> str:
        """Its address."""
        return self.at.board_url(self.board)

    @property
    def day(self) -> date:
        """The day at whose end the board was like this."""
        return date.fromisoformat(self.at.as_of)

    @property
    def may_change(self) -> bool:
        """Whether the day is not over yet (UTC)."""
        return self.day >= datetime.now(UTC).date()


def bibtex(cited: Cited) -> str:
    """A misc entry for BibTeX and BibLaTeX."""
    day = cited.day
    fields = {
        "author": f"{{{latex(_AUTHOR)}}}",
        "title": f"{{{NAME}}} {latex(cited.title.removeprefix(NAME))}",
        "year": f"{day.year}",
        "month": f"{day:%b}".lower(),
        "note": latex(
            f"As of {cited.at.as_of}, revision {cited.at.revision}, SHA-256 {cited.sha256}"
        ),
        "url": cited.url,
        "urldate": cited.at.as_of,
    }
    # A month is one of BibTeX's predefined names, written without braces.
    lines = [
        f"  {key:<7} = {text if key == 'month' else f'{{{text}}}'},"
        for key, text in fields.items()
        if text
    ]
    return "\n".join([f"@misc{{{NAME.lower()}-{cited.board}-{cited.at.as_of},", *lines, "}"])


def apa(cited: Cited) -> str:
    """A reference in APA style (7th edition) to a data set by an organization."""
    day = cited.day
    return (
        f"{_AUTHOR}. ({day.year}, {day:%B} {day.day}). {cited.title} (revision "
        f"{cited.at.revision}; SHA-256 {cited.sha256}) [Data set].{_at(cited)}"
    )


def plain(cited: Cited) -> str:
    """A sentence."""
    return (
        f"{cited.title}, as of {cited.at.as_of}, revision {cited.at.revision}, SHA-256 "
        f"{cited.sha256}.{_at(cited)}"
    )


def _at(cited: Cited) -> str:
    return f" {cited.url}" if cited.url else ""


FORMS: Final[Mapping[str, Callable[[Cited], str]]] = {
    "BibTeX": bibtex,
    "APA": apa,
    "Plain text": plain,
}
