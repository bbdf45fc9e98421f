"""The result card: rank, metrics with coverage and strict score, by dataset, next steps."""

import humanize
import msgspec
import streamlit as st

from core.benchmark import DATASETS, JUDGE_KEYS, METRICS, SCORED_KEYS, TASK_BY_KEY, Metric
from core.changes.judging import HELD as HELD_CAPTIONS
from core.model.contracts.evaluation import Coverage
from core.model.contracts.review import Review
from core.model.surplus import HELD, surplus_text
from core.publish.address import BOARDS, board_address, compare_address, model_address
from core.publish.board.table import below_minimum
from core.publish.facts import Way, columns_html, styles_html, ways_html
from core.publish.numbers import DASH, fixed, percent
from core.publish.result import CELLS, STRICT, Result, unscored_reasons
from core.publish.what_helps import what_helps
from core.ranking.coverage import share
from core.ranking.why import Place
from core.ui import cached, navigation
from core.ui.judge.acts import NO_JUDGE
from core.ui.text import labelled


def show_result(result: Result, owner: bool, review: Review | None = None) -> None:
    """The card; the `owner` also sees what would help most and what to do next.

    `review` is the check of the file, if this session has it.
    """
    with st.container(border=True):
        _rank(result)
        with st.container(key="aside_result"):  # side by side where there is room (site.css)
            st.html(columns_html("Scores by metric", metric_table(result), notes=("Note",)))
            with st.container():
                if owner:
                    _helps(result, review)
                _reading(result)
        with st.expander("By source dataset"):
            st.html(columns_html("Scores by source dataset", dataset_table(result)))
            st.caption(CELLS)
        if owner:
            _next(result)


def _reading(result: Result) -> None:
    """How to read the table of metrics."""
    if worse := worse_than_before(result):
        st.markdown(
            f":material/trending_down: Lower than in the previous version: {', '.join(worse)}."
        )
    st.caption(
        "Score: over the records that could be scored. Coverage: their share, or that of the "
        f"aspects and components answered if it is smaller. Strict: the score {STRICT}. "
        "To next: the gap to the next better score. “—”: "
        "not computed. NAP_acc does not start at 0: any answer, even an empty one, is mapped "
        "to a label and can be right by chance."
    )


def _rank(result: Result) -> None:
    on_board, judge_free = result.ranks.on_board, result.ranks.judge_free
    verb = "" if result.published else "Would be "
    st.header(
        f"{verb}{humanize.ordinal(on_board.rank)} of {on_board.size} on the "
        f"{BOARDS[result.ranks.board]} board",
        anchor=False,
    )
    st.markdown(
        f"By the metrics that need no judge: **{humanize.ordinal(judge_free.rank)} of "
        f"{judge_free.size}** models of both boards."
    )
    if said := captions_text(result):
        st.markdown(said)
    above = result.why.above if result.why else None
    if above:
        labelled("Next above:", above.entry.model_name)
    ways = ways_of(result)
    if ways:
        st.html(styles_html() + ways_html(ways))


def captions_text(result: Result) -> str:
    """What the graded captions added, as Markdown; "" before they are graded."""
    found = result.captions
    if found is None or found.without is None or found.with_grades is None:
        return ""
    names = {metric.key: metric.name for metric in METRICS}
    scores = ", ".join(f"{names[key]} {fixed(result.metrics.get(key))}" for key in JUDGE_KEYS)
    without, now = (humanize.ordinal(one.rank) for one in (found.without, found.with_grades))
    moved = f"**{now}**, as without them" if without == now else f"**{now}**, {without} without"
    return f"The captions added {scores}: with them the entry is {moved}."


def worse_than_before(result: Result) -> list[str]:
    """The names of the metrics in which the new version is lower."""
    return [
        metric.name
        for metric in METRICS
        if (old := result.before.get(metric.key)) is not None
        and (value := result.metrics.get(metric.key)) is not None
        and value < old
    ]


def ways_of(result: Result) -> list[Way]:
    """Links to the entry and to its comparison with the next above; none while it is not shown."""
    if not result.published or not result.entry_id:
        return []
    ways = [Way("See the entry", model_address(result.entry_id))]
    if result.why and result.why.above:
        ids = (result.entry_id, result.why.above.entry.entry_id)
        ways.append(Way("Compare with the next above", compare_address(ids)))
    return ways


