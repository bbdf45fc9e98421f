"""A judge run on its page: one card with the state first, then its numbers, its log folded."""

from datetime import UTC, datetime, tzinfo
from typing import Final

import streamlit as st

from core.errors import MedVidBenchError
from core.model.entries import JudgeProgress
from core.publish.numbers import DASH, duration, rough, usd
from core.runs.judging.plan import JudgePlan, too_much
from core.ui import times
from core.ui.address import BOARDS
from core.ui.judge.result import show_judgement
from core.ui.judge.session import NO_JUDGE, TYPED_KEY, JudgeDesk
from core.ui.session import Desk
from core.ui.text import marked, refusal
from core.ui.visitor import proof
from core.usecases.judge_view import LIVE, JudgeView, judge_view, plan_of
from core.usecases.services import Services

POLL_S = 1.0
_CLOSE: Final = (
    "You may close this tab: the run goes on without it, and this page’s address leads back."
)
_NEXT: Final = {
    "incomplete": "Too few captions got a grade, so nothing was published: a metric of some of "
    "the captions would not compare. What was scored is kept. **Resume** asks only for what is "
    "missing.",
    "failed": "Nothing was published. What was scored is kept: when the cause is dealt with, "
    "**Resume** asks only for what is missing.",
    "cancelled": "Nothing was published. What was scored is kept: **Resume** asks only for what "
    "is missing.",
    "interrupted": "The run’s process is gone, which is not your file’s doing. Nothing was "
    "published. What was scored is kept: **Resume** asks only for what is missing.",
}


def show_run(services: Services, desk: Desk, mine: JudgeDesk, view: JudgeView) -> None:
    """The card of a model, and below it the key field for who has not shown it."""
    with st.container(border=True):
        if view.state in LIVE:
            _live(services, desk, mine, view.entry.entry_id)
        else:
            _ended(services, mine, view)
        if mine.failure:
            refusal(mine.failure)
    closed = view.state == "not started" and not services.settings.judge_key
    if not view.owner and not closed and view.state not in ("no upload", "completed"):
        _ask_key(mine)


@st.fragment(run_every=POLL_S)
def _live(services: Services, desk: Desk, mine: JudgeDesk, entry_id: str) -> None:
    """The run while it waits or works; the whole page is drawn again when it has ended."""
    if mine.asked:
        st.rerun()  # Cancel was clicked, which runs this fragment alone: the page's body does it
    try:
        view = judge_view(services, entry_id, proof(services.settings, desk))
    except MedVidBenchError:
        st.caption("The server cannot read the run’s record at this moment; trying again.")
        return
    if view is None or view.state not in LIVE:
        st.rerun()
    _draw_live(mine, view)


def _draw_live(mine: JudgeDesk, view: JudgeView) -> None:
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
    if view.state == "queued":
        place = f", place {view.queue_place} in the queue" if view.queue_place else ""
        st.progress(0.0, text=f"**Waiting for its turn**{place}")
    else:
        text = f": {job.judged.done:,} of {job.judged.total:,} pairs" if job.judged else ""
        st.progress(job.progress, text=f"**Running**{text or ': getting ready'}")
        if job.judged:
            _numbers(job.judged, job.cost_usd)
    st.caption(_CLOSE)
    if view.owner:
        st.button("Cancel", on_click=mine.ask, args=("cancel",))
        _log(view, "Last 30 lines of the log")


def _numbers(told: JudgeProgress, spent: float) -> None:
    left = (told.total - told.done) / told.rate if told.rate > 0 else None
    with st.container(horizontal=True, gap="medium"):
        st.metric("Rate", f"{told.rate:.1f} calls/s", width="content")
        st.metric("Time left", DASH if left is None else duration(left), width="content")
        st.metric("Cost so far", usd(spent + told.cost_usd), width="content")


def _ended(services: Services, mine: JudgeDesk, view: JudgeView) -> None:
    _title(view)
    if view.state == "no upload":
        if view.entry.judged:
            show_judgement(view, _zone())
        else:
            st.info(view.refusal or "", icon=":material/upload_file:")
    elif view.state == "not started":
        _not_started(services, mine, view)
    elif view.state == "completed":
        show_judgement(view, _zone())
        if view.owner:
            _log(view, "Log")
    elif view.state == "held":
        _held(view)
    else:
        _without_result(mine, view)
        _before(view)


def _held(view: JudgeView) -> None:
    """Says whom it waits for; not why, and not the scores: a manipulated one is worth nothing."""
    st.info(
        "**The captions are graded, and wait for the maintainers.** Some of them look like text "
        "for the judge and not for a reader; that can happen by accident. The scores are shown "
        "here and count on the board once the maintainers have looked. Nothing is to be done.",
        icon=":material/visibility:",
    )
    _before(view)
    if view.owner:
        _log(view, "Log")


