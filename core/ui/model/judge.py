"""Who graded a model's captions, and what came of it: from a judge run, or elsewhere, or not."""

import re
from typing import Final

import streamlit as st

from core.benchmark import JUDGE_ASPECTS, JUDGE_KEYS, METRIC_BY_KEY
from core.model.entries import Entry, Judgement, rounded
from core.model.published import PUBLISHED
from core.publish import dates
from core.publish.board.table import pending
from core.publish.facts import MISSING, TEXT, Cell, table_html
from core.publish.judges import cost, means
from core.publish.numbers import count, fixed, percent
from core.ui.navigation import judge_link
from core.ui.text import labelled

_SAFE: Final = re.compile(r"[0-9A-Za-z.+-]{1,64}")
NOT_HERE: Final = (
    "The entry came without caption scores and without an upload, so that no judge can grade it."
)


def show_judge(entry: Entry, uploaded: bool) -> None:
    """The judge, its run and its grades by aspect. `uploaded`: an upload is behind the entry."""
    st.subheader("Captions", anchor="captions")
    if entry.judge is None:
        st.markdown(ungraded(entry, uploaded))
    else:
        # The endpoint names itself: text, as everything that somebody else wrote.
        labelled("**Graded by**", entry.judge.model)
        st.caption(" · ".join(_facts(entry, entry.judge)))
        if said := means(entry.judge.model):
            st.caption(said)
        if entry.judge.aspects:
            st.html(aspects_html(entry.judge))
    if uploaded:
        judge_link(entry.entry_id, "To its judge run")


def ungraded(entry: Entry, uploaded: bool) -> str:
    """Why no judge run of this server is behind an entry, in one sentence."""
    if entry.judged:
        came = "published results" if entry.extra.get(PUBLISHED) is True else "entry"
        return f"Graded elsewhere: the values came with the {came}."
    return pending(entry) if uploaded else NOT_HERE


def _facts(entry: Entry, judge: Judgement) -> list[str]:
    facts = []
    if _SAFE.fullmatch(judge.rubric_version):
        facts.append(f"rubric version {judge.rubric_version}")
    read = dates.parse(judge.date)
    if read:
        facts.append(f"on {dates.day(read[0])}")
    shares = [
        f"{percent(share)} for {METRIC_BY_KEY[key].name}"
        for key in JUDGE_KEYS
        if judge.metrics.get(key) is not None and (share := judge.share.get(key)) is not None
    ]
    if shares:
        facts.append(f"graded {', '.join(shares)}")
    facts += [count(judge.calls, "call"), cost(judge.cost_usd, judge.model)]
    if entry.judge_history:
        facts.append(f"after {count(len(entry.judge_history), 'earlier run')}")
    if judge.metrics != {key: rounded(entry.metrics.get(key)) for key in JUDGE_KEYS}:
        facts.append("values edited by the maintainers since")
    return facts


def aspects_html(judge: Judgement) -> str:
    """The mean grade of each aspect, 1 to 5, for each caption metric."""
    head = [Cell("Aspect, 1 to 5", TEXT), *(Cell(METRIC_BY_KEY[key].name) for key in JUDGE_KEYS)]
    rows = [
        [
            Cell(name, "name"),
            *(_grade(judge.aspects.get(key, {}).get(aspect)) for key in JUDGE_KEYS),
        ]
        for aspect, name in JUDGE_ASPECTS.items()
    ]
    return table_html("Mean grade of each aspect", head, rows)


def _grade(value: float | None) -> Cell:
    return Cell(fixed(value), MISSING if value is None else "")
