"""What would change a board's order, as tables: short ones to show, complete ones as files."""

import math
from collections.abc import Callable, Sequence
from typing import Final

from core.benchmark import METRICS
from core.publish.explore.marks import Data, range_text
from core.publish.explore.models import shortened
from core.publish.numbers import DASH, fixed
from core.publish.order_text import Changes
from core.publish.sentences import listed
from core.publish.text import one_line
from core.ranking.board import Board
from core.ranking.left_out import LeftOut
from core.ranking.weights import DRAWS, weighted

SHOWN: Final = 20  # rows of a table on the page; files have all
OWN_SHOWN: Final = 50  # rows of the order by a reader's weights
_PAIRS: Final = 3  # pairs listed in a cell
NOT_OFFICIAL: Final = "yours, not official"
Row = tuple[str | float | None, ...]
Make = Callable[[Changes], Data]


def entries_table(changes: Changes, *, whole: bool = False) -> Data:
    """The effect of leaving out each entry; `whole` includes entries without an effect."""
    names = changes.names
    if not whole:
        names = tuple(labelled(names, row) for row in range(len(names)))
    return _left_out("Entry left out", names, changes.entries, changes, whole=whole)


def metrics_table(changes: Changes, *, whole: bool = False) -> Data:
    """The effect of leaving out each metric; `whole` includes metrics without an effect."""
    names = [metric.name for metric in METRICS]
    return _left_out("Metric left out", names, changes.metrics, changes, whole=whole)


def rest_text(shown: Data, total: int) -> str:
    """A note on the rest of `total`: a table shows only those that change something."""
    rest = total - len(shown.rows)
    if not shown.rows:
        return "None of them changes the order of the others."
    if len(shown.rows) == SHOWN:
        return f"The first {SHOWN} that change something; the file has all {total:,}."
    return (
        f"The other {rest} change nothing." if rest > 1 else "The other one changes nothing." * rest
    )


def _left_out(
    head: str, names: Sequence[str], found: Sequence[LeftOut], changes: Changes, *, whole: bool
) -> Data:
    rows: list[Row]
    if whole:
        rows = [
            (name, *_in_full(one, changes.names)) for name, one in zip(names, found, strict=True)
        ]
        return Data((head, "Would lead", "Pairs that swap"), tuple(rows))
    of_entries = found is changes.entries
    rows = [
        (name, *_in_short(one, changes.names, level))
        for row, (name, one) in enumerate(zip(names, found, strict=True))
        for level in [_newly_level(one, changes, row if of_entries else None)]
        if one.leader or one.swapped or level
    ]
    return Data((head, "Would lead", "Ranks that swap"), tuple(rows[:SHOWN]))


def _in_full(one: LeftOut, names: Sequence[str]) -> tuple[str, str]:
    """The leader and the pairs that swap, by name."""
    level = [names[row] for row in one.first if row != one.leader]
    tied = f" by the tie-breaks, level with {listed(level)}" if level else ""
    pairs = "; ".join(f"{names[b]} before {names[a]}" for a, b in one.swapped)
    return f"{names[one.leader]}{tied}", pairs or "none"


def _newly_level(one: LeftOut, changes: Changes, gone: int | None) -> list[int]:
    """The rows level with the leader, unless those are the rows that were so before."""
    before = tuple(row for row in range(changes.level) if row != gone)
    return [] if one.first == before else [row for row in one.first if row != one.leader]


def _in_short(one: LeftOut, names: Sequence[str], level: Sequence[int]) -> tuple[str, str]:
    """The same, short: the leader by name, swapped pairs by rank on the board."""
    leads = labelled(names, one.leader) if one.leader else "unchanged"
    told = [f"{b + 1} before {a + 1}" for a, b in one.swapped]
    if len(told) > _PAIRS + 1:
        told = [*told[:_PAIRS], f"{len(told) - _PAIRS} more"]
    if level:
        told.insert(0, f"{one.leader + 1} level with {listed([str(row + 1) for row in level])}")
    return leads, "; ".join(told) or DASH


