"""The board in the first answer, which Streamlit's page then replaces. Pure.

It has the same markup, position and colours as the page that Streamlit draws.
"""

from core.benchmark import LINKS, NAME
from core.publish.address import BOARDS, PAGES, View
from core.publish.board.words import ROWS_AT_ONCE, SENTENCE, TITLE
from core.publish.plain.board import Boards, table
from core.publish.plain.markup import without_scripts
from core.publish.plain.page import Content, markup, rendered
from core.publish.text import web_addresses


def first_board(boards: Boards, view: View, newest: str, font: str = "") -> str:
    """The start of the page, down to its table; empty without models.

    `newest`: when its newest entry was added, in words. `font`: path of the app's font.
    """
    found = table(boards, view, newest)
    if not found:
        return ""
    return rendered(
        "first",
        pages=PAGES,
        title=TITLE,
        sentence=SENTENCE,
        notes=boards.notes,
        announcement=boards.state.policy.announcement,
        addresses=web_addresses(boards.state.policy.announcement),
        boards=BOARDS,
        board=view.board,
        table=markup(_parted(without_scripts(found))),
        links=LINKS,
        font=font,
    )


def _parted(table: str) -> str:
    """The table with its rows in two groups; the first fills a screen, since the layout of a
    whole large table would delay the page."""
    head, body, rows = table.partition("<tbody>")
    first = rows.split("<tr", ROWS_AT_ONCE + 1)
    if len(first) < ROWS_AT_ONCE + 2:
        return table
    return head + body + "<tr".join(first[:-1]) + f'</tbody><tbody class="rest"><tr{first[-1]}'


def head_tags(content: Content, site: str) -> str:
    """The metadata of a page for search engines and link previews: title, description, picture."""
    return rendered("head", page=content, site=site, name=NAME, up="./")
