"""The Submissions tab: submissions and their jobs; filter, log, cancel, run again, erase."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import streamlit as st

from core.changes.auditing import acted
from core.changes.forgetting import ERASABLE
from core.errors import RefusedError
from core.model.entries import Job, JobKind, Submission
from core.model.state import State
from core.publish.numbers import DASH
from core.ui import times
from core.ui.acts import Outcome
from core.ui.admin.erase import Erase
from core.ui.admin.judge import StartJudge
from core.ui.admin.parts import DAY, cell, compare, dialog_button, facts, line, page_of
from core.ui.admin.session import AdminSession, Change, Context, Dialog, DialogAct, Typed
from core.ui.job_card import STATES, log_text, step_lines
from core.usecases.own_entries import holding

_LOG_LINES: Final = 400
_ALL: Final = "all"
_SUBMISSION: Final = {
    "open": "in progress",
    "released": "given up",
    "evaluated": "evaluated only",
    "purged": "erased",
}
_KINDS: Final[Mapping[JobKind, str]] = {
    "evaluation": "Evaluation",
    "judge": "Judge run",
    "rescore": "Re-scoring",
}


@dataclass(frozen=True, slots=True)
class Run:
    """A submission and one of its jobs; the job is None if none was queued or kept."""

    submission: Submission
    job: Job | None


def runs(context: Context) -> list[Run]:
    """Every job, and submissions without one; newest first."""
    state, found, seen = context.state, [], set()
    for job in context.services.jobs.list():
        submission = state.submissions.get(job.submission_id)
        if submission is not None:
            found.append(Run(submission, job))
            seen.add(job.submission_id)
    alone = (s for key, s in state.submissions.items() if key not in seen)
    found += [Run(submission, None) for submission in alone]
    return sorted(found, key=lambda r: (r.job or r.submission).created, reverse=True)


def show(context: Context, session: AdminSession) -> None:
    """Draw the tab *Submissions*."""
    st.button(
        "Start a judge run",
        icon=":material/gavel:",
        key="start_judge",
        on_click=session.open,
        args=(StartJudge(),),
    )
    every = runs(context)
    if not every:
        st.info("Nobody has submitted anything yet.", icon=":material/inbox:")
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        wanted = st.text_input(
            "Search by name or id",
            key="runs_search",
            icon=":material/search:",
            width=280,
            live=True,
        )
        state = st.pills(
            "State",
            (_ALL, *STATES),
            default=_ALL,
            required=True,
            key="runs_state",
            format_func=_state_words,
            wrap=True,
        )
    rows = [run for run in every if _matches(context.state, run, wanted, str(state))]
    if not rows:
        st.info("No submission matches.", icon=":material/search_off:")
    shown = page_of(rows, "runs_page")
    with st.container(gap="xxsmall"):
        for run in shown:
            _row(context, session, run)


def _state_words(state: str) -> str:
    return state.capitalize()


def _name(state: State, submission: Submission) -> str:
    """The model's name as its entry has it now, or else as it was submitted."""
    found = state.by_upload(submission.submission_id)
    return found[1].model_name if found else submission.model_name or "(erased)"


def _matches(found: State, run: Run, wanted: str, state: str) -> bool:
    ids = (run.submission.submission_id, run.job.job_id if run.job else "")
    names = (_name(found, run.submission), run.submission.model_name, run.submission.organization)
    text = "\n".join((*names, *ids))
    return (state == _ALL or (run.job is not None and run.job.state == state)) and (
        wanted.strip().casefold() in text.casefold()
    )


def _row(context: Context, session: AdminSession, run: Run) -> None:
    submission, job = run.submission, run.job
    key = job.job_id if job else submission.submission_id
    with line(f"run_{key}"):
        cell(_name(context.state, submission), 200)
        if job:
            st.badge(job_words(job), color=STATES[job.state].color)
        if job is None or submission.state != "open":
            st.badge(_state(context, submission), color="gray")
        if submission.evaluate_only:
            st.badge("evaluate only", color="gray")
        told = _details(context, run)
        if job and job.error and job.state != "completed":
            told = f"{job.error} · {told}"
        cell(told, "stretch")
        cell(times.local_day((job or submission).created) or DASH, DAY, number=True)
        for label, icon, ask in [*_acts(context, job), *_erasing(run)]:
            dialog_button(session, label, icon, ask, key)


def _state(context: Context, submission: Submission) -> str:
    """The state of a submission; a published one may have left its board since."""
    if submission.state != "published":
        return _SUBMISSION[submission.state]
    found = holding(context.state, submission)
    if found.board:
        return "hidden" if found.entry and found.entry.hidden else "on a board"
    if found.gone:
        return "in the trash"
    if found.newer:
        return "older version"
    return "taken back" if found.taken_back else "no longer on a board"


def _details(context: Context, run: Run) -> str:
    parts = [run.submission.organization, f"{run.submission.records:,} records"]
    file = run.submission.predictions_sha256
    same = dict.fromkeys(
        _name(context.state, other)
        for other in context.state.submissions.values()
        if file
        and other.predictions_sha256 == file
        and other.state != "purged"
        and other.submission_id != run.submission.submission_id
    )
    if run.job and run.job.attempt > 1:
        parts.append(f"attempt {run.job.attempt}")
    if same:
        parts.append(f"the same file as {', '.join(list(same)[:3])}")
    return " · ".join(part for part in parts if part)