def labelled(names: Sequence[str], row: int) -> str:
    """A model by its rank on the board and its name, shortened if long."""
    return f"{row + 1}. {shortened(names[row])}"


def models_table(changes: Changes, *, whole: bool = False) -> Data:
    """Each model's rank on the board, with random weights and by other rules.

    Without `whole`, only the first SHOWN and all that lead in some weighting.
    """
    random = changes.random
    rules = [(one.scheme.name, one.rank.tolist()) for one in changes.schemes]
    rows: list[Row] = [
        (
            *((name, place + 1) if whole else (labelled(changes.names, place),)),
            round(random.leads[place] * DRAWS),
            range_text((int(random.best[place]), int(random.worst[place]))),
            *(rank[place] for _, rank in rules),
        )
        for place, name in enumerate(changes.names)
        if whole or place < SHOWN or random.leads[place]
    ]
    columns = (
        *(("Model", "Rank on the board") if whole else ("Model",)),
        f"Leads (of {DRAWS:,})", "Random weights",
        *(capitalized(name) for name, _ in rules),
    )  # fmt: skip
    return Data(columns, tuple(rows))


def schemes_table(changes: Changes, *, whole: bool = False) -> Data:
    """The other rules: description, leader, number of models that move, Kendall's tau.

    `whole`: the leader by its name alone, which may be long.
    """
    rows: list[Row] = [
        (
            capitalized(one.scheme.name),
            one.scheme.what,
            changes.names[leader] if whole else labelled(changes.names, leader),
            sum(rank != place + 1 for place, rank in enumerate(one.rank.tolist())),
            None if math.isnan(one.tau) else round(one.tau, 4),
        )
        for one in changes.schemes
        for leader in [one.rank.tolist().index(1)]
    ]
    return Data(("Rule", "What it does", "Leads", "Models that move", "Kendall’s tau"), tuple(rows))


def own_table(board: Board, weights: Sequence[int]) -> Data | None:
    """The board in a reader's order, by metric weights; None if all weights are 0."""
    import numpy as np  # here: needed only with a reader's weights

    if not any(weights):
        return None
    names = [entry.model_name for entry in board.entries]
    found = weighted(board.values, names, np.array(weights, dtype=np.float64))
    rows: list[Row] = [
        (int(found.rank[row]), one_line(names[row]), round(float(found.average[row]), 2), row + 1)
        for row in found.order.tolist()
    ]
    return Data(("Yours", "Model", "Weighted average", "On the board"), tuple(rows))


def own_file(data: Data, weights: Sequence[int]) -> Data:
    """The same for a file: each line is labelled, with the weights."""
    given = ", ".join(f"{m.name} {w}" for m, w in zip(METRICS, weights, strict=True))
    label = f"{NOT_OFFICIAL}; weights {given}"
    return Data((*data.columns, "Order"), tuple((*row, label) for row in data.rows))


def texts(column: Sequence[str | float | None]) -> list[str]:
    """A column's cells as text; averages have two decimals."""
    return [
        fixed(cell, 2) if isinstance(cell, float) else DASH if cell is None else str(cell)
        for cell in column
    ]


def capitalized(name: str) -> str:
    """A rule's name as a title."""
    return name[:1].upper() + name[1:]


# The tables of a board for download: file name, label, function.
WHOLE: Final[tuple[tuple[str, str, Make], ...]] = (
    ("entries_left_out", "Entries left out (CSV)", lambda one: entries_table(one, whole=True)),
    ("metrics_left_out", "Metrics left out (CSV)", lambda one: metrics_table(one, whole=True)),
    ("other_rules", "Rules (CSV)", lambda one: schemes_table(one, whole=True)),
    ("other_ranks", "Ranks (CSV)", lambda one: models_table(one, whole=True)),
)
