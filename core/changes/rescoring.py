"""Replacing an entry's scores with those of a re-evaluation."""

from collections.abc import Mapping
from typing import Any

import msgspec

from core.benchmark import JUDGE_KEYS
from core.changes.act import Act, At, Change, change
from core.changes.entry_fields import metric_problem
from core.changes.rules import entry_on, with_entry
from core.changes.versions import RESCORED, as_version
from core.errors import ChangedError, RefusedError
from core.model.entries import BoardName, Entry
from core.model.state import State


class Scores(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The fields of an entry that a re-evaluation replaces."""

    metrics: dict[str, float | None]
    scorer_version: str | None
    ground_truth_sha256: str | None
    strict: dict[str, float | None] = {}
    coverage: dict[str, Any] = {}
    by_dataset: dict[str, Any] = {}
    surplus: dict[str, Any] = {}


class Rescore(Act, frozen=True, kw_only=True, tag="rescore"):
    """Replaces an entry's scores; the old ones go to its history.

    Caption metrics come from judge runs: a re-evaluation keeps all of them or none.
    """

    board: BoardName
    entry_id: str
    old: Scores
    new: Scores

    undoable = True

    def apply(self, state: State, at: At) -> State:
        entry = entry_on(state, self.board, self.entry_id)
        old, new = self.old, self.new
        wrong = {k: p for k, v in new.metrics.items() if (p := metric_problem(k, v))}
        if wrong:
            raise RefusedError(wrong)
        captions = {key: new.metrics.get(key) for key in JUDGE_KEYS}
        kept = captions == {key: entry.metrics.get(key) for key in JUDGE_KEYS}
        if not kept and any(value is not None for value in captions.values()):
            raise RefusedError({"metrics": "Only a judge run sets the caption metrics."})
        made = {key: getattr(new, key) for key in Scores.__struct_fields__}
        if all(getattr(entry, key) == value for key, value in made.items()):
            return state
        there = {key: entry.metrics.get(key) for key in old.metrics}  # as many as existed then
        if (there, entry.scorer_version, entry.ground_truth_sha256) != (
            old.metrics,
            old.scorer_version,
            old.ground_truth_sha256,
        ):
            raise ChangedError(
                {"entry_id": f"“{entry.model_name}” was changed since it was scored."}
            )
        history = (*entry.history, as_version(entry, RESCORED, at.time))
        runs = {} if kept else {"judge": None, "held": None}
        return with_entry(state, msgspec.structs.replace(entry, **made, **runs, history=history))


ACTS = (Rescore,)


def rescore(board: BoardName, entry: Entry, scores: Mapping[str, Any], actor: str) -> Change:
    """Replace an entry's scores with those of a re-evaluation.

    `scores`: metrics (all ten), strict, coverage, by_dataset, surplus, scorer_version,
    ground_truth_sha256.
    """
    old = Scores(
        metrics=entry.metrics,
        scorer_version=entry.scorer_version,
        ground_truth_sha256=entry.ground_truth_sha256,
    )
    new = msgspec.convert(dict(scores), Scores)
    return change(Rescore(board=board, entry_id=entry.entry_id, old=old, new=new), actor)
