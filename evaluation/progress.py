"""Converts steps of work into a fraction and a log line."""

from collections.abc import Callable


class Progress:
    """Counts work done against work expected; `log` reports the fraction with a text.

    The fraction never decreases; work added later slows it down instead.
    """

    def __init__(self, total: int, report: Callable[[float, str], None]) -> None:
        self._total = total
        self._done = 0.0
        self._extra: dict[str, tuple[int, float]] = {}  # name -> work, share done
        self._reported = 0.0
        self._report = report

    def expect(self, name: str, extra: int) -> None:
        """Adds a piece of work whose share done is set by `step_to`."""
        self._total += extra
        self._extra[name] = extra, 0.0

    def step(self, count: int = 1) -> None:
        """Marks work as done."""
        self._done += count

    def step_to(self, name: str, share: float) -> None:
        """Sets the share (0 to 1) of an expected piece of work that is done."""
        extra, before = self._extra[name]
        self._done += (share - before) * extra
        self._extra[name] = extra, share

    def log(self, text: str) -> None:
        """Reports the fraction done (0 to 1) with `text`."""
        fraction = self._done / self._total if self._total else 1.0
        self._reported = min(1.0, max(self._reported, fraction))
        self._report(self._reported, text)
