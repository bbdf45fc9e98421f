"""Keeps a caption data: fenced, cut, its invisible characters made visible. Pure."""

import re
import secrets
import unicodedata
from collections.abc import Callable

MAX_CHARACTERS = 4000
_INVISIBLE = frozenset({"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"})
_CUT = "[cut here]"
_SIGNS = (
    (
        "asks to ignore instructions",
        r"\b(ignore|disregard|forget)\b.{0,60}\b(above|previous|prior|instruction|rubric)",
    ),
    ("names scores", r"\bR[24578]\b\W{0,4}[0-9]"),
    ("speaks as a verdict", r"\bVERDICT\b|<<<|>>>"),
    (
        "holds role marks",
        r"<\|?/?(im_start|im_end|system|assistant|user|inst)\b|\[/?INST\]"
        r"|^\s*(system|assistant|user)\s*:",
    ),
    (
        "speaks to a grader",
        r"\b(judge|grader|evaluator|rubric|rating|full marks|maximum score|perfect score)\b",
    ),
)
_PATTERNS = tuple((why, re.compile(text, re.I | re.M | re.S)) for why, text in _SIGNS)


def neutral(text: str) -> str:
    """`text` cut at MAX_CHARACTERS; invisible characters become [U+200B], lines stay lines."""
    cut = len(text) > MAX_CHARACTERS
    shown = "".join(_visible(char) for char in text[:MAX_CHARACTERS])
    return shown + _CUT if cut else shown


def _visible(char: str) -> str:
    hidden = unicodedata.category(char) in _INVISIBLE and char not in "\n\t"
    return f"[U+{ord(char):04X}]" if hidden else char


def fenced(label: str, text: str, make: Callable[[], str] = lambda: secrets.token_hex(16)) -> str:
    """`text` between two lines that hold a random word which does not occur in it."""
    shown = neutral(text)
    word = make()
    while word in shown:
        word = make()
    return f"<<<{label} {word}>>>\n{shown}\n<<<END {label} {word}>>>"


def suspicions(text: str) -> tuple[str, ...]:
    """Why a caption looks like an attempt to steer its grade; empty when it does not."""
    found = [why for why, pattern in _PATTERNS if pattern.search(text[: 4 * MAX_CHARACTERS])]
    if any(unicodedata.category(char) in {"Cf", "Co"} for char in text):
        found.append("holds invisible characters")
    if len(text) > MAX_CHARACTERS:
        found.append(f"longer than {MAX_CHARACTERS:,} characters")
    return tuple(found)
