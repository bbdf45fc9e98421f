"""Tables and sentences about models as escaped markup.

Streamlit's own table truncates wide tables on narrow screens, and its Markdown would interpret
names from other people. `head_html` includes the styles, once per page.
"""

from collections.abc import Container, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final, NamedTuple

import jinja2

from core.publish.address import model_address
from core.publish.numbers import DASH
from core.publish.sentences import Sentence

TEXT: Final = "t"
NOTE: Final = "w"  # text that may wrap
MISSING: Final = "m"
FEW: Final = "few"  # no value; the reason is shown on a phone too
BEST: Final = "b"
NAME: Final = "name"
_TEMPLATES: Final = Path(__file__).parent / "templates"


class Cell(NamedTuple):
    """A cell as shown; `mark` is a class of facts.css. `entry_id`: it links to that model."""

    text: str
    mark: str = ""
    entry_id: str = ""


NONE: Final = Cell(DASH, MISSING)


class Line(NamedTuple):
    """An entry in the admin's list, its cells as shown; those that are "" become a dash.

    `badges` are (text, tone), with the tone "warn", "good" or "". Names are truncated, and whole
    in an explanation (core/web/assets/tips.js).
    """

    rank: str
    name: str
    team: str
    badges: Sequence[tuple[str, str]]
    average: str
    coverage: str
    judge: str
    tries: str
    contact: str
    date: str


class Way(NamedTuple):
    """A link: to one of our pages, keeping the session, or to another site in a new tab."""

    text: str
    address: str
    ours: bool = True


def head_html(
    title: str, by: str = "", marks: Sequence[tuple[str, str]] = (), ways: Sequence[Way] = ()
) -> str:
    """A page's title with its subtitle, badges and links; `marks` are (badge, meaning)."""
    return _render("head", title=title, by=by, marks=marks, ways=ways)


def table_html(
    label: str,
    head: Sequence[Cell],
    rows: Sequence[Sequence[Cell]],
    foot: Sequence[Cell] = (),
    as_of: str = "",
) -> str:
    """A table that scrolls sideways within its frame; `label` is its name for screen readers.

    On a phone, each row of more than three cells becomes a paragraph with labelled values.
    `as_of`: the day of the boards that linked models are on, "" for now.
    """
    return _render("table", label=label, head=head, rows=rows, foot=foot, as_of=as_of)


def columns_html(
    label: str,
    columns: Mapping[str, Sequence[str]],
    texts: Container[str] = (),
    notes: Container[str] = (),
) -> str:
    """A table with its styles, from its cells by column; the first column names the rows.

    Numbers are right-aligned, columns in `texts` are left-aligned, and columns in `notes` may wrap.
    """
    marks = {name: TEXT if name in texts else NOTE if name in notes else "" for name in columns}
    head = [Cell(name, mark) for name, mark in marks.items()]
    rows = [
        [
            Cell(text, MISSING if text == DASH else mark)
            for text, mark in zip(row, marks.values(), strict=True)
        ]
        for row in zip(*columns.values(), strict=True)
    ]
    return styles_html() + table_html(label, head, rows)


def without_empty(
    head: Sequence[Cell], rows: Sequence[Sequence[Cell]]
) -> tuple[list[Cell], list[list[Cell]]]:
    """A table without columns in which all cells are empty or a dash."""
    full = [n for n in range(len(head)) if any(row[n].text not in ("", DASH) for row in rows)]
    return [head[n] for n in full], [[row[n] for n in full] for row in rows]


def said_html(sentences: Sequence[Sentence], as_of: str = "", *, lead: bool = False) -> str:
    """Sentences, one per line; names in them link to their models' pages, as of a day.

    lead: emphasize the first one.
    """
    return _render("said", sentences=sentences, as_of=as_of, lead=lead)


def ways_html(ways: Sequence[Way]) -> str:
    """Links side by side."""
    return _render("ways", ways=ways)


def contents_html(sections: Sequence[tuple[Way, Sequence[Way]]]) -> str:
    """A page's table of contents: its sections and subsections."""
    return _render("contents", sections=sections)


def copy_html(name: str, text: str, *, code: bool = False) -> str:
    """A text with a button that copies it (core/web/assets/site.js); `name` is its element's id.

    `code`: line by line, unlike st.code without a highlighter of 1.5 MB that the page would load.
    """
    return _render("copy", id=name, text=text, code=code)


def copy_button_html(key: str) -> str:
    """A button that copies the content of st.code in the container with this key."""
    return _render("copy_button", id=key)


def device_html(ticket: str, done: str) -> str:
    """A request about remembered keys (core/ui/device_keys.py); `done`: the message on success."""
    return _render("device", ticket=ticket, done=done)


def faults_html(title: str, faults: Sequence[object], attempt: str) -> str:
    """A summary of refused fields (core/ui/faults.py)."""
    return _render("faults", title=title, faults=faults, attempt=attempt)


def line_html(line: Line) -> str:
    """A line of the admin's list, styled by core/web/assets/site.css.

    One element: a list whose cells are elements of Streamlit costs a browser half as much again
    (docs/performance.md).
    """
    return _render("line", line=line, dash=DASH)


def styles_html() -> str:
    """The styles only, for a page with Streamlit's own title."""
    return f"<style>\n{(_TEMPLATES / 'facts.css').read_text(encoding='utf-8')}</style>"


def _render(name: str, **values: object) -> str:
    return _environment().get_template(f"{name}.html.jinja").render(**values)


@lru_cache(maxsize=1)
def _environment() -> jinja2.Environment:
    found = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.globals["model_address"] = model_address
    return found
