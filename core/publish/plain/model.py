"""A model as a plain page. Pure."""

from dataclasses import replace

from core.benchmark import NAME
from core.model.entries import BoardName, Entry
from core.model.statistics import EntryFigures
from core.model.surplus import held_text
from core.publish import model_text
from core.publish.address import BOARDS, board_address, model_address
from core.publish.board.table import SCORES_OF, badges
from core.publish.facts import Way, head_html, said_html
from core.publish.judges import means
from core.publish.model import captions
from core.publish.model.about import (
    NOT_SAID,
    SAID,
    declared,
    in_short,
    links,
    provenance,
    versions_html,
)
from core.publish.model.scores import (
    SCORES_NOTE,
    Scored,
    datasets_html,
    intervals_note,
    metrics_html,
)
from core.publish.numbers import DASH
from core.publish.plain.board import Boards, as_of
from core.publish.plain.markup import plain, query
from core.publish.plain.page import Content, markup, rendered
from core.publish.result import CELLS, entry_result
from core.publish.text import one_line
from core.ranking.average_rank import RULE_IN_SHORT
from core.ranking.why import Why, why


def model_page(boards: Boards, name: BoardName, entry_id: str, note: str = "") -> Content | None:
    """The page of an entry of the board `name`; None if it is not shown there.

    `note`: what has happened since the link was made.
    """
    explained = why(boards.ranked[name], entry_id)
    if explained is None:
        return None
    main = rendered("model", **_said(boards, name, explained), note=note)
    return replace(_about(boards, name, explained), main=plain(main, name, boards.day))


def about_model(boards: Boards, name: BoardName, entry_id: str) -> Content | None:
    """The metadata of a model's page, without content yet."""
    explained = why(boards.ranked[name], entry_id)
    return None if explained is None else _about(boards, name, explained)


def _about(boards: Boards, name: BoardName, explained: Why) -> Content:
    entry_id, entry = explained.standing.entry.entry_id, explained.standing.entry
    standing = model_text.standing(explained, name, _figures(boards, name, entry_id))
    return Content(
        title=f"{one_line(entry.model_name)}{as_of(boards.day)} · {NAME}",
        description=f"{one_line(in_short(entry))}: {standing} {model_text.profile(explained)}",
        path=f"/model/{entry_id}",
        live=f".{model_address(entry_id, boards.day)}",
        day=boards.day,
        picture=f"/board/{name}.png{query(boards.day)}",
        note=boards.note,
    )


def _figures(boards: Boards, name: BoardName, entry_id: str) -> EntryFigures | None:
    statistics = boards.figures[name]
    return statistics.entries.get(entry_id) if statistics else None


def _said(boards: Boards, name: BoardName, explained: Why) -> dict[str, object]:
    """The template's variables; markup only from templates that escape."""
    entry, state = explained.standing.entry, boards.state
    statistics, figures = boards.figures[name], _figures(boards, name, entry.entry_id)
    uploaded = entry.upload_id in state.submissions
    result = entry_result(state, entry)
    policy = boards.ranked[name].policy
    scored = Scored(explained, result, policy, figures, uploaded)
    intervals = "" if boards.day else intervals_note(statistics, scored)
    told = declared(entry)
    return {
        "head": markup(_head(boards, name, entry, uploaded)),
        "standing": model_text.standing(explained, name, figures),
        "profile": model_text.profile(explained),
        "scores": markup(metrics_html(scored)),
        "remarks": [one for one in (f"{intervals} {SCORES_NOTE}".strip(), held_text(entry)) if one],
        "why": markup(said_html(model_text.reasons(explained))),
        "rank_rule": RULE_IN_SHORT,
        "datasets": markup(datasets_html(result)),
        "cells": CELLS,
        "declared": [
            ("Organization", entry.organization or DASH),
            *told,
            *([("Track", entry.track)] if entry.track else []),
        ],
        "said": SAID if told else NOT_SAID,
        "provenance": provenance(explained.standing),
        "verification": _verification(entry),
        **_captions(entry, uploaded),
        "versions": markup(versions_html(entry.history) if entry.history else ""),
    }


def _head(boards: Boards, name: BoardName, entry: Entry, uploaded: bool) -> str:
    ways = [
        Way(f"{BOARDS[name]} board", board_address(name)),
        *links(entry),
    ]
    marks = [
        mark
        for mark in badges(entry, boards.demo, boards.truth)
        if uploaded or mark[0] != "judge pending"
    ]
    return head_html(entry.model_name, in_short(entry), marks, ways)


def _verification(entry: Entry) -> list[tuple[str, str]]:
    found = []
    if entry.verification and entry.verification.scores:
        found.append(("Scores", SCORES_OF[entry.verification.scores]))
    if entry.verified_note:
        found.append(("Verification", entry.verified_note))
    return found


def _captions(entry: Entry, uploaded: bool) -> dict[str, object]:
    judge = entry.judge
    return {
        "graded_by": judge.model if judge else "",
        "judge_facts": captions.facts(entry, judge) if judge else [],
        "judge_means": means(judge.model) if judge else None,
        "aspects": markup(captions.aspects_html(judge) if judge and judge.aspects else ""),
        "ungraded": captions.ungraded(entry, uploaded),
    }
