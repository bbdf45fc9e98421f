"""The details of one entry below the board: what is declared, scored, counted; a report form."""

import re

import pandas as pd
import streamlit as st

from core.benchmark import METRICS
from core.changes.versions import RESCORED
from core.model.entries import Entry, Version
from core.model.fields import FIELDS
from core.model.surplus import held_text
from core.publish.numbers import DASH, count, fixed, percent
from core.ranking.board import Board, Standing
from core.ranking.coverage import parts_text
from core.ui import cached, times
from core.ui.address import ENTRY
from core.ui.board.entry_judge import show_graders
from core.ui.board.entry_report import show_report
from core.ui.submit.result import CELLS, dataset_table, metric_table
from core.ui.text import labelled
from core.usecases.job_view import entry_result

_SAFE = re.compile(r"[0-9A-Za-z.+-]{1,64}")
_NONE = "Choose a model to see what stands behind its row"


def show_entry(snap: cached.Snapshot, board: Board) -> None:
    """A choice among the board's entries, which the address keeps, and the one chosen."""
    found = {standing.entry.entry_id: standing for standing in board.standings}
    if not found:
        return
    st.header("One entry", anchor=ENTRY)
    asked = st.query_params.get(ENTRY, "")
    chosen = st.selectbox(
        "Details of an entry",
        list(found),
        index=list(found).index(asked) if asked in found else None,
        format_func=lambda wanted: _label(found.get(wanted)),
        key=f"entry_of_{board.name}",
        placeholder=_NONE,
        label_visibility="collapsed",
    )
    if chosen is None:
        if asked in found:
            del st.query_params[ENTRY]
        return
    if chosen != asked:
        st.query_params[ENTRY] = chosen
    if chosen in found:
        _show(snap, board, found[chosen])


def _label(standing: Standing | None) -> str:
    return f"{standing.rank}. {standing.entry.model_name}" if standing else ""


def _show(snap: cached.Snapshot, board: Board, standing: Standing) -> None:
    entry = standing.entry
    with st.container(border=True):
        left, right = st.columns([2, 3], gap="large")
        with left:
            _declared(entry)
        with right:
            _scores(snap, entry)
            _low_coverage(board, standing)
            if waits := held_text(entry):
                st.caption(waits)
            _provenance(standing)
            show_graders(entry)
        if entry.history:
            with st.expander(f"Earlier versions ({len(entry.history)})"):
                st.table(versions_table(entry.history), hide_index=True, border="horizontal")
        with st.expander("Report a problem with this entry", icon=":material/flag:"):
            show_report(entry.entry_id)


def _declared(entry: Entry) -> None:
    """What the participant says: shown as text, and said to be their word."""
    labelled("**Model**", entry.model_name)
    labelled("**Organization**", entry.organization or DASH)
    declared_values = [
        (field.entry_label or field.label, field.text(field.value_of(entry)))
        for field in FIELDS
        if field.declared or field.key == "model_url"
    ]
    for label, value in declared_values:
        if value:
            labelled(f"**{label}**", value)
    if entry.track:
        labelled("**Track**", entry.track)
    if any(value for _, value in declared_values):
        st.caption("What is said of the model is its participants’ word.")


def _scores(snap: cached.Snapshot, entry: Entry) -> None:
    result = entry_result(snap.state(), entry)
    st.table(metric_table(result), hide_index=True, border="horizontal")
    if result.by_dataset:
        with st.expander("By source dataset"):
            st.table(dataset_table(result), hide_index=True, border="horizontal")
            st.caption(CELLS)


def _low_coverage(board: Board, standing: Standing) -> None:
    if not standing.low:
        return
    names = {metric.key: metric.name for metric in METRICS}
    low_metrics = []
    for key, share in standing.low.items():
        answered = parts_text(standing.entry.coverage, key)
        low_metrics.append(f"{names[key]} ({percent(share)}{f', {answered}' * bool(answered)})")
    counts = (
        "They do not count in the rank."
        if board.policy.enforce_min_coverage
        else "They are marked ◐ in the table and count in the rank."
    )
    least = percent(board.policy.min_coverage)
    st.caption(f"Scored on under {least} of their questions: {', '.join(low_metrics)}. {counts}")


def _provenance(standing: Standing) -> None:
    """What the numbers came of: tries, version, truth, file. All of it is ours."""
    entry = standing.entry
    facts = []
    if standing.tries is not None:
        tries = count(standing.tries, "try", "tries")
        facts.append(f"**{tries}** of this team on the hidden set, “evaluate only” included")
    for label, text in (("scored", entry.date), ("verified", entry.verified_date)):
        if _date(text):
            facts.append(f"{label} on {_date(text)}")
    for label, text in (
        ("scorer", entry.scorer_version),
        ("predictions SHA-256", entry.predictions_sha256),
        ("ground truth SHA-256", entry.ground_truth_sha256),
    ):
        if text and _SAFE.fullmatch(text):
            facts.append(f"{label} {text[:12]}")
    if facts:
        st.caption(" · ".join(facts))
    if entry.verified_note:
        labelled("**Verification**", entry.verified_note)


def versions_table(history: tuple[Version, ...]) -> pd.DataFrame:
    """Earlier scores, the newest first; all cells are text of ours."""
    return pd.DataFrame(
        [
            {
                "Scored": _date(old.date) or DASH,
                "Until": _date(old.replaced) or DASH,
                "Replaced by": "re-scored" if old.why == RESCORED else "a new version",
                **{metric.name: fixed(old.metrics.get(metric.key)) for metric in METRICS},
            }
            for old in reversed(history)
        ]
    )


def _date(text: str | None) -> str | None:
    """A stored date in words; None for what is none, so that no other text gets through."""
    found = times.parse(text)
    return times.day(found[0]) if found else None