def _erasing(run: Run) -> list[tuple[str, str, Dialog]]:
    submission, job = run.submission, run.job
    if submission.state not in ERASABLE or (job is not None and not job.done):
        return []
    return [("Erase", ":material/delete_forever:", Erase(submission.submission_id))]


def can_run_again(context: Context, job: Job) -> bool:
    """Whether an ended job can be started again from its row."""
    return (
        job.done
        and job.state != "completed"
        and job.kind != "rescore"
        and context.services.jobs.results(job).upload.is_file()
    )


def job_words(job: Job) -> str:
    """A job's kind and state, as "Evaluation failed"."""
    return f"{_KINDS[job.kind]} {job.state}"


def _acts(context: Context, job: Job | None) -> list[tuple[str, str, Dialog]]:
    if job is None:
        return []
    acts: list[tuple[str, str, Dialog]] = [("Log", ":material/description:", Log(job.job_id))]
    if not job.done:
        acts.append(("Cancel", ":material/cancel:", Cancel(job.job_id)))
    elif can_run_again(context, job):
        acts.append(("Run again", ":material/replay:", RunAgain(job.job_id)))
    return acts


@dataclass(frozen=True, slots=True)
class _OfJob(Dialog):
    job_id: str

    def job(self, context: Context) -> tuple[Job, str]:
        """The current job and its model's name."""
        job = context.services.jobs.get(self.job_id)
        if job is None:
            raise RefusedError({"job": "This job no longer exists."})
        submission = context.state.submissions.get(job.submission_id)
        return job, submission.model_name if submission else ""

    def about(self, context: Context) -> str:
        return self.job(context)[1]


@dataclass(frozen=True, slots=True)
class Log(_OfJob):
    """Show a job's log."""

    title = "Log"
    width = "large"

    def show(self, context: Context, session: AdminSession) -> None:
        job, _name = self.job(context)
        facts(
            [
                ("Job", job.job_id),
                ("State", f"{job.state}, attempt {job.attempt}"),
                ("Reason", job.error or ""),
            ]
        )
        submission = context.state.submissions.get(job.submission_id)
        only = submission is not None and submission.evaluate_only
        st.markdown("  \n".join(step_lines(job, times.local_zone(), only)))
        text = context.services.jobs.log_tail(self.job_id, _LOG_LINES)
        st.code(log_text(text) or "The log is empty.", language=None, wrap_lines=True, height=280)


_AGAIN_ELSEWHERE: Final = "Start its re-scoring again under Re-scoring."
_CANCELLED: Final[Mapping[JobKind, str]] = {
    "evaluation": "The upload is kept for a week; until then the job can be run again.",
    "judge": "The entry and its scores stay. Grades are kept: running it again continues there.",
    "rescore": f"The entry and its scores stay. {_AGAIN_ELSEWHERE}",
}


def _name_change(context: Context, job: Job, before: str, after: str) -> list[Change]:
    """What happens to the name that an evaluation reserves; other jobs reserve none."""
    submission = context.state.submissions.get(job.submission_id)
    if job.kind != "evaluation" or submission is None or submission.evaluate_only:
        return []
    # A new version has its entry's name, which stays taken in any case.
    return [] if submission.replaces else [("Its name", before, after)]


@dataclass(frozen=True, slots=True)
class Cancel(_OfJob, DialogAct):
    """Cancel a queued or running job."""

    title = "Cancel a job"
    verb = "Cancel the job"
    destructive = True

    def show(self, context: Context, session: AdminSession) -> None:
        job, _name = self.job(context)
        compare([("Job", job.state, "cancelled"), *_name_change(context, job, "reserved", "free")])
        st.markdown(_CANCELLED[job.kind])

    def act(self, context: Context, typed: Typed) -> Outcome:
        job, name = self.job(context)
        context.services.jobs.cancel(job.job_id)
        context.services.store.commit(acted("cancel job", name, context.actor, job=job.job_id))
        again = _AGAIN_ELSEWHERE if job.kind == "rescore" else "Run it again from its row."
        return Outcome(f"Cancelled the job of “{name}”. {again}")


@dataclass(frozen=True, slots=True)
class RunAgain(_OfJob, DialogAct):
    """Queue a job again."""

    title = "Run a job again"
    verb = "Run again"

    def show(self, context: Context, session: AdminSession) -> None:
        job, _name = self.job(context)
        attempts = f"{job.state}, attempt {job.attempt}", f"queued, attempt {job.attempt + 1}"
        compare([("Job", *attempts), *_name_change(context, job, "free", "reserved")])
        if job.kind == "judge":
            st.markdown(
                "The entry and its scores stay until the run is complete. Only captions that are "
                "not graded yet are asked for; its calls count against today’s budget."
            )

    def act(self, context: Context, typed: Typed) -> Outcome:
        job, name = self.job(context)
        context.services.jobs.rerun(job.job_id, actor=context.actor)
        context.services.store.commit(acted("run job again", name, context.actor, job=job.job_id))
        return Outcome(f"The job of “{name}” is queued again. It can be cancelled from its row.")
