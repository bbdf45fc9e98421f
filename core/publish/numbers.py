"""Numbers for readers: metrics, shares, counts, money, sizes. Undefined is a dash, never 0.

Plain counts are written with f"{count:,}".
"""

from typing import Final

import humanize

from core.model.entries import DECIMALS

DASH: Final = "—"  # for a value that is undefined or not given
MILLION: Final = 1_000_000


def fixed(value: float | None, digits: int = DECIMALS) -> str:
    """A number with this many decimals, by default those of a metric."""
    return DASH if value is None else f"{value:.{digits}f}"


def ends(interval: tuple[float, float]) -> str:
    """An interval, with the two decimals that are published of it (core/publish/figures.py).

    >>> ends((0.5, 0.61))
    '0.50 to 0.61'
    """
    low, high = interval
    return f"{fixed(low, 2)} to {fixed(high, 2)}"


def percent(share: float) -> str:
    """A share (0 to 1) in percent, rounded down, so that 100 % means nothing is missing."""
    return f"{int(share * 1000 + 1e-9) / 10:g} %"


def count(number: int, noun: str, plural: str | None = None) -> str:
    """A count with its noun: 1 try, 2 tries.

    >>> count(1200, "record"), count(1, "try", "tries")
    ('1,200 records', '1 try')
    """
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def usd(amount: float) -> str:
    """An amount of US dollars."""
    return f"{amount:,.2f} USD"


def size(in_bytes: float) -> str:
    """A number of bytes, in units of 1000: 1.5 MB."""
    return humanize.naturalsize(in_bytes, format="%.1f")


def rough(number: int) -> str:
    """An estimate without false precision: 9,500, 12,000, 1.2 million."""
    if number >= MILLION:
        return humanize.intword(number)
    return f"{number if number < 10_000 else round(number, -3):,}"


def duration(seconds: float) -> str:
    """An approximate duration: 40 seconds, 7 minutes, 2 hours and 5 minutes."""
    unit = "seconds" if seconds < 60 else "minutes"
    return humanize.precisedelta(max(1.0, seconds), minimum_unit=unit, format="%.0f")
