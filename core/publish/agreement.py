"""How far two judge runs agreed, for the About page: judge_agreement.json in the data folder.

The maintainers put it there: the file that `python -m evaluation.judge agree --json` writes.
"""

from pathlib import Path

import msgspec

FILE = "judge_agreement.json"


class Agreement(msgspec.Struct, frozen=True):
    """Of one task: n aspect scores, mean of b - a, shares 0 to 1, correlations or None."""

    n: int
    mean_difference: float
    exact: float
    within_one: float
    kappa: float | None
    spearman: float | None


class Side(msgspec.Struct, frozen=True):
    """One run: models as the server named them, rubric versions."""

    models: list[str]
    rubrics: list[str]

    @property
    def text(self) -> str:
        return f"{', '.join(self.models)} (rubric {', '.join(self.rubrics)})"


class Report(msgspec.Struct, frozen=True):
    """Two runs on the pairs that both scored; `tasks` by task key, and "all"."""

    date: str
    a: Side
    b: Side
    pairs_in_both: int
    tasks: dict[str, Agreement]


def read(root: Path) -> Report | None:
    """The report in the data folder; None when there is none that can be read."""
    try:
        return msgspec.json.decode((root / FILE).read_bytes(), type=Report)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return None
