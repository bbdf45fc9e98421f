"""How the demo's judge grades: sentence similarity and word overlap. Pure.

It is not a language model: two texts that say the opposite in the same words get the same
grade. It exists so that everything around a judge can be tried without an API key.
"""

import re
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from core.benchmark import JUDGE_ASPECTS, JUDGE_GRADES
from evaluation.encoder import Array

Encode = Callable[[Sequence[str]], Array]
"""Unit-length embeddings of sentences, one row each."""

_SENTENCE: Final = re.compile(r"(?<=[.!?])\s+|\n+")
_WORD: Final = re.compile(r"[a-z0-9]+")
_ENDING: Final = re.compile(r"(?:ing|ed|es|s|e)$")
_EMPTY_WORDS_TEXT: Final = """
a an and are as at be by for from has have here in into is it its no not of off on or so that the
their then there this to was while which with within without
"""
_EMPTY_WORDS: Final = frozenset(_EMPTY_WORDS_TEXT.split())
# Cosines of unrelated and of equal sentences in the same field; grades rise between them.
_UNRELATED, _EQUAL = 0.35, 0.9


def sentences(text: str) -> list[str]:
    """The sentences of a text."""
    return [found for one in _SENTENCE.split(text) if (found := one.strip())]


def words(text: str) -> frozenset[str]:
    """Words that are not stop words, without their endings."""
    found = _WORD.findall(text.lower())
    return frozenset(_ENDING.sub("", word) for word in found if word not in _EMPTY_WORDS)


def grades(candidate: str, reference: str, encode: Encode) -> dict[str, int]:
    """A grade of 1 to 5 for each aspect."""
    left, right = sentences(candidate), sentences(reference)
    if not left or not right:
        return dict.fromkeys(JUDGE_ASPECTS, JUDGE_GRADES[0])
    cosines = encode(left) @ encode(right).T
    covered = _share(cosines.max(axis=0))  # by sentence of the reference
    fitting = _share(cosines.max(axis=1))  # by sentence of the candidate
    own, other = words(candidate), words(reference)
    both = len(own & other)
    recall, precision = both / max(1, len(other)), both / max(1, len(own))
    shares = {
        "R2": float(fitting.max()),
        "R4": float(covered.max() + precision) / 2,
        "R5": float(covered.mean() + recall) / 2,
        "R7": (precision + recall) / 2,
        "R8": float(fitting.mean() + covered.mean()) / 2,
    }
    least, most = JUDGE_GRADES[0], JUDGE_GRADES[-1]
    return {key: round(least + (most - least) * shares[key]) for key in JUDGE_ASPECTS}


def _share(cosines: Array) -> Array:
    """Cosines rescaled so that unrelated is 0 and equal is 1."""
    found: Array = np.clip((cosines - _UNRELATED) / (_EQUAL - _UNRELATED), 0, 1)
    return found
