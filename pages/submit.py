"""The participant's page: check a file, submit it, follow its evaluation, see its rank."""

import streamlit as st
from streamlit.runtime.uploaded_file_manager import DeletedFile

from core.changes import admission
from core.errors import MedVidBenchError, RefusedError
from core.mirror import ground_truth
from core.model.contracts.review import Review
from core.model.entries import Entry
from core.model.fields import FILE_FIELD
from core.model.state import State, now
from core.runs.uploads import arrivals, free_space
from core.ui.account import show_account
from core.ui.acts import show_problem
from core.ui.frame import error_panel, page_header
from core.ui.session import FILE, JOB, REPLACES, VisitorSession, current_services, visitor_session
from core.ui.submit.check import checked, chosen_file, file_id, show_check, show_verdict
from core.ui.submit.form import SEND, read_form, show_form, show_refused
from core.ui.submit.intro import show_intro
from core.ui.submit.job import begin_another, show_job
from core.ui.submit.quota import show_quota
from core.ui.text import announce, refusal
from core.ui.visitor import proof, submitting
from core.usecases import submit
from core.usecases.services import Services
from core.usecases.submit import CheckedFile, Sender


def send(session: VisitorSession) -> None:
    """Perform a requested submission, once.

    Reading the form may end this run of the script, because of another click; the next run then
    starts here again. After submitting, nothing accesses the session's state.
    """
    services = current_services()
    form, file, sender = read_form(), chosen(services, session), sending(services, session)
    session.sent_file = file_id(chosen_file())
    upload = chosen_file()
    if session.receipt is None:
        session.sent_review = (
            checked(session, services.settings, upload)
            if file and upload and not isinstance(upload, DeletedFile)
            else None
        )
        session.receipt = submit.submit(services, form, file, sender)
        session.add_key(session.receipt.key)


def sending(services: Services, session: VisitorSession) -> Sender:
    """The submitter, and the entry in the address that this is a new version of."""
    settings = services.settings
    replaces = st.query_params.get(REPLACES, "")
    return Sender(submitting(settings), replaces, proof(settings, session))


def chosen(services: Services, session: VisitorSession) -> CheckedFile | None:
    """The uploaded file with the result of its check."""
    upload = chosen_file()
    if upload is None or isinstance(upload, DeletedFile):
        return None
    report = checked(session, services.settings, upload)
    return CheckedFile(
        upload.getvalue(), report.ready, report.records, report.content_sha256, report.checked
    )


def show_form_and_check(services: Services, session: VisitorSession) -> None:
    """Upload and form on the left; check and explanations on the right, or below on a phone."""
    closed = ground_truth.problem(services.settings) or free_space.problem(services.settings)
    if closed:
        st.info(closed, icon=":material/hourglass_empty:")
        show_intro(services)
        return
    state, sender = services.store.read(), sending(services, session)
    shut = admission.closed(state.policy)
    if shut:
        announce(admission.CLOSED_TITLE, shut)
    old = version_of(state, sender) if sender.replaces else None
    if sender.replaces and old is None:
        return
    barred = admission.version_problem(state.policy, old, now()) if old else None
    if barred:
        announce("This entry's track does not accept a new version now.", barred)
    show_account("Lets you open your submissions later without their keys.")
    session.choose_file(file_id(chosen_file()))
    left, right = st.columns(2, gap="large")
    with right:
        by_check = st.container()  # filled last, so that the rest is drawn while the check runs
        show_intro(services)
    with left:
        with st.container():  # a fixed place, as below
            show_refused(session.submit_acts)
        upload = st.file_uploader(
            "Predictions file",
            key=FILE,
            max_upload_size=services.settings.max_upload_mb,
        )
        here = chosen_file()  # after a restart it is known only once the uploader is drawn
        # A fixed place: if a line above it were added or removed, the form would be drawn twice,
        # old and new, until the check has ended.
        with st.container():
            if isinstance(here, DeletedFile):
                refusal(arrivals.why_missing(here.file_id))
            else:
                show_problem(session.submit_acts, FILE_FIELD)
        by_file = st.container()
        if not shut and not barred and show_quota(state, sender.submitter or ""):
            show_form(session.submit_acts, admission.open_tracks(state.policy, now()), old)
    report: Review | None = None
    if upload is not None:
        with by_file:
            with st.spinner("Checking the whole file"):
                report = checked(session, services.settings, upload)
            show_verdict(report, services.settings.min_records)
    with by_check:
        show_check(report, state.policy)


def version_of(state: State, sender: Sender) -> Entry | None:
    """The entry that a new version is for; None after showing why there is none."""
    try:
        return submit.replaced_entry(state, sender)[0]
    except RefusedError as error:
        st.info(" ".join(error.problems.values()), icon=":material/key:")
        return None


def show_unknown(services: Services, session: VisitorSession, job_id: str) -> None:
    if job_id in services.store.read().purged:  # its owner has kept the link
        st.info(
            "**This submission has been erased.** Its file, scores and logs are deleted and cannot "
            "be restored. If you did not expect this, ask the maintainers.",
            icon=":material/delete_forever:",
        )
    else:
        st.info(
            "**There is no submission at this address.** The link may be cut off or mistyped; copy "
            "it again from where you kept it. Nothing you submitted is lost.",
            icon=":material/link_off:",
        )
    st.button("Submit a file", icon=":material/add:", on_click=begin_another, args=(session,))


session = visitor_session()
session.submit_acts.perform({SEND: lambda _subject: send(session)})
if JOB in st.query_params or session.receipt is not None:
    page_header("Submission", "Progress and result. Bookmark this page to return.")
else:
    page_header("Submit", "Upload your model's answers to have them checked, scored and ranked.")
try:
    services = current_services()
    if session.receipt is not None and JOB not in st.query_params:
        st.query_params[JOB] = session.receipt.job_id
    job_id = st.query_params.get(JOB)
    if job_id is None:
        show_form_and_check(services, session)
    elif not show_job(services, session, job_id):
        show_unknown(services, session, job_id)
except MedVidBenchError as error:
    error_panel(
        "This page cannot be shown.",
        "Nothing is lost: earlier submissions are kept.",
        "Try again in a minute; if it fails again, tell the maintainers.",
        error,
    )