def _before(view: JudgeView) -> None:
    if view.entry.judge is not None:
        st.markdown("**The grades of the run before stand:**")
        show_judgement(view, _zone())


def _title(view: JudgeView) -> None:
    """Name and board; a fragment draws it too."""
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.text(view.entry.model_name, width="content")
        colour = _COLOURS[view.state]
        said = _SAID.get(view.state, view.state)
        st.markdown(f":gray-badge[{BOARDS[view.board]}] :{colour}-badge[{said}]", width="content")


_SAID: Final = {
    "not started": "judge pending",
    "completed": "judged",
    "held": "waits for the maintainers",
}
_COLOURS: Final = {
    "no upload": "gray",
    "not started": "gray",
    "elsewhere": "blue",
    "queued": "blue",
    "running": "blue",
    "completed": "green",
    "held": "orange",
    "incomplete": "orange",
    "failed": "red",
    "cancelled": "gray",
    "interrupted": "orange",
}


def _not_started(services: Services, mine: JudgeDesk, view: JudgeView) -> None:
    settings = services.settings
    if not settings.judge_key:
        st.info(NO_JUDGE, icon=":material/key_off:")
        return
    if view.refusal:
        st.warning(view.refusal, icon=":material/block:")
    else:
        st.markdown("**Not started.** The captions of this model are not graded yet.")
    with st.spinner("Counting what a run would take"):
        found = plan_of(services, view)
    too_much_said = None
    if isinstance(found, str):
        st.caption(found)
    else:
        too_much_said = too_much(found, settings.judge_budget)
        _plan(found, settings.judge_model, settings.judge_budget)
    if too_much_said:
        st.warning(too_much_said, icon=":material/block:")
    elif not view.refusal:
        if view.owner:
            st.button(
                "Start the judge run",
                icon=":material/gavel:",
                on_click=mine.ask,
                args=("start",),
            )
        else:
            st.caption("Who holds the submission key can start it below; so can the maintainers.")


def _plan(plan: JudgePlan, model: str, budget: int) -> None:
    st.markdown("A run would take:")
    with st.container(horizontal=True, gap="medium"):
        st.metric("Calls", f"{plan.calls:,}", width="content")
        st.metric("Tokens, about", rough(plan.tokens), width="content")
        st.metric("Cost, about", usd(plan.cost_usd), width="content")
        st.metric("Cap", f"{budget:,} calls", width="content")
    known = plan.distinct - plan.calls
    st.caption(
        f"{plan.pairs:,} pairs of a caption and its reference, {plan.distinct:,} of them distinct"
        f"{f', {known:,} known from other runs' if known else ''}. The cap holds for one run and "
        f"for one day; {plan.budget_left:,} calls are left today."
    )
    marked("**Judge**", model)
    if plan.budget_left < plan.calls <= budget:
        st.warning(
            "The run would stop at the cap. It can be resumed the next day, or the operator raises "
            "`MEDVIDBENCH_JUDGE_BUDGET`.",
            icon=":material/hourglass_top:",
        )


def _without_result(mine: JudgeDesk, view: JudgeView) -> None:
    job = view.job
    when = times.when(job.ended, datetime.now(UTC), _zone()) if job else None
    tell = st.error if view.state == "failed" else st.warning
    icon = ":material/cancel:" if view.state == "cancelled" else ":material/error:"
    tell(f"**{view.state.capitalize()}** {when or ''}", icon=icon)
    if job and job.error and view.state != "cancelled":
        marked("**Reason**", job.error[:1].upper() + job.error[1:])
    st.markdown(_NEXT[view.state])
    if job and job.judged:
        calls = f", {job.calls:,} calls" if job.calls else ""
        st.caption(
            f"So far {job.judged.done:,} of {job.judged.total:,} pairs scored{calls}, "
            f"{usd(max(job.cost_usd, job.judged.cost_usd))}."
        )
    if view.refusal:
        st.caption(view.refusal)
    elif view.owner:
        st.button("Resume", icon=":material/resume:", on_click=mine.ask, args=("resume",))
    else:
        st.caption("Who holds the submission key can resume it below; so can the maintainers.")
    if view.owner:
        _log(view, "Last 50 lines of the log")


def _log(view: JudgeView, title: str) -> None:
    if view.log:
        with st.expander(f"{title} (only you see it)"):
            st.code(view.log, language=None, wrap_lines=True)


def _ask_key(mine: JudgeDesk) -> None:
    """A field for the key: it opens the buttons, the reason and the log in this tab."""
    with (
        st.expander("I have the submission key", icon=":material/key:"),
        st.form("judge_owner", border=False, clear_on_submit=False),
    ):
        st.text_input("Submission key", key=TYPED_KEY, type="password", autocomplete="off")
        st.form_submit_button("Open", on_click=mine.ask, args=("open",))
        if mine.wrong_key:
            refusal(mine.wrong_key)


def _zone() -> tzinfo:
    return times.zone(st.context.timezone)
