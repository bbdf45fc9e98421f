"""The result card: rank, the metrics with coverage and strict, by dataset, what comes next."""

import humanize
import msgspec
import pandas as pd
import streamlit as st

from core.benchmark import DATASETS, METRICS, PARTS, SCORED_KEYS, TASK_BY_KEY, Metric
from core.model.contracts.evaluation import Coverage
from core.model.surplus import HELD, surplus_text
from core.publish.numbers import DASH, fixed, percent
from core.ranking.coverage import share
from core.ui import cached, navigation
from core.ui.address import BOARDS
from core.ui.judge.acts import NO_JUDGE
from core.usecases.job_view import Result

CELLS = (
    "Score, and in brackets the number of records scored. “—”: with under 100 records a score "
    "would tell which answers were right. One that such a score follows from is not shown either."
)


def show_result(result: Result, owner: bool) -> None:
    """The card; `owner` is told what to do next."""
    with st.container(border=True):
        _rank(result)
        st.table(metric_table(result), hide_index=True, border="horizontal")
        st.caption(
            "Score: over the records that could be scored; coverage is their share, or that of the "
            "aspects and components answered when it is smaller. Strict: the same with everything "
            "unscored counted as 0. “—”: not computed. NAP_acc does not begin at 0: any answer is "
            "mapped to a label, an empty one too, and is right now and then by chance."
        )
        with st.expander("By source dataset"):
            st.table(dataset_table(result), hide_index=True, border="horizontal")
            st.caption(CELLS)
        if owner:
            _next(result)


def _rank(result: Result) -> None:
    on_board, judge_free = result.ranks.on_board, result.ranks.judge_free
    verb = "" if result.published else "Would be "
    st.subheader(
        f"{verb}{humanize.ordinal(on_board.rank)} of {on_board.size} on the "
        f"{BOARDS[result.ranks.board]} board",
        anchor=False,
    )
    st.markdown(
        f"By the metrics that need no judge: **{humanize.ordinal(judge_free.rank)} of "
        f"{judge_free.size}** models of both boards."
    )


def metric_table(result: Result) -> pd.DataFrame:
    """One row per metric, in the board's order; all cells are text of ours."""
    return pd.DataFrame([_row(result, metric) for metric in METRICS])


def _row(result: Result, metric: Metric) -> dict[str, str]:
    value = result.metrics.get(metric.key)
    # A judged metric's coverage is of the evaluation, before the captions were graded.
    known = value is not None and not metric.needs_judge
    coverage = result.coverage.get(metric.key) if known else None
    return {
        "Metric": metric.name,
        "Score": fixed(value),
        "Strict": fixed(result.strict.get(metric.key)),
        "Coverage": _share(coverage, metric.key),
        "Scored": f"{coverage.scored:,}\N{NO-BREAK SPACE}/\N{NO-BREAK SPACE}{coverage.records:,}"
        if coverage
        else DASH,
        "Note": _note(metric, result, coverage),
    }


def _share(coverage: Coverage | None, key: str) -> str:
    found = share({key: msgspec.to_builtins(coverage)}, key) if coverage else None
    return DASH if found is None else percent(found)


def _note(metric: Metric, result: Result, coverage: Coverage | None) -> str:
    if found := result.held.get(metric.key):
        return f"{HELD}: {surplus_text(found)}"
    if result.metrics.get(metric.key) is None:
        if metric.needs_judge:
            return "judge pending"
        given = result.coverage.get(metric.key)
        task = TASK_BY_KEY[metric.task].short
        if given and given.answered:
            return f"{given.answered:,} answers for {task}, of which none could be scored"
        return f"no answers for {task} in the file"
    reasons = unscored_reasons(coverage, metric.key) if coverage else []
    if more := result.surplus.get(metric.key):
        reasons.append(surplus_text(more))
    return ", ".join(reasons)


def unscored_reasons(coverage: Coverage, key: str) -> list[str]:
    """Why records of a metric were not scored, each with how many, and parts that none named."""
    unscored = coverage.unscored.items()
    reasons = [f"{name.replace('_', ' ')}: {count:,}" for name, count in unscored if count]
    if coverage.parts and (coverage.parts_named or 0) < coverage.parts:
        reasons.append(f"{PARTS[key]} answered: {coverage.parts_named:,} of {coverage.parts:,}")
    if coverage.off_label:
        reasons.append(f"no label, counted as the nearest: {coverage.off_label:,}")
    return reasons


def dataset_table(result: Result) -> pd.DataFrame:
    """One row per source dataset, one column per judge-free metric that was computed."""
    keys = [key for key in SCORED_KEYS if result.by_dataset.get(key)]
    names = {metric.key: metric.name for metric in METRICS}
    present = {name for key in keys for name in result.by_dataset[key]}
    ordered = [*(d for d in DATASETS if d in present), *sorted(present - set(DATASETS))]
    return pd.DataFrame(
        [
            {"Dataset": name, **{names[key]: _cell(result, key, name) for key in keys}}
            for name in ordered
        ]
    )


def _cell(result: Result, key: str, dataset: str) -> str:
    score = result.by_dataset[key].get(dataset)
    return DASH if score is None else f"{fixed(score.value)} ({score.n:,})"


def _next(result: Result) -> None:
    st.markdown("**What to do next**")
    if result.published:
        ready = bool(cached.settings().judge_key)
        judge = (
            "Have its captions graded: the caption metrics come from the caption judge. Until "
            "it has run, the entry says “judge pending” and ranks last on them."
            if ready
            else NO_JUDGE
        )
        st.markdown(
            "- Keep the submission key: it is the only proof that the entry is yours.\n"
            "- The entry is on the [Community board](./?board=Community).\n"
            f"- {judge}"
        )
        if result.entry_id:
            navigation.model_link(result.entry_id)
            if ready:
                navigation.judge_link(result.entry_id)
    else:
        st.markdown(
            "- Nothing was published, and no name was taken.\n"
            "- Keep the submission key: only with it can these scores be seen again.\n"
            "- To stand on the board, submit the file once more without “evaluate only”."
        )
