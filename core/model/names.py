"""Comparison of model names. A name is never used as a path.

Two names are the same if a reader could confuse them: case, spaces, invisible
characters, accents, full-width and look-alike letters do not distinguish them.
Look-alikes: Unicode TR 39, from the package confusable-homoglyphs; in addition,
i, l, 1 and | count as one character, and so do o and 0, all dashes, middle dots
and the full stop, small capitals and their letters, rn and m, vv and w.

`same_name` is checked for every new name. `name_key`, an older and milder rule, decides when
journals are joined, and gives rows of the older application their ids. Its result must never
change, or two machines that import the same row would create two entries.
"""

import hashlib
import unicodedata
from functools import lru_cache

# General categories that are not visible by themselves: controls,
# formatting (zero width, direction), surrogates, unassigned, combining marks.
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Cn", "Co", "Mn", "Me"})
# Letters and symbols by category, but invisible: Hangul fillers, the Braille blank.
BLANK_SIGNS = frozenset("\u115f\u1160\u3164\uffa0\u2800")
_SAME_SIGN = str.maketrans({"i": "l", "1": "l", "|": "l", "0": "o", "_": None})
_MIDDLE_DOTS = frozenset("\u00b7\u16eb\u2022\u2027\u2219\u22c5\u2e31\u2e33\u30fb\ua78f")
_SMALL_CAPITAL = "LATIN LETTER SMALL CAPITAL "  # and its letter: the character's name in Unicode
_MAX_KEY_SOURCE = 1000  # characters compared; names are limited to far fewer


@lru_cache(maxsize=4096)
def _prototype(char: str) -> str:
    """The plain character that `char` looks like; `char` itself if it is plain."""
    if char.isascii():
        return char
    # Only here: it imports urllib and reads two tables, a fifth of the start of a job's process,
    # and most names are ASCII.
    from confusable_homoglyphs import confusables

    for found in confusables.is_confusable(char, greedy=True) or ():
        for homoglyph in found["homoglyphs"]:
            text = str(homoglyph["c"])
            if text.isascii():
                return text
    return char


@lru_cache(maxsize=16384)  # every new name is compared with all existing names
def name_key(name: str) -> str:
    """The key by which a journal compares names: equal keys are one name.

    >>> name_key("GPT-4 o") == name_key("gpt-4О")  # a Cyrillic letter
    True
    """
    decomposed = unicodedata.normalize("NFKD", name[:_MAX_KEY_SOURCE])
    visible = (c for c in decomposed if unicodedata.category(c) not in _INVISIBLE)
    plain = "".join(_prototype(c) for c in visible if not c.isspace() and c not in BLANK_SIGNS)
    return unicodedata.normalize("NFKD", plain).casefold().translate(_SAME_SIGN)


@lru_cache(maxsize=16384)
def name_keys(name: str) -> tuple[str, str]:
    """The keys for comparing a new name: as drawn, and without case.

    Two keys, because a capital and its small letter may resemble different characters: Cyrillic
    В resembles B, but в nothing else. Names with the same `name_key` have the same first key.
    """
    text = unicodedata.normalize("NFKD", name[:_MAX_KEY_SOURCE])
    # Upper case first: casefold alone leaves some small letters (long s, dotless i) unchanged.
    return _drawn(name_key(name)), _drawn(name_key(text.upper().casefold()))


def folded(text: str) -> str:
    """A text without case, accents, invisible characters and look-alikes; spaces are kept.

    >>> folded("Ѕсоrе Ｆｕｌｌ")  # Cyrillic, and full width
    'score full'
    """
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(map(_folded_sign, decomposed)).casefold()


@lru_cache(maxsize=4096)
def _folded_sign(char: str) -> str:
    if char.isascii():
        return char
    if char.isspace():
        return " "
    if unicodedata.category(char) in _INVISIBLE or char in BLANK_SIGNS:
        return ""
    return _plain(_prototype(char))


def same_key(one: str, other: str) -> bool:
    """Whether a journal treats two names as the same. This implies `same_name`."""
    return name_key(one) == name_key(other)


def same_name(one: str, other: str) -> bool:
    """Whether a reader could confuse the two names.

    >>> same_name("Modern-7B", "modem—7B"), same_name("Вера", "вера"), same_name("Alpha", "Beta")
    (True, True, False)
    """
    return any(a == b for a, b in zip(name_keys(one), name_keys(other), strict=True))


def _drawn(key: str) -> str:
    """A `name_key` with look-alike characters and letter pairs merged."""
    plain = "".join(map(_plain, key)).translate(_SAME_SIGN)
    return plain.replace("rn", "m").replace("vv", "w")


@lru_cache(maxsize=4096)
def _plain(char: str) -> str:
    if char.isascii():
        return char
    if unicodedata.category(char) == "Pd":
        return "-"
    if char in _MIDDLE_DOTS:
        return "."
    letter = unicodedata.name(char, "").partition(_SMALL_CAPITAL)[2]
    return letter.lower() if len(letter) == 1 else char


def old_id(board: str, name: str) -> str:
    """A stable id for a board row without one."""
    digest = hashlib.sha256(f"{board}\n{name_key(name)}".encode())
    return "old-" + digest.hexdigest()[:22]
