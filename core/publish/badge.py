"""A badge for a README: two fields, as SVG. Pure."""

from functools import lru_cache
from typing import Final

import jinja2

_PADDING: Final = 12
_CHARACTER: Final = 6.6  # px, average of 11 px Verdana; textLength makes it exact
_SVG: Final = """\
<svg xmlns="http://www.w3.org/2000/svg" width="{{ left + right }}" height="20" role="img" \
aria-label="{{ label }}: {{ text }}"><title>{{ label }}: {{ text }}</title>\
<rect width="{{ left }}" height="20" fill="#3d4754"/>\
<rect x="{{ left }}" width="{{ right }}" height="20" fill="#1e3a5f"/>\
<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">\
<text x="6" y="14" textLength="{{ left - 12 }}">{{ label }}</text>\
<text x="{{ left + 6 }}" y="14" textLength="{{ right - 12 }}">{{ text }}</text></g></svg>
"""


def svg(label: str, text: str) -> bytes:
    """The badge. Both texts are escaped."""
    left, right = (round(len(part) * _CHARACTER) + _PADDING for part in (label, text))
    return _template().render(label=label, text=text, left=left, right=right).encode()


@lru_cache(maxsize=1)
def _template() -> jinja2.Template:
    return jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined).from_string(_SVG)
