"""Fences a caption so that it stays data: truncated, invisible characters shown. Pure."""

import re
import secrets
import unicodedata
from collections.abc import Callable

from evaluation.judge import steering

MAX_CHARACTERS = 4000
_INVISIBLE = frozenset({"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"})
# Letters, marks and symbols that are not drawn; variation selectors can encode text.
_BLANK = frozenset(
    map(chr, (0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0))
) | frozenset(map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))
_CUT = "[cut here]"
# Every pattern runs in linear time for any text: leading spaces must not match a line end, or each
# of a thousand empty lines would scan the rest.
_SIGNS = (
    (
        "asks to ignore instructions",
        r"\b(ignore|disregard|forget)\b.{0,60}\b(above|previous|prior|instruction|rubric)",
    ),
    ("mentions scores", r"\bR[24578]\b\W{0,4}[0-9]"),
    ("imitates a verdict", r"\bVERDICT\b|<<<|>>>"),
    (
        "contains role markers",
        r"<\|?/?(im_start|im_end|system|assistant|user|inst)\b|\[/?INST\]"
        r"|^[^\S\n]*(system|assistant|user)\s*:",
    ),
    (
        "addresses a grader",
        r"\b(judge|grader|evaluator|rubric|rating|full marks|maximum score|perfect score)\b",
    ),
)
_PATTERNS = tuple((why, re.compile(text, re.I | re.M | re.S)) for why, text in _SIGNS)


def as_shown(text: str) -> str:
    """`text` truncated to MAX_CHARACTERS, with invisible characters shown as [U+200B]."""
    cut = len(text) > MAX_CHARACTERS
    shown = "".join(_visible(char) for char in text[:MAX_CHARACTERS])
    return shown + _CUT if cut else shown


def _visible(char: str) -> str:
    return f"[U+{ord(char):04X}]" if _hidden(char) and char not in "\n\t" else char


def _hidden(char: str) -> bool:
    return unicodedata.category(char) in _INVISIBLE or char in _BLANK


def fenced(label: str, text: str, make: Callable[[], str] = lambda: secrets.token_hex(16)) -> str:
    """`text` between two lines with a random word that does not occur in it."""
    shown = as_shown(text)
    word = make()
    while word in shown:
        word = make()
    return f"<<<{label} {word}>>>\n{shown}\n<<<END {label} {word}>>>"


def suspicions(text: str) -> tuple[str, ...]:
    """Why a caption looks like an attempt to influence its grade; empty when it does not.

    Checks the part that the judge does not see too: it was still written for the judge.
    """
    found = [why for why, pattern in _PATTERNS if pattern.search(text)]
    found += [why for why in steering.signs(text) if why not in found]
    if any(_hidden(char) and char not in "\n\t\r" for char in text):
        found.append("contains invisible characters")
    if len(text) > MAX_CHARACTERS:
        found.append(f"longer than {MAX_CHARACTERS:,} characters")
    return tuple(found)
