"""The bodies of the read API: boards, models, metrics, history. Pure.

They contain only what the pages show, field by field: never a contact, a key or a sample score.
Undefined is null. docs/api.md and core/web/openapi.yaml describe them.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from core.benchmark import METRICS, NAME
from core.model.entries import API_VERIFIED, BOARD_NAMES, BoardName, Entry
from core.model.links import link_problem
from core.model.published import by_organisers, verified_scores
from core.model.state import State
from core.model.statistics import BoardStatistics
from core.model.surplus import strict_shown
from core.publish.cells import cells_of
from core.publish.exports import SYNTHETIC, synthetic
from core.publish.history import differences
from core.publish.moment import SCHEMA, Moment, board_sha256
from core.ranking.board import Board, Standing


def boards(state: State, at: Moment) -> dict[str, Any]:
    """The list of boards."""
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


def models(boards: Mapping[BoardName, Board], at: Moment) -> dict[str, Any]:
    """Every entry of every board, best first."""
    found = [
        {
            "id": standing.entry.entry_id,
            "model_name": standing.entry.model_name,
            "organization": standing.entry.organization,
            "board": name,
            "rank": standing.rank,
            "path": f"/api/v1/models/{standing.entry.entry_id}",
        }
        for name in reversed(BOARD_NAMES)
        for standing in boards[name].standings
    ]
    return {**at.head, "models": found}


def model(
    boards: Mapping[BoardName, Board],
    entry_id: str,
    at: Moment,
    figures: Mapping[BoardName, BoardStatistics | None],
) -> dict[str, Any] | None:
    """One entry with its details; None if no board shows it."""
    for name, ranked in boards.items():
        if one := ranked.by_id.get(entry_id):
            row = _row(one, name, at, figures.get(name))
            of = len(ranked.entries)
            return {**at.head, "board": name, "of": of, **row, **_details(one.entry)}
    return None


def metrics() -> dict[str, Any]:
    """All metrics, in the order of the table."""
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
    rows = [
        {
            "kind": one.kind,
            "id": one.entry_id,
            "model_name": one.model_name,
            "board": one.board,
            "rank_before": one.old,
            "rank": one.rank,
            "text": one.text,
        }
        for one in differences(before, after)
    ]
    return {**at.head, "since": since, "changes": rows}


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
        "verified_scores": verified_scores(entry),
        "by_organisers": by_organisers(entry),
        "off_the_shelf": entry.off_the_shelf,
        "track": entry.track,
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
    judge, strict = entry.judge, strict_shown(entry)
    return {
        "strict": {m.key: strict.get(m.key) for m in METRICS if entry.strict},
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
    """An entry's rank for a badge, as “#3 (1–5)”."""
    own = figures.entries.get(standing.entry.entry_id) if figures else None
    found = f"#{standing.rank}"
    if own and own.rank_set and own.rank_set[0] != own.rank_set[1]:
        found += f" ({own.rank_set[0]}–{own.rank_set[1]})"
    return f"{found} {SYNTHETIC}" if synthetic(standing.entry, demo) else found
