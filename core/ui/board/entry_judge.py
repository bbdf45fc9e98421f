"""Who graded an entry's captions, below the board: from a judge run, or not known, or pending."""

import re

import streamlit as st

from core.benchmark import JUDGE_KEYS, METRIC_BY_KEY
from core.model.entries import Entry, Judgement, rounded
from core.publish.numbers import count, percent, usd
from core.ui import times
from core.ui.board.table import pending
from core.ui.text import labelled

_SAFE = re.compile(r"[0-9A-Za-z.+-]{1,64}")


def show_graders(entry: Entry) -> None:
    """One line on the judge, one on its run; what a run replaced is counted."""
    judge = entry.judge
    if judge is None:
        st.caption(
            "Captions graded elsewhere: these values came with the published results."
            if entry.judged
            else pending(entry)
        )
        return
    # The endpoint names itself: text, as everything that somebody else wrote.
    labelled("**Captions graded by**", judge.model)
    st.caption(" · ".join(_facts(entry, judge)))


def _facts(entry: Entry, judge: Judgement) -> list[str]:
    facts = []
    if _SAFE.fullmatch(judge.rubric_version):
        facts.append(f"rubric version {judge.rubric_version}")
    read = times.parse(judge.date)
    if read:
        facts.append(f"on {times.day(read[0])}")
    shares = [
        f"{percent(share)} for {METRIC_BY_KEY[key].name}"
        for key in JUDGE_KEYS
        if judge.metrics.get(key) is not None and (share := judge.share.get(key)) is not None
    ]
    if shares:
        facts.append(f"graded {', '.join(shares)}")
    facts += [count(judge.calls, "call"), usd(judge.cost_usd)]
    if entry.judge_history:
        facts.append(f"after {count(len(entry.judge_history), 'earlier run')}")
    if judge.metrics != {key: rounded(entry.metrics.get(key)) for key in JUDGE_KEYS}:
        facts.append("values edited by the maintainers since")
    return facts
