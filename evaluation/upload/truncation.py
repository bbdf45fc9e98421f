"""Whether an answer looks cut off, as a generation that ran out of tokens is.

Such answers parse well and score near zero, so nothing else gives them away.
"""

import re
from collections.abc import Iterable

_OPEN = "([{"
_CLOSING = {")": "(", "]": "[", "}": "{"}
_BRACKET = re.compile(r"[()\[\]{}]")
_FINAL = frozenset(".!?…。)]}\"'”’*`>")
_HANGING = frozenset(",:;-–—=(/[{")
# Where at least this share of a task's answers ends like a sentence, one that does not
# stands out.
_HABIT = 0.6


def habitual_end(texts: Iterable[str]) -> bool:
    """Whether most of these answers (of one task) end with a final mark."""
    ends = [text.rstrip()[-1] in _FINAL for text in texts if text.strip()]
    return bool(ends) and sum(ends) >= _HABIT * len(ends)


def looks_truncated(text: str, final_mark_expected: bool) -> str | None:
    """Why `text` looks cut off, or None. Empty text is not cut off but empty."""
    stripped = text.rstrip()
    if not stripped:
        return None
    if _unclosed(stripped):
        return "a bracket is not closed"
    last = stripped[-1]
    if last in _HANGING:
        return f"ends with “{last}”"
    if final_mark_expected and last not in _FINAL:
        return "ends inside a number" if last.isdigit() else "ends without a final mark"
    return None


def _unclosed(text: str) -> bool:
    """Whether the last bracket that opens is one that never closes."""
    waiting: list[str] = []
    for found in _BRACKET.finditer(text):
        char = found[0]
        if char in _OPEN:
            waiting.append(char)
        elif waiting and waiting[-1] == _CLOSING[char]:
            waiting.pop()
    return bool(waiting)
