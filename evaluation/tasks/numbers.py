"""Parses numbers in answers, bounded so that later arithmetic cannot overflow."""

# Above any time, frame or coordinate of a video. Larger values, such as a time of 400 digits, do
# not count as numbers, so that none becomes an infinity that stops the task.
LIMIT = 1e12


# A number as a group of a pattern. It never starts inside a run of digits: otherwise a long run
# would be scanned again from each of its digits. The look-behind comes after the first digit, so
# that the search can still skip to the next digit at full speed.
NUMBER = r"(\d(?<!\d\d)\d*(?:\.\d+)?)"
WHOLE = r"(\d(?<!\d\d)\d*)"


def numbers(*texts: str) -> list[float] | None:
    """Numbers in text; None when one of them is above LIMIT."""
    values = list(map(float, texts))
    return values if max(values) <= LIMIT else None


def whole(text: str) -> int | None:
    """A run of digits as an integer; None above LIMIT."""
    if len(text) < 13:
        return int(text)
    value = float(text)
    return int(value) if value <= LIMIT else None
