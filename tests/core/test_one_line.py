"""Other people's text on one line, without what cannot be seen."""

import sys
import unicodedata

from core.publish.text import one_line

INVISIBLE = ("Cf", "Cs", "Co", "Cn")
SPACE = ("Cc", "Zl", "Zp", "Zs")


def test_each_character_is_kept_removed_or_a_space() -> None:
    for char in map(chr, range(sys.maxunicode + 1)):
        category = unicodedata.category(char)
        if category in INVISIBLE:
            expected = "ab"
        else:
            expected = "a b" if category in SPACE else f"a{char}b"
        assert one_line(f"a{char}b") == expected, hex(ord(char))


def test_runs_of_whitespace_become_one_space_and_none_at_the_ends() -> None:
    assert one_line("  a\r\n\tb \u200b c\u00a0 ") == "a b c"
    assert one_line("a  b ") == "a b"
    assert one_line("\u202e") == ""
