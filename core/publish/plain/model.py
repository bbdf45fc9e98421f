"""A model as a plain page. Pure."""

from markupsafe import Markup

from core.benchmark import NAME
from core.model.entries import BoardName, Entry
from core.model.surplus import held_text
from core.publish import model_text
from core.publish.address import BOARDS, model_address
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
from core.publish.plain.board import Boards
from core.publish.plain.markup import plain
from core.publish.plain.page import Content, rendered
from core.publish.result import CELLS, entry_result
from core.publish.text import one_line
from core.ranking.average_rank import RULE_IN_SHORT
from core.ranking.why import Why, why


def model_page(boards: Boards, name: BoardName, entry_id: str, note: str = "") -> Content | None:
    """The page of an entry of the board `name`; None when it is not shown there.

    `note`: what happened since the link was made.
    """
    explained = why(boards.ranked[name], entry_id)
    if explained is None:
        return None
    entry, statistics = explained.standing.entry, boards.figures[name]
    figures = statistics.entries.get(entry_id) if statistics else None
    standing = model_text.standing(explained, name, figures)
    main = rendered("model", **_said(boards, name, explained), standing=standing, note=note)
    return Content(
        title=f"{one_line(entry.model_name)} · {NAME}",
        description=f"{one_line(in_short(entry))}: {standing} {model_text.profile(explained)}",
        main=plain(main, name, boards.day),
        path=f"/model/{entry_id}",
        live=f".{model_address(entry_id)}",
        day=boards.day,
        picture=f"/board/{name}.png",
        note=boards.note,
    )


def _said(boards: Boards, name: BoardName, explained: Why) -> dict[str, object]:
    """What the template shows; markup only from templates that escape."""
    entry, state = explained.standing.entry, boards.state
    statistics = boards.figures[name]
    figures = statistics.entries.get(entry.entry_id) if statistics else None
    uploaded = entry.upload_id in state.submissions
    result = entry_result(state, entry)
    policy = boards.ranked[name].policy
    scored = Scored(explained, result, policy, figures, uploaded)
    intervals = "" if boards.day else intervals_note(statistics, scored)
    told = declared(entry)
    return {
        "head": Markup(_head(boards, name, entry, uploaded)),  # noqa: S704
        "profile": model_text.profile(explained),
        "scores": Markup(metrics_html(scored)),  # noqa: S704
        "remarks": [one for one in (f"{intervals} {SCORES_NOTE}".strip(), held_text(entry)) if one],
        "why": Markup(said_html(model_text.reasons(explained))),  # noqa: S704
        "rank_rule": RULE_IN_SHORT,
        "datasets": Markup(datasets_html(result)),  # noqa: S704
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
        "versions": Markup(versions_html(entry.history) if entry.history else ""),  # noqa: S704
    }


def _head(boards: Boards, name: BoardName, entry: Entry, uploaded: bool) -> str:
    ways = [
        Way(f"{BOARDS[name]} board", "./" if name == "official" else "./?board=Community"),
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
        "aspects": Markup(captions.aspects_html(judge) if judge and judge.aspects else ""),  # noqa: S704
        "ungraded": captions.ungraded(entry, uploaded),
    }
