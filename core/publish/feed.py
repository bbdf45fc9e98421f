"""An Atom feed of new and verified entries (RFC 4287), newest first. Pure."""

import re
from typing import Final
from xml.etree import ElementTree as Xml

from core.benchmark import NAME
from core.model.entries import BOARD_NAMES, BoardName, Entry
from core.model.state import State
from core.publish import dates
from core.publish.exports import SYNTHETIC, synthetic
from core.publish.moment import Moment

_ATOM: Final = "http://www.w3.org/2005/Atom"
_MOST: Final = 50
_NO_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def atom(state: State, at: Moment, site: str = "") -> bytes:
    """The feed. `site`: the app's address, for links; "" if unknown. The feed's id does not
    depend on it, since the server may have several. Entries of unknown date are no news."""
    Xml.register_namespace("", _ATOM)
    root = Xml.Element(f"{{{_ATOM}}}feed")
    found = (
        (_day(entry, name), name, entry) for name in BOARD_NAMES for entry in state.shown(name)
    )
    dated = sorted(
        (one for one in found if one[0]),
        key=lambda one: (one[0], one[2].arrived, one[2].entry_id),
        reverse=True,
    )[:_MOST]
    _text(root, "id", f"{at.url}/feed.atom" if at.url else "urn:medvidbench:feed")
    _text(root, "title", f"{NAME} leaderboard: new and verified entries")
    _text(root, "updated", _time(dated[0][0] if dated else at.as_of))
    _author(root, NAME)
    if site:
        _link(root, f"{site}/feed.atom", "self")
        _link(root, f"{site}/", "alternate")
    for day, name, entry in dated:
        item = _entry(root, entry, name, day, demo=at.demo)
        if site:
            _link(item, f"{site}/model/{entry.entry_id}", "alternate")
    text: bytes = Xml.tostring(root, encoding="utf-8", xml_declaration=True)
    return text


def _entry(
    root: Xml.Element, entry: Entry, name: BoardName, day: str, *, demo: bool
) -> Xml.Element:
    item = Xml.SubElement(root, f"{{{_ATOM}}}entry")
    what = "verified" if name == "official" else "new"
    mark = f" ({SYNTHETIC})" if synthetic(entry, demo) else ""
    _text(item, "id", f"urn:medvidbench:{name}:{entry.entry_id}")
    _text(item, "title", f"{entry.model_name}: {what} on the {name.capitalize()} board{mark}")
    _text(item, "updated", _time(day))
    _author(item, entry.organization or NAME)
    _text(item, "summary", f"{entry.model_name}, {entry.organization}.{mark}")
    return item


def _day(entry: Entry, name: BoardName) -> str:
    """When it was verified or submitted, else when it arrived; "" if nobody knows, as of results
    that the program brings."""
    day = dates.iso_day(entry.verified_date if name == "official" else entry.date)
    return day or dates.iso_day(entry.arrived.partition(" ")[0])


def _time(day: str) -> str:
    return f"{day}T00:00:00Z"


def _text(parent: Xml.Element, tag: str, text: str) -> None:
    # Names from an older board may contain characters that XML 1.0 cannot represent.
    Xml.SubElement(parent, f"{{{_ATOM}}}{tag}").text = _NO_XML.sub("\ufffd", text)


def _author(parent: Xml.Element, name: str) -> None:
    _text(Xml.SubElement(parent, f"{{{_ATOM}}}author"), "name", name)


def _link(parent: Xml.Element, url: str, relation: str) -> None:
    Xml.SubElement(parent, f"{{{_ATOM}}}link", {"href": url, "rel": relation})
