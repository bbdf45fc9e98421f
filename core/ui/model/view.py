"""A model's page, from its title to the report form."""

from collections.abc import Iterator

import streamlit as st

from core.benchmark import NAME
from core.model.entries import BoardName, Entry
from core.model.statistics import BoardStatistics
from core.model.surplus import held_text
from core.publish import model_text
from core.publish.address import BOARDS, board_address, compare_address, model_address
from core.publish.board.table import badges, versions_badge
from core.publish.facts import Way, head_html, said_html, ways_html
from core.publish.model.about import in_short, links, versions_html
from core.publish.model.scores import (
    SCORES_NOTE,
    Scored,
    datasets_html,
    intervals_note,
    metrics_html,
)
from core.publish.result import CELLS, entry_result
from core.publish.sentences import Sentence
from core.ranking.average_rank import RULE_IN_SHORT
from core.ranking.why import Why, why
from core.ui import cached, times
from core.ui.frame import show_note
from core.ui.model.about import show_declared, show_provenance
from core.ui.model.exports import show_exports
from core.ui.model.judge import show_judge
from core.ui.model.report import show_report
from core.usecases.rank_moves import Move, moves, recent_steps
from core.usecases.whereabouts import Found

_DEFINED = (
    Way("How the metrics are defined", "./about#metrics"),
    Way("What intervals and ranks in brackets mean", "./about#statistics"),
)


def show_model(snap: cached.Snapshot, found: Found) -> None:
    """Everything that is public about one entry."""
    board = snap.board(found.board)
    explained = why(board, found.entry.entry_id)
    if explained is None:
        return  # the board changed in between; the page is drawn again
    entry, statistics = explained.standing.entry, snap.statistics(found.board)
    figures = statistics.entries.get(entry.entry_id) if statistics else None
    uploaded = entry.upload_id in snap.state().submissions
    st.set_page_config(page_title=f"{entry.model_name} · {NAME}")
    st.html(_head(snap, found.board, entry, uploaded))
    show_note()
    if found.note:
        st.info(found.note, icon=":material/info:")
    st.markdown(
        f"**{model_text.standing(explained, found.board, figures)}**  \n"
        f"{model_text.profile(explained)}"
    )
    result = entry_result(snap.state(), entry)
    scored = Scored(explained, result, board.policy, figures, uploaded)
    with st.container(key="beside_scores"):  # side by side on a wide screen (site.css)
        with st.container():
            _show_scores(statistics, scored)
        with st.container():
            _show_why(snap, found.board, explained)
    with st.container(key="beside_datasets"):
        if by_source := datasets_html(result):
            with st.container():
                st.header("By source dataset", anchor="datasets")
                st.html(by_source)
                st.caption(CELLS)
        left, right = st.columns([2, 3], gap="large")
        with left:
            show_declared(entry)
            show_provenance(explained.standing)
        with right:
            show_judge(entry, uploaded and not snap.day)
    if entry.history:
        st.header("Versions", anchor="versions")
        st.html(versions_html(entry.history))
        if versions := versions_badge(entry):
            st.caption(versions[1])
    with st.container(key="screen_report"):  # not printed (core/web/assets/print.css)
        st.header("Download" if snap.day else "Download or report", anchor="report")
        show_exports(snap, found.board, explained.standing)
        if not snap.day:
            with st.expander("Report a problem with this entry", icon=":material/flag:"):
                show_report(entry.entry_id)


def _head(snap: cached.Snapshot, board: BoardName, entry: Entry, uploaded: bool) -> str:
    ways = [
        Way(f"{BOARDS[board]} board", board_address(board, snap.day)),
        Way("Compare", compare_address([entry.entry_id], snap.day)),
        *links(entry),
    ]
    if not snap.day:
        ways.append(Way("Report a problem", f"{model_address(entry.entry_id)}#report"))
    marks = badges(entry, snap.demo, snap.truth)
    if not uploaded:
        marks = tuple(mark for mark in marks if mark[0] != "judge pending")
    return head_html(entry.model_name, in_short(entry), marks, ways)


def _show_scores(statistics: BoardStatistics | None, scored: Scored) -> None:
    st.header("Scores", anchor="scores")
    st.html(metrics_html(scored))
    st.caption(f"{intervals_note(statistics, scored)} {SCORES_NOTE}")
    if waits := held_text(scored.why.standing.entry):
        st.caption(waits)
    st.html(ways_html(_DEFINED))


def _show_why(snap: cached.Snapshot, board: BoardName, explained: Why) -> None:
    st.header("Why this rank", anchor="why")
    st.html(said_html([*model_text.reasons(explained), *_lately(snap, board, explained)], snap.day))
    st.caption(RULE_IN_SHORT)


def _lately(snap: cached.Snapshot, board: BoardName, explained: Why) -> Iterator[Sentence]:
    if snap.day:
        return  # the end of the journal is about today's boards
    steps = recent_steps(snap.store, cached.settings().root, snap.revision, board)
    for move in moves(snap.state(), steps, board, explained.standing.entry.entry_id):
        yield (f"{times.local(move.time)}: {_places(move)}", *move.cause)


def _places(move: Move) -> str:
    if move.before is None or move.after is None:
        return f"rank {move.after or move.before}, since "
    return f"rank {move.before} to {move.after}, since "
