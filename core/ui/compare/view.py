"""A comparison, from the summary sentence to the source datasets."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Final

import streamlit as st

from core.benchmark import FAMILIES, METRICS, NAME
from core.model.statistics import PairFigures
from core.publish.address import BOARDS, compare_address
from core.publish.board.figures import COMPUTING
from core.publish.cells import cells_of
from core.publish.compare_text import quoted, sentence
from core.publish.exports import synthetic
from core.publish.facts import Way, copy_html, ways_html
from core.publish.model_text import one_reason
from core.publish.result import CELLS
from core.publish.slope_chart import slope_chart
from core.ui import cached
from core.ui.as_of import base_url, day_in_words
from core.ui.compare.chosen import Compared
from core.ui.compare.tables import counts, datasets_html, pair_html, pair_notes, values_html
from core.ui.session import current_services
from core.usecases.statistics import pair_differences, pair_figures

_TABLE: Final = 660  # pixels that the table of a pair needs
_CHARTS: Final = 1000  # fits beside the second pair on a wide screen
_MARKED: Final = "Marked: the best. The rank is that on the model’s own board."
_NOT_COUNTED: Final = (
    "A score that does not count is from too few of its questions: it has no rank, and its "
    "difference is not tested."
)
_PAIRS = (
    "Differences of scores; p is corrected over the metrics compared (Holm) and rounded up. "
    "Detectable: the smallest difference that such a test set detects in 80 of 100 cases at 5 %. "
    "Wins and ties count records, and only between different teams."
)


_DEFINED = Way("What these figures mean", "./about#statistics")


def show_comparison(snap: cached.Snapshot, models: Sequence[Compared]) -> None:
    """Everything about two to four models; each of the others is compared with the first."""
    for warning in warnings(snap, models):
        st.warning(warning, icon=":material/warning:")
    first, others = models[0], models[1:]
    st.header("In one sentence", anchor="sentence")
    figures = [_pair(snap, first, one) for one in others]
    for other, found in zip(others, figures, strict=True):
        said = sentence(first.name, other.name, first.values, other.values, found)
        st.html(copy_html(f"quote-{other.letter}", _quote(snap, said, (first, other))))
    row = st.container(horizontal=True, gap="medium")  # side by side where there is room
    with row:
        with st.container(width="content"):
            st.header("Scores", anchor="scores")
            st.html(values_html(models, snap.day))
            st.caption(f"{_MARKED} {_NOT_COUNTED}" if uncounted(models) else _MARKED)
        for other, found in zip(others, figures, strict=True):
            with st.container(width=_TABLE):
                st.header(f"{first.letter} against {other.letter}", anchor=f"pair-{other.letter}")
                st.html(pair_html(first, other, found))
                reason = one_reason(found.metrics) if found else COMPUTING
                for note in pair_notes(found) if found else ():
                    st.caption(note)
                st.caption(f"Differences of scores only. {reason}" if reason else _PAIRS)
    with row.container(width=_CHARTS) if len(models) == 3 else st.container():
        _show_chart(models, figures[-1])
    st.html(ways_html([*_orders(models, snap.day), _DEFINED]))
    _show_sources(snap, models)


def _show_sources(snap: cached.Snapshot, models: Sequence[Compared]) -> None:
    """A table for each family of metrics, in two columns of similar height if there is room."""
    cells = [cells_of(one.standing.entry) for one in models]
    tables = {
        family: found
        for family in FAMILIES
        if (found := datasets_html(models, cells, family, snap.day))
    }
    if not tables:
        return
    st.header("By source dataset", anchor="datasets")
    with st.container(horizontal=True, gap="large"):
        for column in (("assessment", "captioning"), ("grounding",)):
            with st.container(width="content"):
                for family in (one for one in column if one in tables):
                    st.markdown(f"**{family.capitalize()}**")
                    st.html(tables[family])
    st.caption(CELLS)


def warnings(snap: cached.Snapshot, models: Sequence[Compared]) -> Iterator[str]:
    """Why these models' scores or ranks are not comparable; one sentence each."""
    entries = [one.standing.entry for one in models]
    if len({synthetic(entry, snap.demo) for entry in entries}) > 1:
        yield (
            "Some of these models were scored on the synthetic demo benchmark, others on the real "
            "one: their scores are not comparable."
        )
    elif any(x != y for x, y in pairwise([e.ground_truth_sha256 for e in entries])):
        yield (
            "These models were not scored against the same ground truth, or this is unknown: "
            "compare them with care."
        )
    if len({one.board for one in models}) > 1:
        yield "These models are on two boards; each rank is on the model’s own board."


def uncounted(models: Sequence[Compared]) -> bool:
    """Whether a score of one of them does not count in its rank."""
    return any(
        value is not None and not counts(one, key)
        for one in models
        for key, value in one.values.items()
    )


def _pair(snap: cached.Snapshot, a: Compared, b: Compared) -> PairFigures | None:
    if snap.day:
        return pair_differences(snap.state(), a.entry_id, b.entry_id)
    return pair_figures(current_services(), a.entry_id, b.entry_id)


def _quote(snap: cached.Snapshot, said: str, models: Sequence[Compared]) -> str:
    boards = " and ".join(dict.fromkeys(BOARDS[one.board] for one in models))
    day = date.fromisoformat(snap.day) if snap.day else datetime.now(UTC).date()
    address = compare_address((one.entry_id for one in models), snap.day)
    where = f"{base_url()}/{address.removeprefix('./')}"
    return quoted(said, f"{NAME} leaderboard, {boards}", day_in_words(day), where)


def _show_chart(models: Sequence[Compared], ends: PairFigures | None) -> None:
    """A chart for each family of metrics, side by side; stacked on a phone.

    `ends` are the figures of the first model against the last.
    """
    known = ends.metrics.items() if ends else ()
    level = {key for key, one in known if one.interval is not None and one.verdict == "open"}
    last = models[-1].letter
    st.markdown(
        f"**Which metrics go up from {models[0].letter} to {last}?** Blue ones do, orange ones go "
        "down, grey ones are not distinguishable. Each is drawn as the share of its range that was "
        "reached."
    )
    for column, family in zip(st.columns(len(FAMILIES)), FAMILIES, strict=True):
        metrics = [metric for metric in METRICS if metric.family == family]
        spec = slope_chart([one.values for one in models], metrics, level)
        with column:
            st.markdown(f"**{family.capitalize()}**")
            if spec is None:
                st.caption("No metric has two scores.")
                continue
            names = ", ".join(metric.name for metric in metrics)
            st.vega_lite_chart(
                spec,
                key=f"slope_{family}",
                theme=None,
                width="stretch",
                alt=f"Slopes of {names} from model to model; the table above has the values",
            )


def _orders(models: Sequence[Compared], as_of: str) -> list[Way]:
    """For more than two models, links that compare all with another one of them."""
    found = []
    for one in models[1:] if len(models) > 2 else ():
        rest = [other.entry_id for other in models if other is not one]
        where = compare_address([one.entry_id, *rest], as_of)
        found.append(Way(f"Compare all with {one.letter}", where))
    return found
