"""The bodies of the read API: boards, models, metrics, history. Pure.

Field by field what the pages show; never a contact, a key, a sample score. Undefined is null.
docs/api.md and core/web/openapi.yaml describe them.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from core.benchmark import METRICS, NAME
from core.changes.versions import TAKEN_BACK
from core.model.entries import API_VERIFIED, BOARD_NAMES, BoardName, Entry
from core.model.links import link_problem
from core.model.state import State
from core.model.statistics import BoardStatistics
from core.publish.cells import cells_of
from core.publish.exports import SYNTHETIC, synthetic
from core.publish.moment import SCHEMA, Moment, board_sha256
from core.ranking.board import Board, Standing, shown_board


def boards(state: State, at: Moment) -> dict[str, Any]:
    """Which boards there are."""
    found = [
        {"board": name, "models": len(state.shown(name)), "path": f"/api/v1/boards/{name}"}
        for name in reversed(BOARD_NAMES)
    ]
    return {**at.head, "boards": found}


def board(ranked: Board, at: Moment, figures: BoardStatistics | None = None) -> dict[str, Any]:
    """One board, best first."""
    rows = [_row(standing, ranked.name, at, figures) for standing in ranked.standings]
    return {
        **at.head,
        "board": ranked.name,
        "sha256": board_sha256(ranked),
        "metrics": [m.key for m in METRICS],
        "entries": rows,
    }


def model(
    boards: Mapping[BoardName, Board],
    entry_id: str,
    at: Moment,
    figures: Mapping[BoardName, BoardStatistics | None],
) -> dict[str, Any] | None:
    """One entry with its details; None when no board shows it."""
    for name, ranked in boards.items():
        if one := ranked.by_id.get(entry_id):
            row = _row(one, name, at, figures.get(name))
            of = len(ranked.entries)
            return {**at.head, "board": name, "of": of, **row, **_details(one.entry)}
    return None


def metrics() -> dict[str, Any]:
    """The ten metrics, in the order of the table."""
    rows = [
        {
            "key": metric.key,
            "name": metric.name,
            "full_name": metric.full_name,
            "family": metric.family,
            "task": metric.task,
            "low": metric.low,
            "high": metric.high,
            "higher_is_better": True,
            "needs_judge": metric.needs_judge,
            "definition": metric.definition,
            "formula": metric.formula,
        }
        for metric in METRICS
    ]
    return {"schema": SCHEMA, "benchmark": NAME, "metrics": rows}


def history(before: State, after: State, since: str, at: Moment) -> dict[str, Any]:
    """What changed on the boards since a day, as records and in words."""
    return {**at.head, "since": since, "changes": list(changes(before, after))}


def changes(before: State, after: State) -> Iterable[dict[str, Any]]:
    """Each entry that came, left, moved or got other scores, by board and rank."""
    places_before, places_after = _places(before), _places(after)
    for entry_id, (name, standing) in places_after.items():
        old = places_before.get(entry_id)
        kind = _kind(old, name, standing)
        if kind:
            yield _change(kind, standing.entry, name, old[1].rank if old else None, standing.rank)
    for entry_id, (name, standing) in places_before.items():
        if entry_id not in places_after:
            yield _change("left", standing.entry, name, standing.rank, None)


def _kind(old: tuple[BoardName, Standing] | None, name: BoardName, new: Standing) -> str:
    if old is None:
        return "verified" if name == "official" else "new"
    if old[0] != name:
        return "verified" if name == "official" else "moved"
    was, now = old[1].entry, new.entry
    if was.upload_id != now.upload_id:
        return "earlier version" if _taken_back(was, now) else "new version"
    if not was.judged and now.judged:
        return "judged"
    if was.metrics != now.metrics:
        return "corrected scores"
    return "rank" if old[1].rank != new.rank else ""


def _taken_back(was: Entry, now: Entry) -> bool:
    """Whether the version that was shown is one that its owner has taken back since."""
    last = now.history[-1] if now.history else None
    return last is not None and (last.why, last.submission_id) == (TAKEN_BACK, was.upload_id)


_WORDS: Final = {
    "new": "{name} is new on the {board} board, at rank {rank}.",
    "verified": "{name} was verified: rank {rank} on the Official board.",
    "moved": "{name} moved to the {board} board, at rank {rank}.",
    "new version": "{name} has a new version: rank {rank} on the {board} board, before {old}.",
    "earlier version": "{name} went back to its earlier version: rank {rank} on the {board} board, "
    "before {old}.",
    "judged": "{name} was judged: rank {rank} on the {board} board, before {old}.",
    "corrected scores": "{name} has other scores: rank {rank} on the {board} board, before {old}.",
    "rank": "{name} went from rank {old} to {rank} on the {board} board.",
    "left": "{name} left the {board} board, where it had rank {old}.",
}


def _change(
    kind: str, entry: Entry, name: BoardName, old: int | None, rank: int | None
) -> dict[str, Any]:
    words = {
        "name": entry.model_name,
        "board": name.capitalize(),
        "old": old or "none",
        "rank": rank,
    }
    return {
        "kind": kind,
        "id": entry.entry_id,
        "model_name": entry.model_name,
        "board": name,
        "rank_before": old,
        "rank": rank,
        "text": _WORDS[kind].format(**words),
    }


def _places(state: State) -> dict[str, tuple[BoardName, Standing]]:
    return {
        standing.entry.entry_id: (name, standing)
        for name in reversed(BOARD_NAMES)
        for standing in shown_board(state, name).standings
    }


def _row(
    standing: Standing, name: BoardName, at: Moment, figures: BoardStatistics | None
) -> dict[str, Any]:
    entry = standing.entry
    own = figures.entries.get(entry.entry_id) if figures else None
    url = entry.model_url
    return {
        "id": entry.entry_id,
        "rank": standing.rank,
        "rank_set": own.rank_set if own else None,
        "average_rank": round(standing.average_rank, 4),
        "model_name": entry.model_name,
        "organization": entry.organization,
        "model_url": url if url and link_problem(url) is None else None,
        "verified": entry.status == API_VERIFIED,
        "off_the_shelf": entry.off_the_shelf,
        "synthetic": synthetic(entry, at.demo),
        "date": ((entry.verified_date if name == "official" else entry.date) or "")[:10] or None,
        "metrics": {
            metric.key: {
                "value": entry.metrics.get(metric.key),
                "rank": standing.metric_ranks[metric.key],
                **_figures(own.metrics.get(metric.key) if own else None),
            }
            for metric in METRICS
        },
        "declared": {
            key: value
            for key in entry.declared.__struct_fields__
            if (value := getattr(entry.declared, key)) is not None
        },
        "scorer_version": entry.scorer_version,
    }


def _figures(found: Any) -> dict[str, Any]:
    return {
        "interval": found.interval if found else None,
        "rank_set": found.rank_set if found else None,
        "n": found.n if found else None,
        "units": found.units if found else None,
    }


def _details(entry: Entry) -> dict[str, Any]:
    judge = entry.judge
    return {
        "strict": {m.key: entry.strict.get(m.key) for m in METRICS if entry.strict},
        "coverage": {m.key: entry.coverage[m.key] for m in METRICS if m.key in entry.coverage},
        "by_dataset": msgspec.to_builtins(cells_of(entry)),
        "judge": judge
        and {
            "model": judge.model,
            "date": judge.date,
            "share": judge.share,
            "aspects": judge.aspects,
        },
        "versions": [
            {"replaced": old.replaced, "why": old.why, "date": old.date, "metrics": old.metrics}
            for old in reversed(entry.history)
        ],
    }


def badge_text(standing: Standing, figures: BoardStatistics | None, demo: bool) -> str:
    """An entry's place for a badge: “#3 (1–5)”."""
    own = figures.entries.get(standing.entry.entry_id) if figures else None
    found = f"#{standing.rank}"
    if own and own.rank_set and own.rank_set[0] != own.rank_set[1]:
        found += f" ({own.rank_set[0]}–{own.rank_set[1]})"
    return f"{found} {SYNTHETIC}" if synthetic(standing.entry, demo) else found
