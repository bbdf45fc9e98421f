"""Counts the faults of a file's records and reports each kind once. Pure."""

from core.benchmark import QA_TYPE_RECORDS

SHOWN = 20
PLACES = 3


class Faults:
    """Counts every fault; keeps the texts of the first twenty kinds and their first places."""

    def __init__(self) -> None:
        self.total = 0
        self.records = 0
        self.unknown_qa_types = False
        self._last = -1
        self._counts: dict[str, int] = {}
        self._first: dict[str, list[int]] = {}

    def add(self, index: int, what: str) -> None:
        self.total += 1
        if index != self._last:
            self.records += 1
            self._last = index
        if what in self._counts or len(self._counts) < SHOWN:
            self._counts[what] = self._counts.get(what, 0) + 1
            places = self._first.setdefault(what, [])
            if len(places) < PLACES:
                places.append(index)

    def message(self, label: str, count: int) -> str:
        """All faults in one sentence after `label`; `count` is the file's number of records."""
        faults = "1 fault" if self.total == 1 else f"{self.total:,} faults"
        known = f" Known qa_types: {', '.join(QA_TYPE_RECORDS)}." if self.unknown_qa_types else ""
        more = self.total > sum(self._counts.values())
        first = f" The first {SHOWN} kinds:" if more else ""
        return (
            f"{label} has {faults} in {self.records:,} of {count:,} records.{first} "
            + "; ".join(self._told(what) for what in self._counts)
            + ". Every record needs id, qa_type and prediction as text, or metadata, qa_type "
            f"and answer.{known}"
        )

    def _told(self, what: str) -> str:
        """One kind of fault: with its place, or with the count and the first places."""
        count, places = self._counts[what], self._first[what]
        if count == 1:
            return f"index {places[0]}: {what}"
        named = ", ".join(map(str, places)) + (", …" if count > len(places) else "")
        return f"{what} (in {count:,} records: index {named})"
