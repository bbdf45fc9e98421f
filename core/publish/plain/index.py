"""robots.txt and sitemap.xml: what search engines may index, and all addresses. Pure."""

from collections.abc import Iterator
from itertools import islice
from typing import Final
from xml.sax.saxutils import escape

from core.publish import dates
from core.publish.board.words import last_change
from core.publish.plain.board import Boards

_NOT: Final = ("admin", "owner", "judge_status", "no_page", "_stcore/")
_MOST: Final = 50_000  # addresses in one sitemap, https://www.sitemaps.org/protocol.html


def robots(site: str, base: str = "") -> bytes:
    """Allows all pages but visitors' own. `base`: the path below which the app is, as /path."""
    lines = ["User-agent: *", *(f"Disallow: {base}/{path}" for path in _NOT)]
    if site:
        lines += ["", f"Sitemap: {site}/sitemap.xml"]
    return ("\n".join(lines) + "\n").encode()


def sitemap(boards: Boards, site: str) -> bytes:
    """The addresses of all public pages, with the day of the last change."""
    found = [
        "<?xml version='1.0' encoding='UTF-8'?>",
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">',
    ]
    for path, day in islice(_pages(boards), _MOST):
        changed = f"<lastmod>{day}</lastmod>" if day else ""
        found.append(f"<url><loc>{escape(site + path)}</loc>{changed}</url>")
    return "\n".join([*found, "</urlset>\n"]).encode()


def _pages(boards: Boards) -> Iterator[tuple[str, str]]:
    yield "/", ""
    yield "/about", ""
    for name, board in boards.ranked.items():
        yield f"/board/{name}", dates.iso_day(last_change(board))
    for name, board in boards.ranked.items():
        for standing in board.standings:
            entry = standing.entry
            day = entry.verified_date if name == "official" else entry.date
            yield f"/model/{entry.entry_id}", dates.iso_day(day)
