"""The public scores of an evaluation or an entry. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

import msgspec

from core.benchmark import PARTS
from core.changes.versions import NEW_VERSION
from core.model.contracts.evaluation import Coverage, DatasetScore, Surplus
from core.model.entries import Entry
from core.model.policy import DEFAULT, Policy
from core.model.state import State
from core.model.surplus import held, strict_shown, surplus_of, withheld
from core.publish.cells import cells_of
from core.ranking.board import shown_board
from core.ranking.coverage import low
from core.ranking.what_if import RankOf, RunRanks, caption_ranks, run_ranks
from core.ranking.why import Why, why

_T = TypeVar("_T")
# docs/evaluation.md has the definition.
STRICT: Final = (
    "with everything unscored and, in TAG@0.3 and TAG@0.5, every missed or surplus segment "
    "counted as 0"
)
CELLS: Final = (
    "Score, with the number of records scored in brackets. “—”: not shown, because a score over "
    "fewer than 100 records, or one from which it follows, would reveal which answers were right."
)


@dataclass(frozen=True, slots=True)
class Captions:
    """Whether an entry's captions are graded, and whether an admin must review them (`held`).

    `without` and `with_grades` are its current ranks, None unless a run on this server graded it.
    """

    graded: bool
    held: bool
    without: RankOf | None = None
    with_grades: RankOf | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """The scores of a finished evaluation: three decimals, None is undefined.

    All mappings have metric keys. `published`: the entry is on a board now, so that this is
    public. `surplus`: answers with more segments than requested; `held`: the metrics that are
    shown only after an admin's review.
    """

    model_name: str
    metrics: dict[str, float | None]
    strict: dict[str, float | None]
    coverage: dict[str, Coverage]
    by_dataset: dict[str, dict[str, DatasetScore]]
    ranks: RunRanks
    published: bool
    past: str = ""  # why this is not the entry's current submission, as a sentence
    entry_id: str | None = None  # of the entry on the board
    captions: Captions | None = None  # of an entry on the board, for its owner
    before: Mapping[str, float | None] = field(default_factory=dict)  # of the previous version
    why: Why | None = None  # its rank on the board, would-be or real
    surplus: Mapping[str, Surplus] = field(default_factory=dict)
    held: Mapping[str, Surplus] = field(default_factory=dict)
    low: frozenset[str] = frozenset()  # the metrics below the minimum coverage of `policy`
    policy: Policy = DEFAULT


def entry_result(state: State, entry: Entry) -> Result:
    """The public scores of an entry."""
    found = state.find(entry.entry_id)
    waits = held(entry)
    board = found[0] if found else "community"
    entry = withheld(entry)
    return Result(
        model_name=entry.model_name,
        metrics=entry.metrics,
        strict=strict_shown(entry),
        coverage=_typed(entry.coverage, dict[str, Coverage]),
        by_dataset=cells_of(entry),
        ranks=run_ranks(state, entry, board),
        published=True,
        before=_before(entry),
        why=why(shown_board(state, board), entry.entry_id),
        entry_id=entry.entry_id,
        surplus=surplus(entry),
        held=waits,
        low=frozenset(low(entry.metrics, entry.coverage, state.policy)),
        policy=state.policy,
    )


def captions(state: State, entry: Entry) -> Captions:
    """The effect of the grades of an entry on a board."""
    found = state.find(entry.entry_id)
    ranks = caption_ranks(state, found[0], entry) if found and entry.judge else ()
    return Captions(entry.judged, entry.held is not None, *ranks)


def _before(entry: Entry) -> Mapping[str, float | None]:
    """The metrics that a new version replaced; empty for a first one or after a re-scoring."""
    last = entry.history[-1] if entry.history else None
    return last.metrics if last and last.why == NEW_VERSION else {}


def surplus(entry: Entry) -> dict[str, Surplus]:
    """Surplus answers by metric key, for the metrics that have some."""
    return {key: found for key in entry.surplus if (found := surplus_of(entry, key))}


def _typed(values: dict[str, Any], form: type[dict[str, _T]]) -> dict[str, _T]:
    """Details in the current format; empty without them or if the format is unknown."""
    try:
        return msgspec.convert(values, form)
    except msgspec.ValidationError:
        return {}


def unscored_reasons(coverage: Coverage, key: str) -> list[str]:
    """Why records of a metric were not scored, with counts, and the parts not answered."""
    unscored = coverage.unscored.items()
    reasons = [f"{name.replace('_', ' ')}: {count:,}" for name, count in unscored if count]
    if coverage.parts and (coverage.parts_named or 0) < coverage.parts:
        reasons.append(f"{PARTS[key]} answered: {coverage.parts_named:,} of {coverage.parts:,}")
    if coverage.off_label:
        reasons.append(f"no label, counted as the nearest: {coverage.off_label:,}")
    return reasons
