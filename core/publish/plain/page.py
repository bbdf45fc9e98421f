"""A plain page around its content: head for search engines and chats, links, styles. Pure."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import jinja2
from markupsafe import Markup

from core.benchmark import LINKS, NAME

_TEMPLATES: Final = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True)
class Content:
    """What one page says. `main` is markup; `live`: the app's page of the same, relative to the
    plain one; `path`: the plain page's, from the app's own address."""

    title: str
    description: str
    path: str
    live: str
    main: str = ""
    day: str = ""
    picture: str = ""  # path of its picture
    note: str = ""  # what is special about the data


def page(content: Content, site: str, font: str = "") -> bytes:
    """The page. `font`: the path of the app's font. `site`: the app's address without a slash at
    its end; "" where it is not known: what needs whole addresses is left out."""
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
    """A page that says in a sentence why there is nothing to see."""
    main = Markup("<h1>{}</h1><p>{}</p>").format(title, sentence)
    return page(Content(f"{title} · {NAME}", sentence, "", "../", main), "")


def rendered(template: str, **values: object) -> str:
    """One of the plain pages' templates, filled in."""
    return _environment().get_template(f"{template}.html.jinja").render(**values)


def markup(text: str) -> Markup:
    """Markup that a template made: of templates that escape what they are given."""
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
