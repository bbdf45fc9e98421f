"""Tails of the t and the normal distribution. Pure.

From scipy.special, whose values scipy.stats returns: importing scipy.stats takes a second, which
every process that computes statistics would spend.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.ranking.average_rank import Floats


def t_tail(value: "Floats", freedom: "Floats") -> "Floats":
    """The probability that t exceeds `value`."""
    from scipy import special

    found: Floats = special.stdtr(freedom, -value)
    return found


def t_beyond(tail: float, freedom: "float | Floats") -> "float | Floats":
    """The upper quantile of t with tail probability `tail`."""
    from scipy import special

    found: float | Floats = -special.stdtrit(freedom, tail)
    return found


def normal_beyond(tail: "Floats") -> "Floats":
    """The upper quantile of the normal distribution with tail probability `tail`."""
    from scipy import special

    found: Floats = -special.ndtri(tail)
    return found
