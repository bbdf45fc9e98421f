"""The figures of pairs of entries, stored for the highest-ranked ones, each computed once."""

import math
from collections.abc import Mapping, Sequence
from itertools import chain, combinations
from pathlib import Path
from typing import Final

import msgspec

from core.benchmark import METRIC_KEYS
from core.files import atomic
from core.model.entries import Entry
from core.model.statistics import SCHEMA, PairMetric
from core.publish.figures import pair_metrics, turned
from core.ranking.board import Board, counted_values
from core.ranking.columns import VERSION, Columns
from core.ranking.differences import Difference, compare
from core.ranking.metric_figures import OTHER_SCORES, matching
from core.runs.statistics import marks
from core.runs.statistics.columns import EntryColumns
from core.runs.statistics.folder import StatisticsFolder

MOST: Final = 40  # entries of each board whose pairs are stored, best first
NOT_KEPT: Final = (
    f"No interval: differences are compared among the best {MOST} entries of each board with "
    "sample scores."
)
_AT_ONCE: Final = 50  # pairs between writes

Metrics = dict[str, PairMetric]
_METRICS: Final = msgspec.json.Decoder(Metrics)


class PairFile(msgspec.Struct, frozen=True):
    """Pairs by their entries' ids with a space between, the smaller id first.

    marks: the digest of each shown entry (core.runs.statistics.marks); made_from: the columns of
    paired entries; reasons: why the others are not paired.
    """

    schema: int
    marks: dict[str, str] = {}
    made_from: dict[str, str] = {}
    reasons: dict[str, str] = {}
    pairs: dict[str, msgspec.Raw] = {}

    def of(self, a: str, b: str) -> Metrics | None:
        """The figures of a against b, if stored. Counts are not published between entries of one
        team (core.publish.figures)."""
        raw = self.pairs.get(" ".join(sorted((a, b))))
        if raw is None:
            return None
        found = _METRICS.decode(raw)
        return found if a <= b else {key: turned(one) for key, one in found.items()}


EMPTY: Final = PairFile(SCHEMA)


def read(path: Path) -> PairFile:
    """The stored pairs; none if the file is damaged or of another format (then recomputed)."""
    try:
        found = msgspec.json.decode(path.read_bytes(), type=PairFile)
    except (OSError, ValueError):
        return EMPTY
    return found if found.schema == SCHEMA else EMPTY


def update(root: Path, boards: Sequence[Board], columns: Mapping[str, EntryColumns]) -> None:
    """Update the pairs, keeping those of unchanged entries. Raises StoreError."""
    path = StatisticsFolder(root).pairs
    old = read(path)
    shown = [(entry, board.policy) for board in boards for entry in board.entries]
    chosen = sorted(one.entry_id for board in boards for one in _best(board, columns))
    values = {
        one.entry_id: counted_values([one], policy)[0].tolist()
        for one, policy in shown
        if one.entry_id in chosen
    }
    new = PairFile(
        SCHEMA,
        {entry.entry_id: marks.of_entry(entry, policy) for entry, policy in shown},
        {one: f"{VERSION} {columns[one].content}" for one in chosen},
        {
            entry.entry_id: columns[entry.entry_id].reason or NOT_KEPT
            for entry, _ in shown
            if entry.entry_id not in chosen
        },
    )
    same = {
        one
        for one in chosen
        if old.marks.get(one) == new.marks[one] and old.made_from.get(one) == new.made_from[one]
    }
    new.pairs.update((name, old.pairs[name]) for name in old.pairs if set(name.split(" ")) <= same)
    missing = [pair for pair in combinations(chosen, 2) if " ".join(pair) not in new.pairs]
    used = {one: _checked(columns[one].metrics, values[one]) for one in set(chain(*missing))}
    for number, (a, b) in enumerate(missing, start=1):
        (first, other_first), (second, other_second) = used[a], used[b]
        found = compare(first, second) | other_first | other_second
        made = pair_metrics(found, values[a], values[b])
        new.pairs[f"{a} {b}"] = msgspec.Raw(msgspec.json.encode(made))
        if number % _AT_ONCE == 0:
            _write(path, new)
    if new != old:
        _write(path, new)


def _checked(columns: Columns, values: list[float]) -> tuple[Columns, dict[str, Difference]]:
    """The columns that give the published values, and the comparison of each other metric: only
    the reason, since the difference of the values need not lie in an interval of these scores."""
    value = dict(zip(METRIC_KEYS, values, strict=True))
    kept = matching(columns, value)
    other = {key for key in columns.keys() - kept.keys() if not math.isnan(value[key])}
    return kept, dict.fromkeys(other, Difference(reason=OTHER_SCORES))


def _best(board: Board, columns: Mapping[str, EntryColumns]) -> list[Entry]:
    """The highest-ranked entries with sample scores."""
    return [one for one in board.entries if columns[one.entry_id].metrics][:MOST]


def _write(path: Path, file: PairFile) -> None:
    atomic.write(path, msgspec.json.encode(file))