def _helps(result: Result, review: Review | None) -> None:
    unread = {
        metric.task: given.records - given.answered
        for metric in METRICS
        if (given := result.coverage.get(metric.key))
    }
    if review:
        unread |= {task.key: task.empty + task.unreadable for task in review.tasks}
    coverage = {key: given for key, given in result.coverage.items() if key not in result.held}
    not_counted = result.low if result.policy.enforce_min_coverage else ()
    found = what_helps(result.metrics, coverage, unread, not_counted)
    if found:
        st.markdown("**What would help most**\n\n" + "\n".join(f"- {one.text}" for one in found))


def metric_table(result: Result) -> dict[str, list[str]]:
    """The cells by column, one row per metric in the board's order.

    The columns for the previous version and for notes are left out if empty.
    """
    rows = [_row(result, metric) for metric in METRICS]
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    if not result.before:
        del columns["Before"]
    if not any(columns["Note"]):
        del columns["Note"]
    return columns


def _row(result: Result, metric: Metric) -> dict[str, str]:
    value = result.metrics.get(metric.key)
    # The coverage of a judged metric is from the evaluation, before the captions were graded.
    known = value is not None and not metric.needs_judge
    place = (
        next((one for one in result.why.places if one.metric is metric), None)
        if (result.why and value is not None)
        else None
    )
    coverage = result.coverage.get(metric.key) if known else None
    return {
        "Metric": metric.name,
        "Before": _before(result.before.get(metric.key), value),
        "Score": fixed(value),
        "Rank": _place(place),
        "To next": DASH if place is None or place.to_next is None else f"+{fixed(place.to_next)}",
        "Strict": fixed(result.strict.get(metric.key)),
        "Coverage": _share(coverage, metric.key),
        "Scored": f"{coverage.scored:,}\N{NO-BREAK SPACE}/\N{NO-BREAK SPACE}{coverage.records:,}"
        if coverage
        else DASH,
        "Note": _note(metric, result, coverage),
    }


def _before(old: float | None, value: float | None) -> str:
    """The score of the previous version, and the difference of the new one."""
    if old is None or value is None:
        return fixed(old)
    return f"{fixed(old)} ({value - old:+.3f})"


def _place(place: Place | None) -> str:
    if place is None or place.value is None:
        return DASH
    return f"{place.rank}\N{NO-BREAK SPACE}of\N{NO-BREAK SPACE}{place.of}"


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
            return f"{given.answered:,} answers for {task}, none of which could be scored"
        return f"no answers for {task} in the file"
    reasons = [below_minimum(result.policy)] if metric.key in result.low else []
    reasons += unscored_reasons(coverage, metric.key) if coverage else []
    if more := result.surplus.get(metric.key):
        reasons.append(surplus_text(more))
    return "; ".join(reasons)


def dataset_table(result: Result) -> dict[str, list[str]]:
    """The cells by column: one row per source dataset, one column per scored judge-free metric."""
    keys = [key for key in SCORED_KEYS if result.by_dataset.get(key)]
    names = {metric.key: metric.name for metric in METRICS}
    present = {name for key in keys for name in result.by_dataset[key]}
    ordered = [*(d for d in DATASETS if d in present), *sorted(present - set(DATASETS))]
    scores = {names[key]: [_cell(result, key, name) for name in ordered] for key in keys}
    return {"Dataset": ordered, **scores}


def _cell(result: Result, key: str, dataset: str) -> str:
    score = result.by_dataset[key].get(dataset)
    return DASH if score is None else f"{fixed(score.value)} ({score.n:,})"


def _next(result: Result) -> None:
    st.markdown("**What to do next**")
    if result.published:
        board, captions = result.ranks.board, result.captions
        graded = captions is not None and (captions.graded or captions.held)
        ready = bool(cached.settings().judge_key) and not graded
        judge = (
            "Its captions are graded."
            if captions and captions.graded
            else HELD_CAPTIONS
            if graded
            else "Have its captions graded: the caption metrics come from the caption judge. Until "
            "it has run, the entry says “judge pending” and ranks last in them."
            if ready
            else NO_JUDGE
        )
        st.markdown(
            "- Keep the submission key: it is the only proof that the entry is yours.\n"
            f"- The entry is on the [{BOARDS[board]} board]({board_address(board)}).\n"
            f"- {judge}"
        )
        if result.entry_id and ready:
            navigation.judge_link(result.entry_id)
    elif result.past:
        st.markdown(f"- {result.past}\n- *My submissions* shows what you can do with the entry.")
    else:
        st.markdown(
            "- Nothing was published, and no name was taken.\n"
            "- Keep the submission key: you need it to see these scores again.\n"
            "- To be on the board, submit the file once more without “evaluate only”."
        )
