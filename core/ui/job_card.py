"""Parts of a job's card, shared by all pages: its progress and outcome."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Final, Literal

import streamlit as st

from core.model.entries import Job, JobKind, JobState, Step
from core.publish import dates
from core.ui import times
from core.ui.text import labelled
from core.usecases.own_files import RESULTS, OwnFile

POLL_S: Final = 1.0  # seconds between two reads of a waiting or running job
Color = Literal["gray", "blue", "green", "red", "orange"]


@dataclass(frozen=True, slots=True)
class _Words:
    label: str
    color: Color
    icon: str = ":material/error:"


STATES: Final[Mapping[JobState, _Words]] = {
    "queued": _Words("Waiting for its turn", "blue"),
    "running": _Words("Running", "blue"),
    "completed": _Words("Done", "green", ":material/check_circle:"),
    "incomplete": _Words("Incomplete", "orange"),
    "failed": _Words("Failed", "red"),
    "cancelled": _Words("Cancelled", "gray", ":material/cancel:"),
    "interrupted": _Words("Interrupted", "orange"),
}
_SERVERS: Final = re.compile("OPENAI_|MEDVIDBENCH_")  # settings of whoever runs the server
KINDS: Final[Mapping[JobKind, str]] = {"evaluation": "Evaluation", "judge": "Caption judge"}


def show_progress(job: Job, queue_place: int | None, detail: str = "") -> None:
    """The bar of a waiting or running job; `detail` is Markdown on its progress."""
    label = STATES[job.state].label
    if job.state == "queued":
        place = f", place {queue_place} in the queue" if queue_place else ""
        st.progress(0.0, text=f"**{label}**{place}")
    else:
        st.progress(job.progress, text=f"**{label}**: {detail or f'{job.progress:.0%}'}")


def show_end(state: JobState, ended: str | None, more: str = "") -> None:
    """How and when a job ended; `more` is Markdown."""
    show = {"completed": st.success, "failed": st.error}.get(state, st.warning)
    words = STATES[state]
    text = f"**{words.label}** {times.local(ended)}".strip()
    show(f"{text}{more}", icon=words.icon)


def show_own_files(files: Sequence[OwnFile], key: str) -> None:
    """Buttons to download a run's files, for the holder of its key; nothing without files."""
    if not files:
        return
    results = any(file.name.endswith(RESULTS) for file in files)
    what = ": results with three decimals, by source dataset" if results else ""
    st.caption(f"Only you can download {'these' if len(files) > 1 else 'this'}{what}.")
    with st.container(horizontal=True):
        for file in files:
            st.download_button(
                file.label,
                file.read,
                file.name,
                file.mime,
                icon=":material/download:",
                on_click="ignore",
                key=f"own_{file.name}_{key}",
            )


def show_reason(error: str | None) -> None:
    """Why a job ended, as plain text, and whose settings it names; nothing without a reason."""
    if error:
        labelled("**Reason**", error[:1].upper() + error[1:])
        if _SERVERS.search(error):
            st.caption(
                "The settings and the key named there are this server’s, not yours. Its "
                "maintainers find the same reason in their inbox."
            )


def log_text(log: str) -> str:
    """A log as it is shown: its rules of "=" are short, so that they do not wrap on a phone."""
    return re.sub(r"^={24,}$", "=" * 24, log, flags=re.MULTILINE)


def show_log(log: str, title: str = "Log") -> None:
    """The last lines of a log, folded; nothing for visitors who may not see it."""
    if log:
        with st.expander(title):
            st.code(log_text(log), language=None, wrap_lines=True)


def step_lines(job: Job, zone: tzinfo, evaluate_only: bool = False) -> list[str]:
    """The steps as Markdown lines: mark, name, start and duration."""
    stopped = job.done and job.state != "completed"
    lines = [_step_line(step, stopped, zone) for step in job.steps]
    if evaluate_only and lines:
        lines[0] = lines[0].replace("Name reserved", "Registered, no name taken")
    return lines


def _step_line(step: Step, stopped: bool, zone: tzinfo) -> str:
    name = step.name[:1].upper() + step.name[1:]
    started, ended = dates.parse(step.started), dates.parse(step.ended)
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
