"""A judge run on its page: a card with the state, then its numbers, with its log folded."""

from typing import Final

import streamlit as st

from core.errors import MedVidBenchError
from core.model.contracts.judge import JudgePlan, JudgeProgress
from core.publish.address import BOARDS
from core.publish.judges import cost, means
from core.publish.numbers import DASH, duration, rough
from core.runs.judging.plan import too_much
from core.settings import Settings
from core.ui.job_card import (
    POLL_S,
    STATES,
    Color,
    show_end,
    show_log,
    show_progress,
    show_reason,
)
from core.ui.judge.acts import CANCEL, NO_JUDGE, RESUME, START, TYPED_KEY
from core.ui.judge.result import show_judgement
from core.ui.key_field import show_folded_key_field
from core.ui.session import VisitorSession
from core.ui.text import labelled, refusal
from core.ui.visitor import proof
from core.usecases.judge_view import LIVE, JudgeView, judge_view, plan_of, usual_rate
from core.usecases.services import Services

_CLOSE: Final = (
    "You may close this tab: the run continues without it. Bookmark this page to return."
)
_PAID: Final = "The maintainers pay for the calls. "
_SECONDS_A_CALL: Final = 2.0  # assumed until a run here has measured it
_NEXT: Final = {
    "incomplete": "Too few captions got a grade, so nothing was published: a metric of only some "
    "captions would not be comparable. Scores so far are kept. **Resume** grades only what is "
    "missing.",
    "failed": "Nothing was published. The scores so far are kept: once the cause is fixed, "
    "**Resume** grades only what is missing.",
    "cancelled": "Nothing was published. The scores so far are kept: **Resume** grades only what "
    "is missing.",
    "interrupted": "The run’s process ended unexpectedly; your file is not the cause. Nothing was "
    "published. The scores so far are kept: **Resume** grades only what is missing.",
}


def show_run(services: Services, session: VisitorSession, view: JudgeView) -> None:
    """The card of a model, and below it the key field for visitors without its key."""
    with st.container(border=True):
        if view.state in LIVE:
            _live(services, session, view.entry.entry_id)
        else:
            _ended(services, session, view)
        for text in session.judge_acts.troubles(view.entry.entry_id):
            refusal(text)
    closed = view.state == "not started" and not services.settings.judge_key
    no_use = view.owner or view.keyless or closed
    if not no_use and view.state not in ("no upload", "completed"):
        show_folded_key_field(session, TYPED_KEY)


@st.fragment(run_every=POLL_S)
def _live(services: Services, session: VisitorSession, entry_id: str) -> None:
    """The waiting or running job; the whole page is drawn again when it has ended."""
    if session.judge_acts.pending:
        st.rerun()  # Cancel was clicked, which runs this fragment only: the page performs it
    try:
        view = judge_view(services, entry_id, proof(services.settings, session))
    except MedVidBenchError:
        st.caption("The server cannot read the run’s record at the moment; trying again.")
        return
    if view is None or view.state not in LIVE:
        st.rerun()
    _draw_live(session, view, services.settings)


def _draw_live(session: VisitorSession, view: JudgeView, settings: Settings) -> None:
    model, free = settings.judge_model, settings.demo_judge
    _title(view)
    if view.state == "elsewhere":
        st.info(
            "**A run is in progress on another machine.** Its grades appear here when that machine "
            "has published them.",
            icon=":material/lan:",
        )
        return
    job = view.job
    if job is None:
        return
    pairs = f"{job.judged.done:,} of {job.judged.total:,} pairs" if job.judged else "getting ready"
    show_progress(job, view.queue_place, pairs)
    if view.state != "queued" and job.judged:
        _numbers(job.judged, cost(job.cost_usd + job.judged.cost_usd, model))
    st.caption(_CLOSE if free else _PAID + _CLOSE)
    if view.owner:
        st.button("Cancel", on_click=session.judge_acts.asks(CANCEL, view.entry.entry_id))
        show_log(view.log, "Last 30 lines of the log (only you see it)")


def _numbers(progress: JudgeProgress, spent: str) -> None:
    left = (progress.total - progress.done) / progress.rate if progress.rate > 0 else None
    with st.container(horizontal=True, gap="medium"):
        st.metric("Rate", f"{progress.rate:.1f} calls/s", width="content")
        st.metric("Time left", DASH if left is None else duration(left), width="content")
        st.metric("Cost so far", spent, width="content")


def _ended(services: Services, session: VisitorSession, view: JudgeView) -> None:
    _title(view)
    if view.state == "no upload":
        if view.entry.judged:
            show_judgement(view)
        else:
            st.info(view.refusal or "", icon=":material/upload_file:")
    elif view.state == "not started":
        _not_started(services, session, view)
    elif view.state == "completed":
        show_judgement(view)
        if view.owner:
            show_log(view.log, "Log (only you see it)")
    elif view.state == "held":
        _waits_for_maintainers(view)
    else:
        _without_result(session, view, services.settings.judge_model)
        _before(view)


