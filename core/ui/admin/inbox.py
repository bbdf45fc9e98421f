"""The Inbox tab: everything that waits for an admin, with counts and one click to act."""

from dataclasses import dataclass
from typing import Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.errors import RefusedError
from core.model.entries import Job, Submission
from core.publish.numbers import DASH
from core.ui import times
from core.ui.acts import Outcome
from core.ui.admin.acts import RUN
from core.ui.admin.health import Retry
from core.ui.admin.judge import flagged_row
from core.ui.admin.parts import DAY, NAME, cell, dialog_button, line
from core.ui.admin.requests import asked_row, report_row
from core.ui.admin.session import AdminSession, Context, DialogAct, Typed
from core.ui.admin.submissions import Log, RunAgain, can_run_again, job_words
from core.ui.admin.surplus import surplus_row
from core.usecases import inbox

_FLAGGED: Final = (
    "Captions that look like attempts to influence the judge. Their scores are held until you "
    "decide."
)
_SURPLUS: Final = (
    "Answers with many more segments than requested. The metrics that ignore them "
    "are held until you decide."
)


@dataclass(frozen=True, slots=True)
class Dismiss(DialogAct):
    """Remove a failed job from the inbox; it stays under Submissions."""

    job_id: str

    title = "Dismiss a failed job"
    verb = "Dismiss"

    def act(self, context: Context, typed: Typed) -> Outcome:
        job = context.services.jobs.get(self.job_id)
        if job is None:
            raise RefusedError({"job": "This job no longer exists."})
        inbox.dismiss(context.services, job, context.actor)
        return Outcome("Dismissed a failed job. It is still listed under Submissions.")


def show(context: Context, session: AdminSession) -> None:
    """Draw the tab *Inbox*."""
    found = inbox.waiting(context.services, context.state)
    if not found.count:
        st.success("Nothing is waiting for you.", icon=":material/check_circle:")
        return
    if found.mirror:
        _heading("Mirror trouble", 1)
        with line("mirror_trouble"):
            cell(found.mirror, "stretch", wrap=True)
            st.button("Retry now", icon=":material/sync:", on_click=session.acts.asks(RUN, Retry()))
    if found.reports:
        _heading("Reports", len(found.reports))
        with _list():
            for report in found.reports:
                report_row(context, session, report)
    if found.asked:
        _heading("Verification requests", len(found.asked))
        with _list():
            for board, entry in found.asked:
                asked_row(context, session, board, entry)
    if found.flagged:
        _heading("Flagged captions", len(found.flagged), _FLAGGED)
        with _list():
            for _board, entry, judged in found.flagged:
                flagged_row(session, entry, judged)
    if found.surplus:
        _heading("Surplus segments", len(found.surplus), _SURPLUS)
        with _list():
            for entry in found.surplus:
                surplus_row(session, entry)
    if found.failed:
        _heading("Failed jobs", len(found.failed), "Of the last 7 days.")
        with _list():
            for submission, job in found.failed:
                _failed_row(context, session, submission, job)


def _list() -> DeltaGenerator:
    return st.container(gap="xxsmall")


def _heading(title: str, number: int, what: str = "") -> None:
    st.header(f"{title} ({number:,})", anchor=False)
    if what:
        st.caption(what)


def _failed_row(context: Context, session: AdminSession, submission: Submission, job: Job) -> None:
    with line(f"failed_{job.job_id}"):
        cell(submission.model_name or DASH, NAME)
        cell(f"{job_words(job)}: {job.error or 'no reason was recorded'}", "stretch", wrap=True)
        cell(times.local_day(job.ended) or DASH, DAY, number=True)
        key = f"inbox_{job.job_id}"
        dialog_button(session, "Log", ":material/description:", Log(job.job_id), key)
        if can_run_again(context, job):
            dialog_button(session, "Run again", ":material/replay:", RunAgain(job.job_id), key)
        st.button(
            "Dismiss",
            key=f"dismiss_failed_{job.job_id}",
            icon=":material/close:",
            type="tertiary",
            on_click=session.acts.asks(RUN, Dismiss(job.job_id)),
        )
