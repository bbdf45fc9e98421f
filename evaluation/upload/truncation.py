"""Whether an answer looks truncated, as by a token limit.

Such answers parse well and score near zero, so no other check finds them.
"""

import re
from collections.abc import Iterable

_OPEN = "([{"
_CLOSING = {")": "(", "]": "[", "}": "{"}
_BRACKET = re.compile(r"[()\[\]{}]")
_FINAL = frozenset(".!?…。)]}\"'”’*`>")
_HANGING = frozenset(",:;-–—=(/[{")
# If at least this share of a task's answers ends like a sentence, one that does not is
# conspicuous.
_HABIT = 0.6


def habitual_end(texts: Iterable[str]) -> bool:
    """Whether most of these answers (of one task) end with a final mark."""
    ends = [text.rstrip()[-1] in _FINAL for text in texts if text.strip()]
    return bool(ends) and sum(ends) >= _HABIT * len(ends)


def looks_truncated(text: str, final_mark_expected: bool) -> str | None:
    """Why `text` looks truncated, or None. Empty text is not truncated but empty."""
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
    """Whether the last opening bracket is never closed."""
    waiting: list[str] = []
    for found in _BRACKET.finditer(text):
        char = found[0]
        if char in _OPEN:
            waiting.append(char)
        elif waiting and waiting[-1] == _CLOSING[char]:
            waiting.pop()
    return bool(waiting)
