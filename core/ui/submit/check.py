"""The immediate check of a chosen file: runs once and shows the review."""

from collections.abc import Sequence
from typing import Final

import streamlit as st
from streamlit.runtime.uploaded_file_manager import DeletedFile, UploadedFile

from core.benchmark import TASK_BY_KEY
from core.model.contracts.review import Finding, Review, TaskReview
from core.model.policy import Policy
from core.publish.facts import columns_html
from core.publish.numbers import DASH, count, percent
from core.publish.sentences import listed
from core.settings import Settings
from core.ui.session import FILE, VisitorSession
from core.ui.text import labelled
from core.usecases.check_upload import review

_NOTHING = "Your file is checked here as soon as you choose it. Checks do not count as tries."
_PROBLEM = ":red[:material/error:]"
_WARNING = ":orange[:material/warning:]"
_NOTE = ":gray[:material/info:]"
# Titles of findings that several tasks share; others are grouped by their code.
_ALIKE = {
    "empty": "Empty answers",
    "missing": "Questions without a record",
    "no_records": "Tasks without any answer, by number of questions",
    "unreadable": "Answers that cannot be read",
    "truncated": "Answers that look truncated",
    "fewer": "Fewer boxes or segments than the question asks for",
    "more": "More boxes or segments than the question asks for",
    "odd": "Answers in an unusual form",
    "surplus": "More records than questions",
}


# Their metrics leave unreadable answers out (core.benchmark), which lowers the coverage.
_LEFT_OUT: Final = ("cvs_assessment", "skill_assessment", "dvc", "vs", "rc")


def chosen_file() -> UploadedFile | DeletedFile | None:
    """The file in the uploader; DeletedFile if the server no longer has it."""
    found: UploadedFile | DeletedFile | None = st.session_state.get(FILE)
    return found


def file_id(upload: UploadedFile | DeletedFile | None) -> str:
    """Identifies one choice of a file; "" without a file."""
    return upload.file_id if upload else ""


def checked(session: VisitorSession, settings: Settings, upload: UploadedFile) -> Review:
    """The report on an upload, from a limited process; the same content is checked once.

    While other checks run, the visitor sees how many are ahead. Raises StoreError if the data
    folder cannot be written.
    """
    content = upload.getvalue()
    place = st.empty()

    def tell(ahead: int) -> None:
        # Also runs when Streamlit ends the script of a visitor who has left: frees the turn.
        place.info(
            f"The server is checking other files. {count(ahead, 'check')} ahead of yours, which "
            "starts automatically.",
            icon=":material/hourglass_empty:",
        )

    try:
        return session.check(upload.file_id, content, lambda: review(settings, content, tell))
    finally:
        place.empty()


def show_verdict(report: Review, min_records: int) -> None:
    """Whether the file can be submitted, and if not, why: below the uploader, also on a phone."""
    if report.ready and report.records < min_records:
        st.error(
            f"**Too few records to submit**: {report.records:,} of at least {min_records:,} "
            "records. The command line scores any number.",
            icon=":material/block:",
        )
        return
    text = f"**{report.verdict[:1].upper()}{report.verdict[1:]}**"
    if report.records:
        text += f" · {count(report.records, 'record')}"
    if not report.ready:
        st.error(text, icon=":material/block:")
        _show_groups(_PROBLEM, report.problems)
    elif report.warnings:
        st.warning(text, icon=":material/warning:")
    else:
        st.success(text, icon=":material/check_circle:")


def show_check(report: Review | None, policy: Policy) -> None:
    """A table of tasks, then the warnings: the most serious first, usual findings folded."""
    if report is None:
        st.info(_NOTHING, icon=":material/fact_check:")
        return
    if report.tasks:
        st.html(columns_html("Answers by task", table(report.tasks)))
    if told := not_counted(report.tasks, policy):
        st.warning(told, icon=":material/remove_circle:")
    _show_groups(_WARNING, report.warnings)
    if report.notes:
        with st.expander(f"{count(len(report.notes), 'note')} on usual or ignored content"):
            for group in groups(report.notes):
                _show_group(_NOTE, group)


