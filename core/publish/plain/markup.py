"""Converts the markup of the app's pages to that of plain pages. Pure.

Plain pages have no scripts, and are one level deeper (/board/official, /model/ID). All markup comes
from templates that escape every value: `<`, `>` and `"` occur in the templates' own tags only.
"""

import re
from typing import Final
from urllib.parse import quote

from core.model.entries import BoardName

_PIN: Final = re.compile(r'<a class="pin"[^>]*></a>')
_TAG: Final = re.compile(r"<[a-z][^>]*>")
# Explanations too: they would be most of a long table, and the models' pages have them.
# Labels stay: on a phone, facts.css shows them before the cells of a table.
# Links open in the same window here, for which “noopener” has no meaning.
_FOR_SCRIPTS: Final = re.compile(
    r' (?:data-(?!label)[a-z]+(?:="[^"]*")?|target="_[a-z]+")|(?<= rel=")noopener '
)
_CHOICE: Final = re.compile(r'href="\./\?(?:board=[A-Za-z]+&amp;|board=[A-Za-z]+)?([^"]*)"')
_MODEL: Final = re.compile(r'href="\./model\?id=([^"&#]*)"')


def plain(markup: str, board: BoardName, day: str = "") -> str:
    """The markup without attributes for scripts, with links between the plain pages.

    `board`: the board that the header's sort links refer to. `day`: the pages' `as_of`.

    >>> plain('<a href="./model?id=a" data-go="model-a">A</a>', "official", "2026-11-26")
    '<a href="../model/a?as_of=2026-11-26">A</a>'
    """
    return _TAG.sub(lambda found: _tag(found[0], board, day), _PIN.sub("", markup))


def _tag(tag: str, board: BoardName, day: str) -> str:
    tag = _FOR_SCRIPTS.sub("", tag)
    if tag.startswith("<td"):
        tag = tag.replace(' tabindex="0"', "")
    if 'href="./' not in tag:
        return tag
    tag = _MODEL.sub(lambda found: f'href="../model/{found[1]}{query(day)}"', tag)
    tag = _CHOICE.sub(lambda found: f'href="../board/{board}{_joined(found[1], day)}"', tag)
    return tag.replace('href="./', 'href="../')


def without_scripts(markup: str) -> str:
    """The markup with the same appearance, without what only scripts use, which load later."""
    bare = _PIN.sub('<span class="pin"></span>', markup)
    return _TAG.sub(lambda found: _FOR_SCRIPTS.sub("", found[0]), bare)


def query(day: str) -> str:
    """The query for a day's boards; empty without a day."""
    return f"?as_of={quote(day)}" if day else ""


def _joined(choice: str, day: str) -> str:
    parts = [choice, f"as_of={quote(day)}" if day else ""]
    found = "&amp;".join(filter(None, parts))
    return f"?{found}" if found else ""
