"""One submission on its owner's page: its state, its log, and the available acts."""

import streamlit as st

from core.access.submission_keys import Proof
from core.changes.judging import HELD
from core.model.entries import Entry
from core.model.surplus import held_text
from core.publish.address import BOARDS
from core.publish.numbers import count
from core.ui import cached, times
from core.ui.faults import show_faults
from core.ui.job_card import KINDS, show_log, show_own_files, show_reason
from core.ui.judge.acts import NO_JUDGE
from core.ui.navigation import model_link
from core.ui.owner.acts import (
    ASK,
    ASK_CONTACT,
    JUDGE,
    NEW_VERSION,
    SEE_JOB,
    SURE,
    UNDO,
    WITHDRAW,
    field_key,
)
from core.ui.owner.correct import show_correction
from core.ui.owner.versions import show_versions
from core.ui.session import VisitorSession
from core.ui.text import labelled, refusal
from core.usecases.job_view import job_view
from core.usecases.own_entries import (
    CONTACT,
    NO_CONTACT,
    Holding,
    may_undo,
    verification_problem,
)
from core.usecases.own_versions import comparison
from core.usecases.services import Services

_VERIFICATION = {
    "asked": "Asked for",
    "contacted": "You were contacted",
    "running": "The maintainers run the model",
    "verified": "Verified",
    "declined": "Declined",
}


def status(found: Holding) -> str:
    """The state of a submission in a few words."""
    if found.gone:
        return "withdrawn" if may_undo(found.gone) else "removed by the maintainers"
    if found.board and found.entry:
        hidden = ", hidden by the maintainers" if found.entry.hidden else ""
        return f"on the {BOARDS[found.board]} board{hidden}"
    if found.newer:
        return "an older version, kept in the entry's history"
    if found.taken_back:
        return "a reverted version, kept in the entry's history"
    return {
        "open": "being evaluated",
        "released": "ended without a result",
        "evaluated": "evaluated only, not published",
        "published": "no longer on a board",
        "purged": "erased",
    }[found.submission.state]


def show_holding(services: Services, session: VisitorSession, proof: Proof, found: Holding) -> None:
    """Everything about one submission."""
    with st.container(border=True, gap="small"):
        _summary(found)
        _jobs(services, session, proof, found)
    if found.gone:
        _gone(session, found)
    elif found.entry and found.board:
        if versions := comparison(services.store.read(), found.entry.entry_id):
            with st.container(border=True, gap="small"):
                show_versions(session.owner_acts, versions)
        _acts(session, found, found.entry)


def _summary(found: Holding) -> None:
    name = found.entry.model_name if found.entry else found.submission.model_name
    labelled("**Model**", name or "(erased)")
    when = times.local(found.submission.created)
    st.markdown(f"**{status(found)[:1].upper()}{status(found)[1:]}**. Submitted {when}.")
    if found.entry and found.board and not found.entry.hidden:
        model_link(found.entry.entry_id)
    if found.entry and (waits := held_text(found.entry)):
        st.markdown(waits)


def _jobs(services: Services, session: VisitorSession, proof: Proof, found: Holding) -> None:
    """Its runs, newest first, each with its log and a link to its page."""
    wanted = found.submission.submission_id
    found_jobs = services.jobs.list()
    jobs = [job for job in found_jobs if job.submission_id == wanted and job.kind in KINDS]
    for job in reversed(jobs):
        view = job_view(services, job.job_id, proof)
        if view is None:
            continue
        when = times.local(job.ended or job.started or job.created)
        st.markdown(f"{KINDS[job.kind]}: **{job.state}** {when}.")
        show_reason(view.job.error)
        show_log(view.log)
        show_own_files(view.files, job.job_id)
        if job.kind == "evaluation":
            st.button(
                "Scores and steps" if job.state == "completed" else "Steps, cancel or run again",
                icon=":material/list_alt:",
                on_click=session.owner_acts.asks(SEE_JOB, job.job_id),
                key=f"see_{job.job_id}",
            )
    if not jobs:
        st.caption("Its runs are not kept on this server.")


def _gone(session: VisitorSession, found: Holding) -> None:
    gone = found.gone
    if gone is None:
        return
    last = f" until {day}" if (day := times.local_day(gone.until)) else ""
    st.warning(
        f"This entry has been in the trash since {times.local(gone.time)} and is kept{last}.",
        icon=":material/delete:",
    )
    if gone.reason:
        labelled("**Reason**", gone.reason)
    if may_undo(gone):
        st.button(
            "Undo: put it back",
            icon=":material/undo:",
            on_click=session.owner_acts.asks(UNDO, gone.entry.entry_id),
        )
    for problem in session.owner_acts.refused(UNDO, gone.entry.entry_id).values():
        refusal(problem)


