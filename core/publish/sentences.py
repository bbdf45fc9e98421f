"""Sentences with models' names kept separate from our text, so that they can become links."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple


class Named(NamedTuple):
    """A model within a sentence: the name as its team wrote it, and the entry."""

    name: str
    entry_id: str


Sentence = tuple[str | Named, ...]


def plain(sentence: Sentence) -> str:
    """The sentence as plain text."""
    return "".join(part if isinstance(part, str) else part.name for part in sentence)


def listed(words: Sequence[str]) -> str:
    """Words as a list.

    >>> listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c"])
    ('a', 'a and b', 'a, b and c')
    """
    head, last = words[:-1], "".join(words[-1:])
    return f"{', '.join(head)} and {last}" if head else last


def separated(parts: Iterable[Sentence], by: str = "; ") -> Sentence:
    """Parts of a sentence, joined."""
    found: list[str | Named] = []
    for part in parts:
        found += [by, *part] if found else part
    return tuple(found)


def joined(parts: Sequence[Sentence], word: str = "and") -> Sentence:
    """Parts of a sentence as a list.

    >>> plain(joined([("a",), ("b",), (Named("c", "id"),)], "or"))
    'a, b or c'
    """
    *head, last = parts
    return (*separated(head, ", "), f" {word} ", *last) if head else last
