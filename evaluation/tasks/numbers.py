"""Numbers in answers, kept within what the arithmetic after them can hold."""

# Above any time, frame or coordinate of a video. A 400-digit number in an answer stays a
# (hopeless) number and cannot become an infinity that stops the task.
LIMIT = 1e12


# A number as a group of a pattern. It never begins inside a run of digits: without that a
# long run is scanned again from each of its digits. The look-behind stands after the first
# digit, so that the search can still skip to the next digit at full speed.
NUMBER = r"(\d(?<!\d\d)\d*(?:\.\d+)?)"
WHOLE = r"(\d(?<!\d\d)\d*)"


def number(text: str) -> float:
    """A run of digits, with or without a fraction, at most LIMIT."""
    return min(float(text), LIMIT)


def whole(text: str) -> int:
    """A run of digits as an integer, at most LIMIT."""
    return int(text) if len(text) < 13 else int(number(text))
