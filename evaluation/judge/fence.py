"""Keeps a caption data: fenced, cut, its invisible characters made visible. Pure."""

import re
import secrets
import unicodedata
from collections.abc import Callable

from evaluation.judge import steering

MAX_CHARACTERS = 4000
_INVISIBLE = frozenset({"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"})
# Drawn as nothing although they are letters, marks or symbols; variation selectors can carry text.
_BLANK = frozenset(
    map(chr, (0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0))
) | frozenset(map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))
_CUT = "[cut here]"
# Every pattern takes time in proportion to the text, whatever the text: the leading blanks of a
# line may not reach over its end, or each of a thousand empty lines would look through the rest.
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
        r"|^[^\S\n]*(system|assistant|user)\s*:",
    ),
    (
        "speaks to a grader",
        r"\b(judge|grader|evaluator|rubric|rating|full marks|maximum score|perfect score)\b",
    ),
)
_PATTERNS = tuple((why, re.compile(text, re.I | re.M | re.S)) for why, text in _SIGNS)


def as_shown(text: str) -> str:
    """`text` cut at MAX_CHARACTERS; invisible characters become [U+200B], lines stay lines."""
    cut = len(text) > MAX_CHARACTERS
    shown = "".join(_visible(char) for char in text[:MAX_CHARACTERS])
    return shown + _CUT if cut else shown


def _visible(char: str) -> str:
    return f"[U+{ord(char):04X}]" if _hidden(char) and char not in "\n\t" else char


def _hidden(char: str) -> bool:
    return unicodedata.category(char) in _INVISIBLE or char in _BLANK


def fenced(label: str, text: str, make: Callable[[], str] = lambda: secrets.token_hex(16)) -> str:
    """`text` between two lines that hold a random word which does not occur in it."""
    shown = as_shown(text)
    word = make()
    while word in shown:
        word = make()
    return f"<<<{label} {word}>>>\n{shown}\n<<<END {label} {word}>>>"


def suspicions(text: str) -> tuple[str, ...]:
    """Why a caption looks like an attempt to steer its grade; empty when it does not.

    Beyond what the judge sees too: what stands there was meant for it.
    """
    found = [why for why, pattern in _PATTERNS if pattern.search(text)]
    found += [why for why in steering.signs(text) if why not in found]
    if any(_hidden(char) and char not in "\n\t\r" for char in text):
        found.append("holds invisible characters")
    if len(text) > MAX_CHARACTERS:
        found.append(f"longer than {MAX_CHARACTERS:,} characters")
    return tuple(found)
