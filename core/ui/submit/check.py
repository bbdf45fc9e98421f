"""The instant check of a chosen file: run it once, show it as a colleague's review."""

import pandas as pd
import streamlit as st
from streamlit.runtime.uploaded_file_manager import DeletedFile, UploadedFile

from core.benchmark import TASK_BY_KEY
from core.model.contracts.review import Finding, Review, TaskReview
from core.publish.numbers import DASH, count
from core.settings import Settings
from core.ui.session import FILE, VisitorSession
from core.ui.text import labelled
from core.usecases.check_upload import review

_NOTHING = "Your file is checked here as soon as you choose it. A check counts against nothing."
_MARKS = {
    "problems": ":red[:material/error:]",
    "warnings": ":orange[:material/warning:]",
    "notes": ":gray[:material/info:]",
}


def chosen_file() -> UploadedFile | DeletedFile | None:
    """What stands in the uploader; DeletedFile for one that the server does not have."""
    found: UploadedFile | DeletedFile | None = st.session_state.get(FILE)
    return found


def file_id(upload: UploadedFile | DeletedFile | None) -> str:
    """Names one choosing of a file; "" without one."""
    return upload.file_id if upload else ""


def checked(session: VisitorSession, settings: Settings, upload: UploadedFile) -> Review:
    """The report on an upload, from a limited process; the same content is checked once.

    Who has to wait for others' checks sees how many stand before. Raises StoreError when the data
    folder cannot be written.
    """
    content = upload.getvalue()
    place = st.empty()

    def tell(ahead: int) -> None:
        # Also where Streamlit ends the run of a visitor who has left: the turn is given up.
        place.info(
            f"The server is checking other files. {count(ahead, 'check')} must end before yours "
            "begins; you need not do anything.",
            icon=":material/hourglass_empty:",
        )

    try:
        return session.check(upload.file_id, content, lambda: review(settings, content, tell))
    finally:
        place.empty()


def show_verdict(report: Review, min_records: int) -> None:
    """Whether the file can be submitted, in a line: it stands by the uploader, where one looks."""
    _verdict(report)
    if report.ready and report.records < min_records:
        st.error(
            f"Too few to submit: at least {min_records} records are needed. The command line "
            "scores any number.",
            icon=":material/block:",
        )


def show_check(report: Review | None) -> None:
    """A table per task, then what was found: of the file, then task by task."""
    if report is None:
        st.info(_NOTHING, icon=":material/fact_check:")
        return
    if report.tasks:
        st.table(table(report.tasks), hide_index=True, border="horizontal")
    findings = [
        (mark, finding) for kind, mark in _MARKS.items() for finding in getattr(report, kind)
    ]
    for task in (None, *TASK_BY_KEY):
        group = [(mark, finding) for mark, finding in findings if finding.task == task]
        if group:
            _findings(task, group)


def _verdict(report: Review) -> None:
    text = f"**{report.verdict[:1].upper()}{report.verdict[1:]}**"
    if report.records:
        text += f" · {report.records:,} records"
    if not report.ready:
        st.error(text, icon=":material/block:")
    elif report.warnings:
        st.warning(text, icon=":material/warning:")
    else:
        st.success(text, icon=":material/check_circle:")


def table(tasks: tuple[TaskReview, ...]) -> pd.DataFrame:
    """One row per task; all texts are ours."""
    return pd.DataFrame(
        {
            "Task": [TASK_BY_KEY[task.key].short for task in tasks],
            "Expected": [f"{task.expected:,}" for task in tasks],
            "Found": [f"{task.found:,}" for task in tasks],
            "Empty": [f"{task.empty:,}" for task in tasks],
            "Unreadable": [
                f"{task.unreadable:,}" if task.unread_reason else DASH for task in tasks
            ],
            "Truncated": [
                DASH if task.truncated is None else f"{task.truncated:,}" for task in tasks
            ],
            "Off label": [
                DASH if task.off_label is None else f"{task.off_label:,}" for task in tasks
            ],
            "As many as asked": [_asked(task) for task in tasks],
        }
    )


def _asked(task: TaskReview) -> str:
    """How the number of boxes or segments compares with the question's own words."""
    if not task.counted or not task.found:
        return DASH
    if not task.compared:
        return "not checked"
    right = task.compared - task.fewer - task.more
    return f"{right:,} of {task.compared:,} ({task.counted})"


def _findings(task: str | None, group: list[tuple[str, Finding]]) -> None:
    """The findings of one task, or of the whole file, with their examples folded away."""
    heading = f"{TASK_BY_KEY[task].name} ({TASK_BY_KEY[task].short})" if task else "The whole file"
    with st.container(border=True, gap="xsmall"):
        st.markdown(f"**{heading}**")
        for mark, finding in group:
            labelled(mark, finding.text.removeprefix(f"{task}: "))
        lines = [_examples(finding) for _, finding in group if finding.examples]
        if lines:
            with st.expander("Examples, by index in the file"):
                for text in lines:
                    st.code(text, language=None, wrap_lines=True)


def _examples(finding: Finding) -> str:
    """The finding with its examples as plain text, shown as code so that no mark-up works."""
    head = f"{finding.text}\n{len(finding.examples)} of {finding.count:,}:\n"
    return head + "\n".join(
        f"  [{one.index}] {one.qa_type}, id {one.id}\n      {one.answer or '(empty)'}"
        for one in finding.examples
    )
