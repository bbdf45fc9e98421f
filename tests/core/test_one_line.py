"""Other people's text on one line, without what cannot be seen."""

import unicodedata
from itertools import chain

from core.publish.text import one_line

# By Unicode category; all others stay.
BECOMES = {
    **dict.fromkeys(("Cf", "Cs", "Co", "Cn"), ""),
    **dict.fromkeys(("Cc", "Zl", "Zp", "Zs"), " "),
}


def test_each_character_is_kept_removed_or_a_space() -> None:
    for char in map(chr, chain(range(0x10000), range(0xE0000, 0xE1000), range(0x1F300, 0x1F700))):
        expected = BECOMES.get(unicodedata.category(char), char)
        assert one_line(f"a{char}b") == f"a{expected}b", hex(ord(char))


def test_runs_of_whitespace_become_one_space_and_none_at_the_ends() -> None:
    assert one_line("  a\r\n\tb \u200b c\u00a0 ") == "a b c"
    assert one_line("a  b ") == "a b"
    assert one_line("\u202e") == ""
