"""The result of a judge run: caption metrics, their aspects, the rank before and after."""

import humanize
import streamlit as st

from core.benchmark import JUDGE_KEYS, METRIC_BY_KEY
from core.model.entries import Judgement, rounded
from core.publish.address import BOARDS
from core.publish.aspect_chart import aspect_chart
from core.publish.facts import columns_html
from core.publish.judges import cost, means
from core.publish.numbers import DASH, fixed, percent
from core.ui import times
from core.ui.text import labelled
from core.usecases.judge_view import JudgeView


def show_judgement(view: JudgeView) -> None:
    """The entry's current caption scores, and their judge and rubric."""
    judge = view.entry.judge
    with st.container(key="aside_judge"):  # side by side where there is room (site.css)
        with st.container():
            _values(view, judge)
        if judge:
            with st.container():
                _aspects(judge)
    if judge:
        _provenance(view, judge)


def _values(view: JudgeView, judge: Judgement | None) -> None:
    with st.container(horizontal=True, gap="medium"):
        for key in JUDGE_KEYS:
            value = view.entry.metrics.get(key)
            share = judge.share.get(key) if judge and value is not None else None
            st.metric(
                METRIC_BY_KEY[key].name,
                fixed(value),
                help=METRIC_BY_KEY[key].definition,
                width="content",
                delta=None if share is None else f"{percent(share)} graded",
                delta_color="off",
                delta_arrow="off",
            )
    if judge is None:
        st.markdown(
            "These values came with the published results, not from a judge run on this server."
        )
        return
    _rank(view)
    if judge.metrics != {key: rounded(view.entry.metrics.get(key)) for key in judge.metrics}:
        st.info("The maintainers edited these values after the run.", icon=":material/edit:")
    labelled("Graded by", f"{judge.model}, {times.local(judge.date)}")
    if said := means(judge.model):
        st.caption(said)


def _rank(view: JudgeView) -> None:
    if view.before is None or view.after is None:
        return
    before, after = view.before, view.after
    moved = (
        "as before"
        if before.rank == after.rank
        else f"**{humanize.ordinal(before.rank)}** without this run’s grades"
    )
    st.markdown(
        f"Among today’s {after.size} models of the {BOARDS[view.board]} board: "
        f"**{humanize.ordinal(after.rank)}** now, {moved}."
    )


def _aspects(judge: Judgement) -> None:
    spec = aspect_chart(judge)
    if spec is None:
        return
    st.markdown("**Where are the captions strong, and where are they weak?**")
    st.vega_lite_chart(
        spec,
        width="stretch",
        alt="Mean grade of each aspect, for each caption metric, from 1 to 5",
    )


def _provenance(view: JudgeView, judge: Judgement) -> None:
    with st.expander("How it was judged"):
        st.text(
            f"Model: {judge.model}\n"
            f"Rubric version: {judge.rubric_version or 'not recorded'}\n"
            + "".join(
                f"Prompt of {task}: {digest[:16]}\n" for task, digest in judge.prompt_hash.items()
            )
            + f"Calls: {judge.calls:,}\n"
            f"Cost: {cost(judge.cost_usd, judge.model)}"
        )
        if view.entry.judge_history:
            st.markdown("**Earlier judge runs**")
            runs = [_earlier(run) for run in reversed(view.entry.judge_history)]
            columns = {name: [run[name] for run in runs] for name in runs[0]}
            st.html(columns_html("Earlier judge runs", columns))


def _earlier(run: Judgement) -> dict[str, str]:
    values = {METRIC_BY_KEY[key].name: fixed(run.metrics.get(key)) for key in JUDGE_KEYS}
    when = times.local(run.date)
    return {"When": when or "not recorded", **values, "Rubric": run.rubric_version or DASH}
