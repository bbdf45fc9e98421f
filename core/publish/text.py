"""Other people's text: its web addresses, and escaped for spreadsheets, LaTeX, Markdown. Pure."""

import re
import unicodedata
from typing import Final
from urllib.parse import urlsplit

from core.model.links import link_problem

# Characters that make a spreadsheet read a cell as a formula, full-width forms included; checked
# at the start of a cell, and where one starts for programs that split at semicolons or tabs.
_FORMULA: Final = re.compile(r"(^|[;\t\"'])(\s*)([=+\-@\uff1d\uff0b\uff0d\uff20])")
_LATEX: Final = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "`": r"\textasciigrave{}",
    **{char: "\\" + char for char in "{}$&#_%"},
}
_MARKDOWN: Final = re.compile(r"([\\`*_\[\]|~$!#:@])")


def web_addresses(text: str) -> tuple[tuple[str, str], ...]:
    """Each web address in a text once, with its host; only those that are safe to link to."""
    found = {}
    for word in text.split():
        url = word.rstrip(".,;:!?)")
        host = urlsplit(url).hostname if link_problem(url) is None else None
        if host and re.fullmatch(r"[a-z0-9.-]+", host):
            found[url] = host
    return tuple(found.items())


def one_line(text: str) -> str:
    """The text without control and invisible characters; runs of whitespace become one space."""
    if text.isprintable():  # as most names: it has nothing that is removed below
        return " ".join(text.split())
    kept = (
        " " if char.isspace() or unicodedata.category(char) in ("Cc", "Zl", "Zp") else char
        for char in text
        if unicodedata.category(char) not in ("Cf", "Cs", "Co", "Cn")
    )
    return " ".join("".join(kept).split())


# With a byte order mark: spreadsheets guess the encoding wrongly without one.
CSV_ENCODING: Final = "utf-8-sig"


def csv_cell(text: str) -> str:
    """A cell that no spreadsheet computes: an apostrophe precedes what would start a formula.

    >>> csv_cell("=1+1")
    "'=1+1"
    """
    return _FORMULA.sub(r"\1\2'\3", one_line(text))


def latex(text: str) -> str:
    """The text escaped for LaTeX."""
    return "".join(_LATEX.get(char, char) for char in one_line(text))


def markdown(text: str) -> str:
    """The text escaped for Markdown, also inside tables; HTML is shown as text."""
    safe = one_line(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _MARKDOWN.sub(r"\\\1", safe)
