"""Judge runs for the admin: start one, what it would take, and captions that were flagged."""

from dataclasses import dataclass

import streamlit as st

from core.changes.admin_operations import acted
from core.entries import BoardName, Entry
from core.errors import RefusedError
from core.judge import judge_plan, judge_runs
from core.judge.judge_plan import JudgePlan
from core.ui.admin.admin_desk import Ask, Desk, Done, Place, Typed
from core.ui.admin.admin_show import facts, problem, row
from core.ui.plain import refusal

_BOARDS: tuple[BoardName, ...] = ("community", "official")


@dataclass(frozen=True, slots=True)
class StartJudge(Ask):
    """A judge run of one entry, also of one that is judged already."""

    title = "Start a judge run"
    verb = "Start"

    def show(self, place: Place, desk: Desk) -> None:
        able = {entry.entry_id: entry for entry in judgeable(place)}
        chosen = st.selectbox(
            "Entry",
            tuple(able),
            index=None,
            format_func=lambda key: able[key].model_name,
            placeholder="Choose an entry" if able else "No entry has an upload that can be judged",
            key=desk.key("entry"),
        )
        if chosen in able:
            _plan(place, able[chosen])
        else:
            problem(desk, "entry")

    def act(self, place: Place, typed: Typed) -> Done:
        able = {entry.entry_id: entry for entry in judgeable(place)}
        entry = able.get(str(typed.get("entry") or ""))
        if entry is None:
            raise RefusedError({"entry": "Choose the entry first."})
        job = judge_runs.start_as_admin(place.services, entry.entry_id, place.actor)
        op = acted("start judge run", entry.model_name, place.actor, job=job.job_id)
        place.services.store.commit(op)
        return Done(f"A judge run of “{entry.model_name}” is queued. Cancel it from its row.")


def judgeable(place: Place) -> list[Entry]:
    """Shown entries whose upload is kept here."""
    found = []
    for board in _BOARDS:
        for entry in place.state.shown(board):
            files = judge_runs.files_of(place.services, entry)
            if files is not None and files.upload.is_file():
                found.append(entry)
    return found


def _plan(place: Place, entry: Entry) -> None:
    """Whether a run may begin, and what it would take of the budget."""
    why_not = judge_runs.refusal(place.services, entry, place.actor)
    if why_not:
        refusal(why_not)
        return
    files = judge_runs.files_of(place.services, entry)
    if files is None:
        return
    with st.spinner("Asking the judge what it would take"):
        last = judge_runs.last_run(place.services, entry)
        told = judge_plan.plan(place.services.settings, files, last)
    if not isinstance(told, JudgePlan):
        refusal(told)
        return
    facts(
        [
            ("Pairs to judge", f"{told.pairs:,}"),
            ("Calls", f"{told.calls:,}"),
            ("Today’s budget left", f"{told.budget_left:,} calls"),
            ("Estimated cost", f"${told.cost_usd:,.2f}"),
        ]
    )


def show_flagged(place: Place) -> None:
    """Entries with captions that look like attempts to steer the judge."""
    flagged = [
        (entry, entry.judge)
        for board in _BOARDS
        for entry in place.state.board(board)
        if entry.judge and entry.judge.flagged
    ]
    if not flagged:
        return
    st.subheader("Flagged captions", anchor=False)
    st.markdown(
        ":small[They look like attempts to steer the judge. Look at them in the upload; hide the "
        "entry, or start another run, when they are.]"
    )
    for entry, judged in flagged:
        what, _acts = row(f"flagged_{entry.entry_id}")
        with what:
            st.text(f"{entry.model_name}: {judged.flagged}")
            for record, reasons in judged.flagged_records.items():
                st.text(f"record {record}: {', '.join(reasons)}")
