"""The folder of the statistics: statistics/ in the data folder, for this program's user."""

from dataclasses import dataclass
from pathlib import Path

from core.model.entries import BoardName


@dataclass(frozen=True, slots=True)
class StatisticsFolder:
    """The files of one data folder."""

    root: Path

    @property
    def path(self) -> Path:
        return self.root / "statistics"

    @property
    def columns(self) -> Path:
        """A model's sums by recording, a file for each content. Private, like sample scores."""
        return self.path / "columns"

    @property
    def pairs(self) -> Path:
        """The figures of pairs. Private: pages show counts of records between teams only."""
        return self.path / "pairs.json"

    @property
    def lock(self) -> Path:
        """Held by the only process that writes here."""
        return self.path / "lock"

    def board(self, name: BoardName) -> Path:
        """The published figures of a board."""
        return self.path / f"{name}.json"
