"""The figures of `make bench`: printed as they are measured, and kept for docs/performance.md.

Each bench is a separate program; `scripts/bench.py` runs them all and makes one table.
"""

import json
import math
import os
import sys
from pathlib import Path
from typing import Literal, TypedDict

KEPT = "BENCH_FIGURES"  # names the file to which figures are added, a JSON object a line
Unit = Literal["×", "s", "ms", "MB", "%", ""]


class Figure(TypedDict):
    """A measurement and its maximum."""

    what: str
    value: float
    unit: Unit
    most: float | None
    how: str


def note(what: str, value: float, unit: Unit, most: float | None = None, how: str = "") -> bool:
    """Print a figure, and keep it if requested by the environment.

    Args:
        what: What was measured.
        value: The figure; NaN where it could not be measured, which counts as missed.
        unit: "×" for a ratio.
        most: The target; None if there is none.
        how: The method; for a ratio also its denominator.

    Returns:
        Whether it is within its target.
    """
    figure = Figure(what=what, value=value, unit=unit, most=most, how=how)
    sys.stdout.write(f"{what}: {shown(value, unit)} ({target(figure)}){f'; {how}' * bool(how)}\n")
    sys.stdout.flush()
    if name := os.environ.get(KEPT):
        with Path(name).open("a", encoding="utf-8") as file:
            file.write(json.dumps(figure) + "\n")
    return met(figure)


def met(figure: Figure) -> bool:
    """Whether a figure is within its target, if it has one."""
    return figure["most"] is None or figure["value"] <= figure["most"]


def shown(value: float, unit: Unit) -> str:
    """A figure with its unit: "1.53 ×", "12 ms"."""
    if math.isnan(value):
        return "not measured"
    digits = 0 if abs(value) >= 100 or value == int(value) else 2 if abs(value) < 10 else 1
    return f"{value:,.{digits}f} {unit}".strip()


def target(figure: Figure) -> str:
    """The maximum of the figure, and whether it is met."""
    most = figure["most"]
    if most is None:
        return "no target"
    return f"at most {shown(most, figure['unit'])}: {'met' if met(figure) else 'MISSED'}"