def _acts(session: VisitorSession, found: Holding, entry: Entry) -> None:
    correct, version, verify, leave, judge = st.tabs(
        ["Correct", "New version", "Verification", "Withdraw", "Judge"]
    )
    with correct:
        show_correction(session, entry, found.board or "community")
    with version:
        _version(session, found, entry)
    with verify:
        _verification(session, found, entry)
    with leave:
        _withdraw(session, entry)
    with judge:
        _judge(session, entry)


def _version(session: VisitorSession, found: Holding, entry: Entry) -> None:
    if found.board != "community":
        st.markdown(
            "An entry on the Official board takes no new versions: the maintainers vouch for its "
            "scores. Ask them."
        )
        return
    st.markdown(
        "Upload another file for this entry. It is checked and scored like any submission and "
        "counts as a try. Its scores then replace the current ones, which stay in the "
        "entry's public history."
    )
    # Not a link: a new tab would not have the key.
    st.button(
        "Upload a new version",
        icon=":material/upload_file:",
        on_click=session.owner_acts.asks(NEW_VERSION, entry.entry_id),
        key=f"version_{entry.entry_id}",
    )
    if entry.history:
        st.caption(f"{count(len(entry.history), 'earlier version')} so far.")


def _verification(session: VisitorSession, found: Holding, entry: Entry) -> None:
    st.markdown(
        "The maintainers run the model themselves, through access that you give them. A verified "
        "entry moves to the Official board, with the scores of that run or with yours, checked."
    )
    verification = entry.verification
    if verification:
        for state, date in sorted(verification.dates.items(), key=lambda item: item[1]):
            now = state == verification.state
            mark = ":blue[:material/radio_button_checked:]" if now else ":gray[:material/check:]"
            when = times.local(date)
            st.markdown(f"{mark} {'**' * now}{_VERIFICATION.get(state, '')}{'**' * now}, {when}")
        if verification.reason:
            labelled("**Reason**", verification.reason)
    problem = verification_problem(entry, found.board)
    if problem:
        st.caption(problem)
        return
    refused = session.owner_acts.refused(ASK, entry.entry_id)
    if not entry.contact:
        box = field_key(session, entry.entry_id, ASK_CONTACT)
        show_faults(session.owner_acts, "ask", "Not requested", refused, {CONTACT: box})
        st.text_input(
            "Contact (required for verification)",
            key=box,
            placeholder="name@example.org",
            help=f"{NO_CONTACT} Never shown on a page.",
        )
    st.button(
        "Ask for verification" if not verification else "Ask again",
        icon=":material/verified:",
        on_click=session.owner_acts.asks(ASK, entry.entry_id),
        key=f"ask_{entry.entry_id}",
    )
    for text in refused.values():
        refusal(text)


def _judge(session: VisitorSession, entry: Entry) -> None:
    st.markdown(
        HELD
        if entry.held
        else "The caption metrics are graded."
        if entry.judged
        else "The caption metrics wait for the judge, and rank as missing until then."
        if cached.settings().judge_key
        else NO_JUDGE
    )
    if not entry.judged and not entry.held and not cached.settings().judge_key:
        return
    st.button(
        "Go to the caption judge",
        icon=":material/gavel:",
        on_click=session.owner_acts.asks(JUDGE, entry.entry_id),
        key=f"judge_{entry.entry_id}",
    )


def _withdraw(session: VisitorSession, entry: Entry) -> None:
    st.markdown(
        "The entry leaves its board immediately. It stays in the trash for 30 days, during which "
        "you can put it back here. Tries are not refunded."
    )
    st.checkbox("I want to withdraw this entry.", key=field_key(session, entry.entry_id, SURE))
    for problem in session.owner_acts.refused(WITHDRAW, entry.entry_id).values():
        refusal(problem)
    with st.container(key=f"danger_withdraw_{entry.entry_id}"):
        st.button(
            "Withdraw",
            icon=":material/delete:",
            on_click=session.owner_acts.asks(WITHDRAW, entry.entry_id),
            key=f"withdraw_{entry.entry_id}",
        )
