"""One job on the Submit page: its steps with times, its progress, its key, its result."""

from datetime import UTC, datetime, tzinfo

import streamlit as st

from core.errors import MedVidBenchError, RefusedError
from core.model.entries import Job, Step
from core.runs.uploads import retention
from core.ui import times
from core.ui.session import JOB, NO_ACT, REPLACES, Desk
from core.ui.submit.result import show_result
from core.ui.text import marked, refusal
from core.ui.visitor import proof
from core.usecases import submit
from core.usecases.job_view import JobView, job_view
from core.usecases.services import Services

POLL_S = 1.0
CANCEL, AGAIN = "cancel", "run again"
_ACTS = {CANCEL: submit.cancel, AGAIN: submit.run_again}
_TYPED_KEY = "submit_key"
_HEADLINES = {
    "queued": "Waiting for its turn",
    "running": "Running",
    "failed": "Failed",
    "cancelled": "Cancelled",
    "interrupted": "Interrupted",
}
_NEXT = {
    "failed": "Nothing was published and the name is free again.",
    "cancelled": "Nothing was published and the name is free again.",
    "interrupted": "The process ended before its work was done, which is not your file's doing. "
    "Nothing was published and the name is free again.",
}
_KEPT = {
    "failed": "If the reason is in the file, correct it and submit it anew; if not, run it again: "
    "the upload is kept",
    "cancelled": "It can be run again: the upload is kept",
    "interrupted": "Run it again: the upload is kept",
}
_HOW_LONG = f"for {retention.KEPT_DAYS} days, while it is among your newest " + (
    f"{retention.KEPT_EACH} that ended so"
)
_GONE = "The upload is not kept any more, so this cannot be run again: submit the file anew."


def show_job(services: Services, desk: Desk, job_id: str) -> bool:
    """Draw the job as this visitor may see it; False when there is no such job."""
    if desk.opening:
        _open(services, desk, job_id)
    _perform(services, desk, job_id)
    view = job_view(services, job_id, proof(services.settings, desk))
    if view is None:
        return False
    if view.job.done:
        _draw(desk, view)
    else:
        _live(services, desk, job_id)
    if not view.owner:
        _ask_key(desk)
    st.button("Submit another file", icon=":material/add:", on_click=begin_another, args=(desk,))
    return True


def begin_another(desk: Desk) -> None:
    """Callback: back to the form, with what was typed and without the last file."""
    desk.receipt = None
    desk.clear()
    for parameter in (JOB, REPLACES):
        st.query_params.pop(parameter, None)


@st.fragment(run_every=POLL_S)
def _live(services: Services, desk: Desk, job_id: str) -> None:
    """The job while it waits or runs; the whole page is drawn again when it has ended."""
    _perform(services, desk, job_id)
    try:
        view = job_view(services, job_id, proof(services.settings, desk))
    except MedVidBenchError:
        st.caption("The server cannot read the job's record at this moment; trying again.")
        return
    if view is None or view.job.done:
        st.rerun()
    else:
        _draw(desk, view)


def _draw(desk: Desk, view: JobView) -> None:
    job = view.job
    if view.model_name:
        marked("**Model**", view.model_name)
    if view.owner:
        _key(desk, job, view.evaluate_only)
    _headline(view)
    if view.result:
        show_result(view.result, view.owner)
    if job.done and job.state != "completed":
        _ended(desk, view)
    _steps(view)
    if not job.done:
        st.caption("You may close this tab: the work goes on, and this page's address leads back.")
        if view.owner:
            if job.kind == "evaluation" and job.started:
                st.caption("Cancelling a run that has begun uses up its try.")
            st.button("Cancel", on_click=desk.ask, args=(CANCEL, job.job_id))
    if desk.failure:
        refusal(desk.failure)


def _steps(view: JobView) -> None:
    """The steps; beside them, for the owner, the last lines of the log."""
    lines = "  \n".join(step_lines(view.job, _zone(), view.evaluate_only))
    if not view.log:
        st.markdown(lines)
        return
    steps, log = st.columns([2, 3], gap="large")
    steps.markdown(lines)
    log.caption("Last lines of the log (only you see them)")
    log.code(view.log, language=None, wrap_lines=True)


def _zone() -> tzinfo:
    return times.zone(st.context.timezone)


