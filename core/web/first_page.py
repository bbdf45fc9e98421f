"""Makes each page's first answer: Streamlit's page, with additions.

Every page gets our scripts, and the styles that it needs from the start. The board's page contains
the board itself, which first.js removes once Streamlit's page is drawn; Streamlit's scripts load
after it. The pages of the board and of models have metadata for search engines and link previews.
"""

import gzip
import hashlib
import json
import logging
import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from html import escape
from html.parser import HTMLParser
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, quote

from core.benchmark import NAME
from core.errors import MedVidBenchError
from core.model.entries import BoardName
from core.publish import dates
from core.publish.address import AS_OF, ID, View, board_address, from_address, names_only_board
from core.publish.board.words import last_change
from core.publish.plain.board import about_board
from core.publish.plain.first import first_board, head_tags
from core.publish.plain.markup import query
from core.publish.plain.model import about_model
from core.publish.plain.page import Content
from core.usecases.revision import revision
from core.usecases.services import Services
from core.usecases.whereabouts import Found, whereabouts
from core.web.shown_boards import shown_boards

LOG = logging.getLogger(__name__)
_ASSETS: Final = Path(__file__).parent / "assets"
SCRIPT: Final = (_ASSETS / "first.js").read_text(encoding="utf-8")
THEME_SCRIPT: Final = (_ASSETS / "theme.js").read_text(encoding="utf-8")
SCRIPT_HASHES: Final = tuple(  # for the policy
    f"'sha256-{b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
    for script in (SCRIPT, THEME_SCRIPT)
)
STYLES: Final = (
    f"<style>{(_ASSETS / 'site.css').read_text(encoding='utf-8')}</style>"
    '<link rel="stylesheet" href="./x/print.css" media="print">'
)
OURS: Final = ("./x/site.js", "./x/tips.js", "./x/table.js")
_TITLE: Final = re.compile(r"<title>.*?</title>", re.DOTALL)
_NOTICE: Final = re.compile(r"<noscript>.*?</noscript>", re.DOTALL)
_FONT: Final = re.compile(r'href="\.(/static/media/[\w.-]+\.woff2)"')
_LATER: Final = re.compile(
    r'<script type="module"[^>]*></script>|<link\s+rel="(?:modulepreload|stylesheet|preload)"[^>]*>'
)
_WITHOUT_SCRIPTS: Final = (
    "<noscript><p>This page needs JavaScript. Without it you can read the "
    '<a href="./board/official">Official board</a> and the <a href="./board/community">Community '
    "board</a>.</p></noscript>"
)
_MOST: Final = 2000  # characters of a query that are parsed


def font_path(index_html: str) -> str:
    """The path of Streamlit's font, from the app's address; "" if its page has none."""
    found = _FONT.search(index_html)
    return found[1] if found else ""


@dataclass(frozen=True, slots=True)
class Page:
    """A response's body, plain and compressed with gzip."""

    whole: bytes
    packed: bytes


class FirstPages:
    """Makes the pages from Streamlit's only page, `index_html`."""

    def __init__(self, services: Services, index_html: str) -> None:
        self._services = services
        self._index = _NOTICE.sub(_WITHOUT_SCRIPTS, index_html)
        self._font = font_path(index_html)
        named = _TITLE.sub(f"<title>{escape(NAME)}</title>", self._index)
        self.any = _page(named.replace("</head>", f"{_added()}</head>", 1))

    def page(self, path: str, asked_for: str, site: str) -> Page:
        """The first answer for a page's name ("" is the board's), with the query `asked_for`.

        `site`: the app's address, as in core/web/site_address.py. Takes a moment after a
        change. Unreadable boards and missing entries are left to the page itself.
        """
        if path not in ("", "model"):
            return self.any
        asked = parse_qs(asked_for[:_MOST], keep_blank_values=True)
        try:
            if path == "model":
                return self._model(asked, site)
            name, day = from_address(asked).board, asked.get(AS_OF, [""])[0]
            newest = self._newest(name) if names_only_board(asked) else None
            return _board(self, revision(self._services), _Asked(name, day, newest, site))
        except MedVidBenchError:
            return self.any
        except Exception:  # a failing disk, or a bug: readers get the page without the board
            LOG.exception("the first answer at %r met an error", path)
            return self.any

    def _newest(self, name: BoardName) -> str:
        found = last_change(shown_boards(self._services).ranked[name])
        return dates.when(found, datetime.now(UTC)) or ""

    def board(self, asked: "_Asked") -> Page:
        """The board's page: with the board itself if it is shown immediately, else with a link to
        the plain one."""
        name, newest = asked.name, asked.newest
        boards = shown_boards(self._services, asked.day)
        content = about_board(boards, name)
        address = board_address(name, asked.day).removeprefix(".")
        head = head_tags(replace(content, path=address, day=""), asked.site)
        if newest is not None and (early := first_board(boards, View(name), newest, self._font)):
            return self._with_board(head, early)
        return self._with_head(head, content)

    def _model(self, asked: Mapping[str, list[str]], site: str) -> Page:
        boards = shown_boards(self._services, asked.get(AS_OF, [""])[0])
        found = whereabouts(boards.state, asked.get(ID, [""])[0])
        if not isinstance(found, Found):
            return self.any
        content = about_model(boards, found.board, found.entry.entry_id)
        if content is None:
            return self.any
        return self._with_head(head_tags(content, site), content)

    def _with_head(self, head: str, plain: Content) -> Page:
        """The page, with a redirect to the plain one for readers without JavaScript."""
        refresh = escape(f"0;url=.{quote(plain.path)}{query(plain.day)}")
        found = f'{head}<noscript><meta http-equiv="refresh" content="{refresh}"></noscript>'
        bare = _TITLE.sub("", self._index)
        return _page(bare.replace("</head>", f"{found}{_added()}</head>", 1))

    def _with_board(self, head: str, early: str) -> Page:
        later = [_attributes(tag) for tag in _LATER.findall(self._index)]
        later += [{"tag": "script", "async": "", "src": src} for src in OURS]
        listed = json.dumps(later).replace("<", "\\u003c")
        bare = _NOTICE.sub("", _LATER.sub("", _TITLE.sub("", self._index)))
        script = f'<script type="application/json" id="later">{listed}</script>'
        script += f"<script>{SCRIPT}</script>"
        opened, root, rest = bare.partition('<div id="root"></div>')
        head += f"<script>{THEME_SCRIPT}</script>{STYLES}"
        opened = opened.replace("</head>", f"{head}</head>", 1)
        return _page(f"{opened}{early}{root}{script}{rest}") if root and later else self.any


@dataclass(frozen=True, slots=True)
class _Asked:
    """One first answer of the board's page. `newest`: when its newest entry was added, in words,
    which change with time; None if the answer does not contain the board."""

    name: BoardName
    day: str
    newest: str | None
    site: str


@lru_cache(maxsize=8)
def _board(pages: FirstPages, _revision: str, asked: _Asked) -> Page:
    return pages.board(asked)


def _added() -> str:
    return STYLES + "".join(f'<script async src="{src}"></script>' for src in OURS)


def _page(text: str) -> Page:
    data = text.encode()
    return Page(data, gzip.compress(data, 6, mtime=0))


def _attributes(tag: str) -> dict[str, str]:
    """A tag as data: its name as `tag`, and its attributes."""
    found: dict[str, str] = {}

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found.update({"tag": tag}, **{name: value or "" for name, value in attrs})

    Reader().feed(tag)
    return found
