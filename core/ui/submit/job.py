"""One job on the Submit page: steps with times, progress, key, result."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from core.access.submission_keys import Shown
from core.errors import MedVidBenchError
from core.model.entries import Job
from core.publish.facts import copy_button_html, styles_html
from core.runs.uploads import retention
from core.ui import times
from core.ui.acts import Outcome
from core.ui.device_keys import perform_on_device, show_remember
from core.ui.job_card import (
    POLL_S,
    log_text,
    show_end,
    show_own_files,
    show_progress,
    show_reason,
    step_lines,
)
from core.ui.key_field import keep_typed_key, show_folded_key_field
from core.ui.owner.versions import DONE, KEEP_OLD, show_ranks, show_way_back
from core.ui.session import JOB, REPLACES, VisitorSession
from core.ui.submit.result import show_result
from core.ui.text import labelled, refusal
from core.ui.visitor import proof
from core.usecases import own_jobs, own_versions
from core.usecases.job_view import JobView, job_view
from core.usecases.services import Services

CANCEL, AGAIN = "cancel", "run again"
_KEY = "submit_key"
_KEY_SHOWN = "shown_key"
_INTERRUPTED = "The process ended unexpectedly; your file is not the cause. "
_KEPT = {
    "failed": "If the reason is in the file, correct it and submit it again; if not, run it again: "
    "the upload is kept",
    "cancelled": "It can be run again: the upload is kept",
    "interrupted": "Run it again: the upload is kept",
}
_HOW_LONG = f"for {retention.KEPT_DAYS} days, while it is among your newest " + (
    f"{retention.KEPT_EACH} that ended so"
)
_GONE = "The upload is no longer kept, so this cannot be run again: submit the file again."


def show_job(services: Services, session: VisitorSession, job_id: str) -> bool:
    """Draw the job as this visitor may see it; False if there is no such job."""
    keep_typed_key(session, _KEY, partial(own_jobs.owned, services, job_id))
    _perform(services, session)
    view = job_view(services, job_id, proof(services.settings, session))
    if view is None:
        return False
    if view.job.done:
        _draw(session, view)
    else:
        _live(services, session, job_id)
    if not view.owner:
        show_folded_key_field(session, _KEY)
    st.button("Submit another file", icon=":material/add:", on_click=begin_another, args=(session,))
    return True


def begin_another(session: VisitorSession) -> None:
    """Callback: back to the form, with its fields but without the last file."""
    session.begin_another()
    for parameter in (JOB, REPLACES):
        st.query_params.pop(parameter, None)


@st.fragment(run_every=POLL_S)
def _live(services: Services, session: VisitorSession, job_id: str) -> None:
    """The waiting or running job; the whole page is drawn again when it has ended."""
    _perform(services, session)
    try:
        view = job_view(services, job_id, proof(services.settings, session))
    except MedVidBenchError:
        st.caption("The server cannot read the job's record at the moment; trying again.")
        return
    if view is None or view.job.done:
        st.rerun()
    else:
        _draw(session, view)


def _draw(session: VisitorSession, view: JobView) -> None:
    job = view.job
    if view.model_name:
        labelled("**Model**", view.model_name)
    if view.owner:
        _key(session, job, view.evaluate_only)
    _headline(view)
    if session.job_acts.latest:
        st.success(session.job_acts.latest.text, icon=":material/check_circle:")
    if view.result:
        sent = session.receipt is not None and session.receipt.job_id == job.job_id
        show_result(view.result, view.owner, session.sent_review if sent else None)
        if view.owner and view.versions:
            show_ranks(view.versions)
            show_way_back(session.job_acts, view.versions)
    show_own_files(view.files, job.job_id)
    if job.done and job.state != "completed":
        _ended(session, view)
    _steps(view)
    if not job.done:
        st.caption("You may close this tab: the work continues. Bookmark this page to return.")
        if view.owner:
            if job.kind == "evaluation" and job.started:
                st.caption("Cancelling a started run uses up its try.")
            st.button("Cancel", on_click=session.job_acts.asks(CANCEL, job.job_id))
    for text in session.job_acts.troubles(job.job_id):
        refusal(text)


def _steps(view: JobView) -> None:
    """The steps; beside them, for the owner, the last lines of the log."""
    lines = "  \n".join(step_lines(view.job, times.local_zone(), view.evaluate_only))
    if not view.log:
        st.markdown(lines)
        return
    steps, log = st.columns([2, 3], gap="large")
    steps.markdown(lines)
    log.caption("Last lines of the log (only you see them)")
    log.code(log_text(view.log), language=None, wrap_lines=True)


def _headline(view: JobView) -> None:
    job = view.job
    if not job.done:
        show_progress(job, view.queue_place)
    elif job.state == "completed":
        closed = " Its scores are shown to the holder of the submission key only."
        show_end(job.state, job.ended, f".{'' if view.result else closed}")
    else:
        show_end(job.state, job.ended)


def _key(session: VisitorSession, job: Job, evaluate_only: bool) -> None:
    """The key, only in the session that created it: a visitor who typed it needs no copy."""
    if session.receipt is None or session.receipt.job_id != job.job_id or not session.receipt.key:
        return
    key = session.receipt.key
    with st.container(border=True):
        st.markdown(
            ":material/key: **Your submission key.** Copy it now or save it as a file: it is not "
            "shown again after a reload, and nobody can recover it. It opens the private parts of "
            "this page" + ("." if evaluate_only else " and proves that you own the entry.")
        )
        with st.container(key=_KEY_SHOWN):
            st.code(key, language=None, wrap_lines=True)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.html(styles_html() + copy_button_html(_KEY_SHOWN), width="content")
            st.download_button(
                "Save as file",
                f"{key}\n",  # the form that evaluation.submit reads
                f"{job.submission_id}.key",
                "text/plain",
                icon=":material/save:",
                on_click="ignore",
            )
        show_remember(session)


def _ended(session: VisitorSession, view: JobView) -> None:
    if view.job.state != "cancelled":
        show_reason(view.job.error)
    state = view.job.state
    more = f"{_KEPT[state]} {_HOW_LONG}." if view.kept else _GONE
    st.markdown(f"{_INTERRUPTED * (state == 'interrupted')}{_left(view)} {more}")
    if view.owner and view.kept:
        st.button(
            "Run again",
            on_click=session.job_acts.asks(AGAIN, view.job.job_id),
        )


def _left(view: JobView) -> str:
    """What a run that ended without a result leaves on the board."""
    if view.evaluate_only:
        return "Nothing was published."
    if view.new_version:
        return "Nothing was published; the entry keeps its scores."
    return "Nothing was published and the name is free again."


def _perform(services: Services, session: VisitorSession) -> None:
    """Cancel, run again, revert a version, or remember the key, if requested."""
    perform_on_device(session)
    owner = proof(services.settings, session)

    def act(job_id: str, do: Callable[[Services, str, Shown], Job]) -> None:
        try:
            do(services, job_id, owner)
        except MedVidBenchError:
            job = services.jobs.get(job_id)
            if job is None or job.done:  # else it was started in another tab
                raise

    def go_back(subject: tuple[str, str]) -> Outcome:
        own_versions.keep_old(services, *subject, owner)
        return Outcome(DONE)

    session.job_acts.perform(
        {
            CANCEL: partial(act, do=own_jobs.cancel),
            AGAIN: partial(act, do=own_jobs.run_again),
            KEEP_OLD: go_back,
        }
    )
