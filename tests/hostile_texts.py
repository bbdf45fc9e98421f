"""Payloads of cross-site scripting, alone and as many as a field takes."""

from collections.abc import Iterator
from pathlib import Path

PAYLOADS = tuple(
    (Path(__file__).parent / "data" / "xss_payloads.txt").read_text(encoding="utf-8").splitlines()
)
# One of each kind, short enough for every field: an element, an attribute, a Markdown link, a
# template, LaTeX.
COMPACT = """<svg onload=hacked=1> "onclick=x [x](//y) {{7*7}} $\\a{}$"""


def stuffed(limit: int, payloads: Iterator[str]) -> str:
    """As many of the next payloads as fit into a field."""
    text = next(payloads)
    for payload in payloads:
        if len(text) + 1 + len(payload) > limit:
            break
        text += " " + payload
    return text[:limit]


def mixed(limit: int, payloads: Iterator[str], mark: str) -> str:
    """One payload of each kind after `mark`, then as many of the next as fit into a field."""
    text = f"{mark} {COMPACT}"
    assert len(text) <= limit
    room = limit - len(text) - 1
    return f"{text} {stuffed(room, payloads)}".strip() if room > 0 else text
