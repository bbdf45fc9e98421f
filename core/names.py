"""Model names as text to show and to compare, never as a path.

Two names are the same name when a reader could take one for the other: case,
blanks, invisible characters, accents, full-width and look-alike letters do not
tell them apart. Look-alikes: Unicode TR 39, from the package
confusable-homoglyphs; on top, i, l, 1 and | are one sign, and so are o and 0.
"""

import unicodedata
from functools import lru_cache

from confusable_homoglyphs import confusables

# General categories that leave no mark of their own on screen: controls,
# formatting (zero width, direction), surrogates, unassigned, combining marks.
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Cn", "Co", "Mn", "Me"})
# Letters and signs by category, and yet nothing to see: Hangul fillers, the Braille blank.
BLANK_SIGNS = frozenset("\u115f\u1160\u3164\uffa0\u2800")
_SAME_SIGN = str.maketrans({"i": "l", "1": "l", "|": "l", "0": "o", "_": None})
_MAX_KEY_SOURCE = 1000  # characters looked at; names are limited to far fewer


@lru_cache(maxsize=4096)
def _prototype(char: str) -> str:
    """The plain sign that `char` looks like; `char` itself when it is plain."""
    if char.isascii():
        return char
    for found in confusables.is_confusable(char, greedy=True) or ():
        for homoglyph in found["homoglyphs"]:
            text = str(homoglyph["c"])
            if text.isascii():
                return text
    return char


@lru_cache(maxsize=16384)  # every new name is compared with all names there are
def name_key(name: str) -> str:
    """What a name is compared by: equal keys mean the same name to a reader.

    >>> name_key("GPT-4 o") == name_key("gpt-4О")  # a Cyrillic letter
    True
    """
    decomposed = unicodedata.normalize("NFKD", name[:_MAX_KEY_SOURCE])
    visible = (c for c in decomposed if unicodedata.category(c) not in _INVISIBLE)
    plain = "".join(_prototype(c) for c in visible if not c.isspace() and c not in BLANK_SIGNS)
    return unicodedata.normalize("NFKD", plain).casefold().translate(_SAME_SIGN)