def _waits_for_maintainers(view: JudgeView) -> None:
    """Name who decides, without reasons or scores, so that manipulated captions gain nothing."""
    st.info(
        "**The captions are graded; the maintainers need to review them.** Some look like text "
        "for the judge rather than for a reader, which can happen by accident. The scores are "
        "shown here and count on the board after the review.",
        icon=":material/visibility:",
    )
    _before(view)
    if view.owner:
        show_log(view.log, "Log (only you see it)")


def _before(view: JudgeView) -> None:
    if view.entry.judge is not None:
        st.markdown("**The grades of the previous run still count:**")
        show_judgement(view)


def _title(view: JudgeView) -> None:
    """Name and board; also drawn by the fragment."""
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.text(view.entry.model_name, width="content")
        said = _SAID.get(view.state, view.state)
        st.markdown(
            f":gray-badge[{BOARDS[view.board]}] :{_COLORS[view.state]}-badge[{said}]",
            width="content",
        )


_SAID: Final = {
    "not started": "judge pending",
    "completed": "judged",
    "held": "under review",
}
_COLORS: Final[dict[str, Color]] = {
    "no upload": "gray",
    "not started": "gray",
    "elsewhere": "blue",
    "held": "orange",
    **{state: words.color for state, words in STATES.items()},
}


def _not_started(services: Services, session: VisitorSession, view: JudgeView) -> None:
    settings = services.settings
    if not settings.judge_key:
        st.info(NO_JUDGE, icon=":material/key_off:")
        return
    if view.refusal:
        st.warning(view.refusal, icon=":material/block:")
    else:
        st.markdown("**Not started.** The captions of this model are not graded yet.")
    with st.spinner("Estimating the run"):
        found = plan_of(services, view)
    too_much_said = None
    if isinstance(found, str):
        st.caption(found)
    else:
        too_much_said = too_much(found, settings.judge_budget)
        _plan(found, settings, usual_rate(services))
    if too_much_said:
        st.warning(too_much_said, icon=":material/block:")
    elif not view.refusal:
        if view.owner:
            st.button(
                "Start the judge run",
                icon=":material/gavel:",
                type="primary",
                on_click=session.judge_acts.asks(START, view.entry.entry_id),
            )
        elif view.keyless:
            st.caption("This model has no submission key. The maintainers can start the run.")
        else:
            st.caption(
                "The holder of the submission key can start it below; so can the maintainers."
            )


def _plan(plan: JudgePlan, settings: Settings, rate: float | None) -> None:
    budget = settings.judge_budget
    st.markdown("A run would take:")
    with st.container(horizontal=True, gap="medium"):
        st.metric("Calls", f"{plan.calls:,}", width="content")
        st.metric("Tokens, about", rough(plan.tokens), width="content")
        st.metric("Cost, about", cost(plan.cost_usd, settings.judge_model), width="content")
    known = plan.distinct - plan.calls
    st.markdown(who_pays(plan, settings, rate))
    st.caption(
        f"{plan.pairs:,} pairs of a caption and its reference, {plan.distinct:,} of them distinct"
        f"{f', {known:,} known from other runs' if known else ''}."
    )
    labelled("**Judge**", settings.judge_model)
    if said := means(settings.judge_model):
        st.caption(said)
    if plan.budget_left < plan.calls <= budget:
        st.warning(
            "The run would stop at the cap. It can be resumed the next day, or after the operator "
            "raises `MEDVIDBENCH_JUDGE_BUDGET`.",
            icon=":material/hourglass_top:",
        )


def who_pays(plan: JudgePlan, settings: Settings, rate: float | None) -> str:
    """Who pays for a run, its share of today's calls, and about how long it takes.

    `rate`: calls per second of the latest run here, None before the first one.
    """
    if settings.demo_judge:
        return "Free: the demo's judge runs on this server."
    seconds = plan.calls / (rate or settings.judge_concurrency / _SECONDS_A_CALL)
    return (
        f"Paid by the maintainers: {plan.calls:,} of today's {settings.judge_budget:,} calls "
        f"({plan.budget_left:,} calls are left today), about {duration(seconds)}."
    )


def _without_result(session: VisitorSession, view: JudgeView, model: str) -> None:
    job = view.job
    if job:
        show_end(job.state, job.ended)
        if job.state != "cancelled":
            show_reason(job.error)
    st.markdown(_NEXT[view.state])
    if job and job.judged:
        calls = f", {job.calls:,} calls" if job.calls else ""
        st.caption(
            f"So far {job.judged.done:,} of {job.judged.total:,} pairs scored{calls}, "
            f"{cost(max(job.cost_usd, job.judged.cost_usd), model)}."
        )
    if view.refusal:
        st.caption(view.refusal)
    elif view.owner:
        st.button(
            "Resume",
            icon=":material/resume:",
            on_click=session.judge_acts.asks(RESUME, view.entry.entry_id),
        )
    else:
        st.caption("The holder of the submission key can resume it below; so can the maintainers.")
    if view.owner:
        show_log(view.log, "Last 50 lines of the log (only you see it)")