def not_counted(tasks: Sequence[TaskReview], policy: Policy) -> str:
    """The tasks with too few readable answers for their metrics to count, as Markdown; "" if none.

    Only if the maintainers enforce the minimum. In the other tasks each question is scored.
    """
    if not policy.enforce_min_coverage:
        return ""
    shares = {
        TASK_BY_KEY[task.key].short: (task.found - task.empty - task.unreadable) / task.expected
        for task in tasks
        if task.key in _LEFT_OUT and task.expected and task.found
    }
    low = [f"{n} ({percent(found)})" for n, found in shares.items() if found < policy.min_coverage]
    if not low:
        return ""
    return (
        f"**Would not count in the rank:** {listed(low)}. Fewer than "
        f"{percent(policy.min_coverage)} of the questions have a readable answer."
    )


def groups(findings: Sequence[Finding]) -> list[list[Finding]]:
    """Similar findings of several tasks grouped; the group with most answers first."""
    found: dict[str, list[Finding]] = {}
    for finding in findings:
        # Findings about the whole file may share a code and still differ.
        key = finding.code if finding.task else f"{finding.code}: {finding.text}"
        found.setdefault(key, []).append(finding)
    by_count = [sorted(group, key=_affected, reverse=True) for group in found.values()]
    return sorted(by_count, key=lambda group: sum(map(_affected, group)), reverse=True)


def _affected(finding: Finding) -> int:
    return finding.count


def table(tasks: tuple[TaskReview, ...]) -> dict[str, list[str]]:
    """The cells by column, a row for each task."""
    return {
        "Task": [TASK_BY_KEY[task.key].short for task in tasks],
        "Expected": [f"{task.expected:,}" for task in tasks],
        "Found": [f"{task.found:,}" for task in tasks],
        "Empty": [f"{task.empty:,}" for task in tasks],
        "Unreadable": [f"{task.unreadable:,}" if task.unread_reason else DASH for task in tasks],
        "Truncated": [DASH if task.truncated is None else f"{task.truncated:,}" for task in tasks],
        "Off label": [DASH if task.off_label is None else f"{task.off_label:,}" for task in tasks],
        "As asked": [_asked(task) for task in tasks],
    }


def _asked(task: TaskReview) -> str:
    """How the number of boxes or segments compares with the number the question asks for."""
    if not task.counted or not task.found:
        return DASH
    if not task.compared:
        return "not checked"
    right = task.compared - task.fewer - task.more
    return f"{right:,} of {task.compared:,}"


def _show_groups(mark: str, findings: Sequence[Finding]) -> None:
    for group in groups(findings):
        with st.container(border=True, gap="xsmall"):
            _show_group(mark, group)


def _show_group(mark: str, group: list[Finding]) -> None:
    """A group of findings, one line per task, with examples folded."""
    if len(group) > 1:
        total = sum(map(_affected, group))
        title = _ALIKE.get(group[0].code) or group[0].code.replace("_", " ").capitalize()
        st.markdown(f"{mark} **{title}**: {total:,}")
        mark = ""
    for finding in group:
        task = TASK_BY_KEY[finding.task].short if finding.task else ""
        label = " ".join(filter(None, (mark, f"**{task}**" if task else "")))
        labelled(label, finding.text.removeprefix(f"{finding.task}: "))
    examples = [_examples(finding) for finding in group if finding.examples]
    if examples:
        with st.expander("Examples, by index in the file"):
            for text in examples:
                st.code(text, language=None, wrap_lines=True)


def _examples(finding: Finding) -> str:
    """The finding with its examples as plain text, shown as code so that no markup is rendered."""
    head = f"{finding.text}\n{len(finding.examples)} of {finding.count:,}:\n"
    return head + "\n".join(
        f"  [{one.index}] {one.qa_type}, id {one.id}\n      {one.answer or '(empty)'}"
        for one in finding.examples
    )
