"""Implausible answers to next-action prediction: neither a label nor close to one. Pure.

The scorer maps every answer to the label nearest in meaning, even an empty one or a refusal.
Therefore no answer is unreadable, and a constant answer has a score.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Final

from evaluation import labels
from evaluation.upload.plausible.kind import ANY, MOST, SOME, Fault, Kind, Seen, piece

_FORM = "write the label exactly, such as “gallbladder-dissection”"
BASELINE: Final = (
    "any text is mapped to the label nearest in meaning, so some empty or constant answers are "
    "right by chance (0.22 and 0.20 of them on the synthetic benchmark)"
)

LETTERS = Kind("letters", "are the letter of an option", f"{_FORM}; {BASELINE}")
NUMBERS = Kind("numbers", "are a number", f"{_FORM}; {BASELINE}")
OFF_LABEL = Kind("off_label", "are not close to any label", f"{_FORM}; {BASELINE}", ANY)
BESIDE = Kind(
    "text_beside_label", "have more text than a label, which may be mapped to another label",
    f"{_FORM}, and nothing else", SOME,
)  # fmt: skip
CONSTANT = Kind("constant", "are all the same", BASELINE, MOST)
SEVERAL = Kind("few_answers", "are only two or three different texts", BASELINE, MOST)
NO_LABEL: Final = (LETTERS, NUMBERS, OFF_LABEL)

# The phases of EgoSurgery, which has no list of labels.
_MORE = (
    "disinfection", "design", "anesthesia", "anaesthetic", "anaesthesia", "incision", "dissection",
    "hemostasis", "haemostasis", "irrigation", "closure", "dressing",
    # Other words for these and for labels.
    "closing", "marking", "ligation", "bandage", "cautery", "draping", "cpr",
)  # fmt: skip
_LETTER = re.compile(
    r"^\W{0,4}(?:(?:the )?(?:\w{4,7} )?(?:answer|option|choice)\W{0,3}(?:is\W{0,3})?)?\(?"
    r"(?:[a-z](?:(?:\W{1,3}|,? (?:and|or) )[a-z]){0,4}|(?-i:[A-E]{2,5}))\W{0,4}$",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    r"^\W{0,4}(?:(?:the )?(?:answer|option|choice|step|phase|label|class)\W{0,3}(?:is\W{0,3})?)?"
    r"\d{1,6}(?:\.\d{1,6})?\W{0,4}$",
    re.IGNORECASE,
)
_WORDS = re.compile(r"[a-z]{3,}")
_ALL_WORDS = re.compile(r"[a-z0-9]+")
# Characters: a sentence with this little besides its label has nearly the label's meaning.
_LITTLE, _BEGIN = 40, 400
_STEM = 5
_COMMON = frozenset(
    (
        "the", "and", "for", "with", "from", "that", "this", "into", "will", "next",
        "step", "action", "done", "clip", "video", "then", "after", "before", "not",
        "there", "which", "what", "who", "are", "was", "has", "have", "been", "can",
        "using", "use", "used", "its", "his", "her", "patient", "procedure",
        "performed", "perform", "other", "out", "off", "all", "any", "know", "about",
        "information", "nurse", "surgeon", "continue", "correct", "appropriate",
    )
)  # fmt: skip
_FEW, _MANY = 10, 40


def look(seen: Seen) -> Iterator[Fault]:
    """The fault of one answer."""
    text = seen.whole.strip()
    if _LETTER.match(text):
        yield LETTERS, piece(text)
    elif _NUMBER.match(text):
        yield NUMBERS, piece(text)
    elif is_off_label(seen.text):
        yield OFF_LABEL, piece(text)
    elif len(text) > _LITTLE and _is_beside_label(text):
        yield BESIDE, piece(text)


def _is_beside_label(text: str) -> bool:
    """Whether an answer has a label's words one after the other, and more than a short sentence."""
    words = tuple(_ALL_WORDS.findall(text[:_BEGIN].lower()))
    known = _known_labels()
    if words in known:
        return False
    longest = max(map(len, known))
    return any(
        words[start:end] in known and len(text) - len(" ".join(words[start:end])) > _LITTLE
        for start in range(len(words))
        for end in range(start + 1, min(start + longest, len(words)) + 1)
    )


@cache
def _known_labels() -> frozenset[tuple[str, ...]]:
    """The words of each label."""
    sets = labels.label_sets()
    aliases = (name for names in sets.aliases.values() for name in names)
    return frozenset(
        tuple(_ALL_WORDS.findall(name.lower())) for name in (*labels.all_labels(), *aliases)
    )


def is_off_label(text: str) -> bool:
    """Whether no word of an answer starts like a word of any label of any dataset."""
    return _stems(text).isdisjoint(_known_beginnings())


def _stems(text: str) -> set[str]:
    return {word[:_STEM] for word in _WORDS.findall(text.lower()) if word not in _COMMON}


@cache
def _known_beginnings() -> frozenset[str]:
    """The first three to five letters of the labels' words: "cut" also finds "cutting"."""
    sets = labels.label_sets()
    aliases = (name for names in sets.aliases.values() for name in names)
    stems = _stems(" ".join((*labels.all_labels(), *aliases, *_MORE)))
    return frozenset(stem[:length] for stem in stems for length in range(3, _STEM + 1))


def look_at_all(all_seen: Sequence[Seen]) -> Iterator[tuple[int, Fault]]:
    """The same one to three answers to nearly all questions."""
    if len(all_seen) < _FEW:
        return
    common = Counter(seen.whole.strip() for seen in all_seen).most_common(3)
    least = MOST * len(all_seen)
    if common[0][1] >= least:
        kind, common = CONSTANT, common[:1]
    elif len(all_seen) >= _MANY and sum(count for _, count in common) >= least:
        kind = SEVERAL
    else:
        return
    texts = {text for text, _ in common}
    for place, seen in enumerate(all_seen):
        if seen.whole.strip() in texts:
            yield place, (kind, piece(seen.whole.strip()))
