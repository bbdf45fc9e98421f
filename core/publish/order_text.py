"""What would change a board's order, computed once for a board, and told in sentences. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from core.benchmark import METRICS
from core.model.statistics import Removal
from core.publish.numbers import count
from core.publish.sentences import listed
from core.publish.text import one_line
from core.ranking.board import Board
from core.ranking.left_out import LeftOut, entries_left_out, metrics_left_out
from core.ranking.schemes import SchemeOrder, scheme_orders
from core.ranking.weights import DRAWS, Acceptability, random_weights

_NAMED: Final = 4  # left-out entries or metrics that a sentence names
_LEADING: Final = 3  # models that lead with random weights


@dataclass(frozen=True, eq=False)
class Changes:
    """What leaving out, other weights and other rules make of a board; rows are best first.

    tied: the two leaders have the same average rank on the board itself.
    """

    names: tuple[str, ...]
    tied: bool
    entries: tuple[LeftOut, ...]
    metrics: tuple[LeftOut, ...]
    random: Acceptability
    schemes: tuple[SchemeOrder, ...]


def changes_of(board: Board) -> Changes | None:
    """All of it; None for a board of fewer than two models, which has no order to change."""
    if len(board.entries) < 2:
        return None
    names = [entry.model_name for entry in board.entries]
    return Changes(
        names=tuple(map(one_line, names)),
        tied=board.average_ranks[0] == board.average_ranks[1],
        entries=entries_left_out(board.values, names),
        metrics=metrics_left_out(board.values, names),
        random=random_weights(board.values, names),
        schemes=scheme_orders(board.values, names),
    )


def left_out_text(changes: Changes) -> list[str]:
    """Whether one entry or one metric left out changes who leads, in sentences."""
    new: dict[int, list[str]] = {}
    equal: dict[int, list[str]] = {}
    kinds: list[str] = []
    for name, kind, found in _each(changes):
        if 0 not in found.first:
            new.setdefault(found.leader, []).append(name)
            kinds.append(kind)
        elif found.leader:
            equal.setdefault(found.leader, []).append(name)
    leader, names = changes.names[0], changes.names
    # With two models nobody is left to change the order of when one leaves.
    any_kind = "entry or metric" if len(names) > 2 else "metric"
    if new:
        kind = " or one ".join(dict.fromkeys(kinds))
        swap = "swaps the two leaders" if list(new) == [1] else "changes who leads"
        parts = [f"without {_either(left)}, {names[row]} leads" for row, left in new.items()]
        told = f"One {kind} left out {swap}: {'; '.join(parts)} in place of {leader}."
    elif equal:
        told = f"No single {any_kind} left out gives another model a better average rank."
    else:
        told = f"No single {any_kind} left out changes who leads: {leader} stays first."
    before = f"{leader} leads {names[1]} by the tie-breaks only." if changes.tied else ""
    return [
        *filter(None, [before]),
        told,
        *(
            f"Without {_either(left)}, average ranks are equal at the top, and the tie-breaks put "
            f"{names[row]} first."
            for row, left in equal.items()
        ),
    ]


def weights_text(changes: Changes) -> str:
    """How often which model leads with weights drawn at random."""
    often = sorted(
        ((round(share * DRAWS), -row) for row, share in enumerate(changes.random.leads) if share),
        reverse=True,
    )
    told = [f"{changes.names[-row]} in {times:,}" for times, row in often[:_LEADING]]
    if rest := often[_LEADING:]:
        told.append(f"{count(len(rest), 'other')} in {sum(times for times, _ in rest):,}")
    return (
        f"Who leads in {DRAWS:,} random weightings of the {len(METRICS)} metrics: {listed(told)}."
    )


def rules_text(changes: Changes) -> str:
    """Which other rules put another model first."""
    by_leader: dict[str, list[str]] = {}
    for one in changes.schemes:
        first = changes.names[one.rank.tolist().index(1)]
        by_leader.setdefault(first, []).append(one.scheme.name)
    kept = by_leader.pop(changes.names[0], [])
    parts = [f"{name} leads ({listed(rules)})" for name, rules in by_leader.items()]
    if kept:
        parts.append(f"{changes.names[0]} {'still ' * bool(parts)}leads ({listed(kept)})")
    return f"By other rules: {'; '.join(parts)}."


def removal_text(removal: Removal | None, names: Mapping[str, str]) -> str:
    """How few recordings hold up the first place; empty where it is not known. `names` by id."""
    if removal is None or removal.leader not in names:
        return ""
    enough = "is" if removal.units == 1 else "are"
    least = "; fewer do not" if removal.least and removal.units > 1 else ""
    return (
        f"{removal.units:,} of {count(removal.of, 'recording')} left out {enough} enough to put "
        f"{one_line(names[removal.leader])} first{least}."
    )


def _each(changes: Changes) -> list[tuple[str, str, LeftOut]]:
    """(name, kind, outcome) of all that can be left out but the leader itself."""
    entries = zip(changes.names[1:], changes.entries[1:], strict=True)
    metrics = zip((metric.name for metric in METRICS), changes.metrics, strict=True)
    return [
        *((name, "entry", found) for name, found in entries),
        *((name, "metric", found) for name, found in metrics),
    ]


def _either(names: Sequence[str]) -> str:
    """Names as alternatives; of many, the first ones."""
    if len(names) > _NAMED + 1:
        names = [*names[:_NAMED], f"{len(names) - _NAMED} others"]
    head, last = names[:-1], names[-1]
    return f"{', '.join(head)} or {last}" if head else last