def _headline(view: JobView) -> None:
    job = view.job
    when = times.when(job.ended, datetime.now(UTC), _zone()) or ""
    if job.state == "running":
        st.progress(job.progress, text=f"**{_HEADLINES['running']}**: {job.progress:.0%}")
    elif job.state == "queued":
        place = f", place {view.queue_place} in the queue" if view.queue_place else ""
        st.progress(0.0, text=f"**{_HEADLINES['queued']}**{place}")
    elif job.state == "completed":
        closed = "Its scores are shown to the holder of the submission key only."
        told = "" if view.result else f" {closed}"
        st.success(f"**Done** {when}.{told}", icon=":material/check_circle:")
    else:
        tell = st.error if job.state == "failed" else st.warning
        tell(f"**{_HEADLINES[job.state]}** {when}", icon=":material/error:")


def _key(desk: Desk, job: Job, evaluate_only: bool) -> None:
    """The key, while this session holds it: whoever typed it in needs no copy."""
    if desk.receipt is None or desk.receipt.job_id != job.job_id or not desk.receipt.key:
        return
    with st.container(border=True):
        st.markdown(
            ":material/key: **Your submission key.** Copy it now: it is shown in this tab only, "
            "and nobody can give it to you again. It opens the private parts of this page"
            + ("." if evaluate_only else " and makes you the owner of the entry.")
        )
        st.code(desk.receipt.key, language=None, wrap_lines=True)


def _ended(desk: Desk, view: JobView) -> None:
    if view.job.error and view.job.state != "cancelled":
        marked("**Reason**", view.job.error)
    state = view.job.state
    more = f"{_KEPT[state]} {_HOW_LONG}." if view.kept else _GONE
    st.markdown(f"{_NEXT[state]} {more}")
    if view.owner and view.kept:
        st.button(
            "Run again",
            on_click=desk.ask,
            args=(AGAIN, view.job.job_id),
        )


def _perform(services: Services, desk: Desk, job_id: str) -> None:
    """Do what a button asked for, once: a second click finds the job under way again."""
    act, subject = desk.act
    if act not in _ACTS or subject != job_id:
        return
    desk.act = NO_ACT
    desk.clear()
    try:
        _ACTS[act](services, job_id, proof(services.settings, desk))
    except MedVidBenchError as error:
        job = services.jobs.get(job_id)
        if job is None or job.done:
            desk.failure = str(error)


def _ask_key(desk: Desk) -> None:
    """A field for the key: it opens log, reason and scores in this tab."""
    with (
        st.expander("I have the submission key", icon=":material/key:"),
        st.form("owner", border=False, clear_on_submit=False),
    ):
        st.text_input("Submission key", key=_TYPED_KEY, type="password", autocomplete="off")
        st.form_submit_button("Open", on_click=desk.ask_to_open)
        if submit.KEY_FIELD in desk.problems:
            refusal(desk.problems[submit.KEY_FIELD])


def _open(services: Services, desk: Desk, job_id: str) -> None:
    """Keep the typed key when it is this submission's; reading it may end this run."""
    typed = str(st.session_state.get(_TYPED_KEY, ""))
    desk.clear()
    try:
        submit.owned(services, job_id, typed)
    except RefusedError as error:
        desk.problems = error.problems
    else:
        desk.keys[job_id] = typed
    desk.opening = False


def step_lines(job: Job, zone: tzinfo, evaluate_only: bool = False) -> list[str]:
    """The steps as Markdown lines: mark, name, start and duration."""
    stopped = job.done and job.state != "completed"
    lines = [_step_line(step, stopped, zone) for step in job.steps]
    if evaluate_only and lines:
        lines[0] = lines[0].replace("Name reserved", "Registered, no name taken")
    return lines


def _step_line(step: Step, stopped: bool, zone: tzinfo) -> str:
    name = step.name[:1].upper() + step.name[1:]
    started, ended = times.parse(step.started), times.parse(step.ended)
    if started is None:
        return f":gray[:material/radio_button_unchecked: {name}]"
    clock = f"{started[0].astimezone(zone):%H:%M:%S}"
    if ended is not None:
        seconds = (ended[0] - started[0]).total_seconds()
        took = f" · {seconds:.1f} s" if seconds >= 0.05 else ""
        return f":green[:material/check_circle:] {name} :gray[{clock}{took}]"
    if stopped:
        return f":red[:material/cancel:] **{name}** :gray[{clock}, not finished]"
    return f":blue[:material/pending:] **{name}** :gray[since {clock}]"
