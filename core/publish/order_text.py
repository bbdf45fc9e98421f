"""What would change a board's order, computed once per board, in sentences. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from core.benchmark import METRICS
from core.model.statistics import Removal
from core.publish.numbers import count
from core.publish.sentences import Named, Sentence, joined, listed, separated
from core.publish.text import one_line
from core.ranking.board import Board
from core.ranking.left_out import LeftOut, entries_left_out, metrics_left_out
from core.ranking.schemes import SchemeOrder, scheme_orders
from core.ranking.weights import DRAWS, Acceptability, random_weights

_NAMED: Final = 4  # left-out entries or metrics listed in a sentence
_LEADING: Final = 3  # models that lead with random weights


@dataclass(frozen=True, eq=False)
class Changes:
    """The effect of omissions, other weights and other rules on a board; rows are best first.

    ids: the models' entries. level: how many of the first have the leader's average rank.
    """

    names: tuple[str, ...]
    ids: tuple[str, ...]
    level: int
    entries: tuple[LeftOut, ...]
    metrics: tuple[LeftOut, ...]
    random: Acceptability
    schemes: tuple[SchemeOrder, ...]

    def named(self, row: int) -> Named:
        """A model as part of a sentence."""
        return Named(self.names[row], self.ids[row])


def changes_of(board: Board) -> Changes | None:
    """All effects; None for a board of fewer than two models, which has no order to change."""
    if len(board.entries) < 2:
        return None
    names = [entry.model_name for entry in board.entries]
    return Changes(
        names=tuple(map(one_line, names)),
        ids=tuple(entry.entry_id for entry in board.entries),
        level=board.average_ranks.count(board.average_ranks[0]),
        entries=entries_left_out(board.values, names),
        metrics=metrics_left_out(board.values, names),
        random=random_weights(board.values, names),
        schemes=scheme_orders(board.values, names),
    )


def left_out_text(changes: Changes) -> list[Sentence]:
    """Whether leaving out one entry or one metric changes who leads, in sentences."""
    new: dict[int, list[Sentence]] = {}
    equal: dict[int, list[Sentence]] = {}
    kinds: list[str] = []
    for part, kind, found in _each(changes):
        if 0 not in found.first:
            new.setdefault(found.leader, []).append(part)
            kinds.append(kind)
        elif found.leader:
            equal.setdefault(found.leader, []).append(part)
    leader = changes.named(0)
    # With two models, removing one leaves no order to change.
    any_kind = "entry or metric" if len(changes.names) > 2 else "metric"
    told: Sentence
    if new:
        kind = " or one ".join(dict.fromkeys(kinds))
        swap = "swaps the two leaders" if list(new) == [1] else "changes who leads"
        parts: list[Sentence] = [
            ("without ", *_either(left), ", ", changes.named(row), " leads")
            for row, left in new.items()
        ]
        told = (f"One {kind} left out {swap}: ", *separated(parts), " in place of ", leader, ".")
    elif equal:
        told = (f"No single {any_kind} left out gives another model a better average rank.",)
    else:
        told = (f"No single {any_kind} left out changes who leads: ", leader, " stays first.")
    before: list[Sentence] = [(leader, " leads ", changes.named(1), " by the tie-breaks only.")]
    return [
        *(before if changes.level > 1 else ()),
        told,
        *(
            ("Without ", *_either(left), ", average ranks are equal at the top, and the "
             "tie-breaks put ", changes.named(row), " first.")
            for row, left in equal.items()
        ),
    ]  # fmt: skip


def weights_text(changes: Changes) -> Sentence:
    """How often each model leads with random weights."""
    often = sorted(
        ((round(share * DRAWS), -row) for row, share in enumerate(changes.random.leads) if share),
        reverse=True,
    )
    told: list[Sentence] = [
        (changes.named(-row), f" in {times:,}") for times, row in often[:_LEADING]
    ]
    if rest := often[_LEADING:]:
        told.append((f"{count(len(rest), 'other')} in {sum(times for times, _ in rest):,}",))
    before = f"Who leads in {DRAWS:,} random weightings of the {len(METRICS)} metrics: "
    return (before, *joined(told), ".")


def weights_given(weights: Sequence[int]) -> str:
    """A reader's weights in words, in the order of the metrics.

    >>> weights_given((3, *[1] * 9))
    'CVS_acc × 3, all others × 1'
    """
    told = [f"{m.name} × {w}" for m, w in zip(METRICS, weights, strict=True) if w != 1]
    return ", ".join([*told, "all others × 1"] if len(told) < len(METRICS) else told)


def rules_text(changes: Changes) -> Sentence:
    """Which other rules put another model first."""
    by_leader: dict[int, list[str]] = {}
    for one in changes.schemes:
        by_leader.setdefault(one.rank.tolist().index(1), []).append(one.scheme.name)
    kept = by_leader.pop(0, [])
    parts: list[Sentence] = [
        (changes.named(row), f" leads ({listed(rules)})") for row, rules in by_leader.items()
    ]
    if kept:
        parts.append((changes.named(0), f" {'still ' * bool(parts)}leads ({listed(kept)})"))
    return ("By other rules: ", *separated(parts), ".")


def removal_text(removal: Removal | None, names: Mapping[str, str]) -> Sentence:
    """How few recordings decide the first place; empty if unknown. `names` by id."""
    if removal is None or removal.leader not in names:
        return ()
    enough = "is" if removal.units == 1 else "are"
    least = "; fewer do not" if removal.least and removal.units > 1 else ""
    return (
        f"{removal.units:,} of {count(removal.of, 'recording')} left out {enough} enough to put ",
        Named(one_line(names[removal.leader]), removal.leader),
        f" first{least}.",
    )


def _each(changes: Changes) -> Iterator[tuple[Sentence, str, LeftOut]]:
    """(name, kind, outcome) of everything that can be left out, except the leader."""
    for row, found in enumerate(changes.entries[1:], start=1):
        yield (changes.named(row),), "entry", found
    for metric, found in zip(METRICS, changes.metrics, strict=True):
        yield (metric.name,), "metric", found


def _either(parts: Sequence[Sentence]) -> Sentence:
    """Names as alternatives; only the first ones if there are many."""
    if len(parts) > _NAMED + 1:
        parts = [*parts[:_NAMED], (f"{len(parts) - _NAMED} others",)]
    return joined(parts, "or")
