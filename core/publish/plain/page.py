"""A plain page around its content: metadata, links, styles. Pure."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import jinja2
from markupsafe import Markup

from core.benchmark import LINKS, NAME
from core.publish.plain.markup import query

_TEMPLATES: Final = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True)
class Content:
    """The content of one page. `main` is markup; `live`: the corresponding page of the app,
    relative to the plain one; `path`: the plain page's, from the app's address."""

    title: str
    description: str
    path: str
    live: str
    main: str = ""
    day: str = ""
    picture: str = ""  # path of its picture
    note: str = ""  # what is special about the data

    @property
    def shared(self) -> str:
        """Its path with its day, for link previews; search engines get `path`."""
        return f"{self.path}{query(self.day)}"


def page(content: Content, site: str, font: str = "") -> bytes:
    """The page. `font`: the path of the app's font. `site`: the app's address without a trailing
    slash; "" if unknown: whatever needs absolute addresses is then left out."""
    found = rendered(
        "page",
        page=content,
        main=markup(content.main),
        site=site,
        font=font,
        name=NAME,
        links=LINKS,
        up="../",
    )
    return found.encode()


def sentence_page(title: str, sentence: str) -> bytes:
    """A page with one sentence on why there is nothing to show."""
    main = Markup("<h1>{}</h1><p>{}</p>").format(title, sentence)
    return page(Content(f"{title} · {NAME}", sentence, "", "../", main), "")


def rendered(template: str, **values: object) -> str:
    """One of the plain pages' templates, rendered."""
    return _environment().get_template(f"{template}.html.jinja").render(**values)


def markup(text: str) -> Markup:
    """Rendered markup, marked as safe; only for templates that escape their values."""
    return Markup(text)  # noqa: S704


@lru_cache(maxsize=1)
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
