"""Judge runs for the admin: start one, its estimated cost, and flagged captions."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from core.benchmark import JUDGE_KEYS, METRIC_BY_KEY
from core.changes.auditing import acted
from core.errors import RefusedError
from core.model.contracts.judge import FlaggedRecord, JudgePlan
from core.model.entries import BoardName, Entry, Judgement
from core.publish.judges import DEMO_CALLS, cost
from core.publish.numbers import DASH, count, fixed
from core.runs.judging import plan as judge_plan
from core.ui import times
from core.ui.acts import Outcome
from core.ui.admin.held import choices
from core.ui.admin.parts import (
    DAY,
    NAME,
    cell,
    compare,
    dialog_button,
    facts,
    line,
    problem,
)
from core.ui.admin.session import AdminSession, Change, Context, DialogAct, Typed
from core.ui.text import refusal
from core.usecases import flagged_captions, judge_runs

_BOARDS: tuple[BoardName, ...] = ("community", "official")


@dataclass(frozen=True, slots=True)
class StartJudge(DialogAct):
    """A judge run of one entry, even of one that is already judged."""

    title = "Start a judge run"
    verb = "Start"

    def show(self, context: Context, session: AdminSession) -> None:
        able = {entry.entry_id: entry for entry in judgeable(context)}
        chosen = st.selectbox(
            "Entry",
            tuple(able),
            index=None,
            format_func=lambda key: able[key].model_name,
            placeholder="Choose an entry" if able else "No entry has an upload that can be judged",
            key=session.key("entry"),
        )
        if chosen in able:
            session.acts.problems.pop("choice", None)  # solved
            _plan(context, able[chosen])
        else:
            problem(session, "choice")

    def act(self, context: Context, typed: Typed) -> Outcome:
        able = {entry.entry_id: entry for entry in judgeable(context)}
        entry = able.get(str(typed.get("entry") or ""))
        if entry is None:
            raise RefusedError({"choice": "Choose the entry first."})
        job = judge_runs.start_as_admin(context.services, entry.entry_id, context.actor)
        change = acted("start judge run", entry.model_name, context.actor, job=job.job_id)
        context.services.store.commit(change)
        return Outcome(f"A judge run of “{entry.model_name}” is queued. Cancel it from its row.")


def judgeable(context: Context) -> list[Entry]:
    """Visible entries whose upload is kept here."""
    found = []
    for board in _BOARDS:
        for entry in context.state.shown(board):
            files = judge_runs.files_of(context.services, entry)
            if files is not None and files.upload.is_file():
                found.append(entry)
    return found


def _plan(context: Context, entry: Entry) -> None:
    """Whether a run can start, and how much of the budget it would use."""
    why_not = judge_runs.refusal(context.services, entry, context.actor)
    if why_not:
        refusal(why_not)
        return
    files = judge_runs.files_of(context.services, entry)
    if files is None:
        return
    settings = context.services.settings
    with st.spinner("Estimating the run"):
        last = judge_runs.last_run(context.services, entry)
        plan = judge_plan.plan(settings, files, last)
    if not isinstance(plan, JudgePlan):
        refusal(plan)
        return
    left = DEMO_CALLS if settings.demo_judge else f"{plan.budget_left:,} calls"
    facts(
        [
            ("Pairs to judge", f"{plan.pairs:,}"),
            ("Calls", f"{plan.calls:,}"),
            ("Today’s budget left", left),
            ("Estimated cost", cost(plan.cost_usd, settings.judge_model)),
        ]
    )


@dataclass(frozen=True, slots=True)
class ReviewFlagged(DialogAct):
    """Show the captions that a run flagged, and accept its scores."""

    entry_id: str
    run_id: str

    title = "Flagged captions"
    verb = "Let the scores count"
    width = "large"

    def flagged(self, context: Context) -> tuple[Entry, Judgement]:
        """The entry and its run. Raises RefusedError if a later run exists or it was reviewed."""
        for _board, entry, judged in flagged_captions.waiting(context.state):
            if (entry.entry_id, judged.run_id) == (self.entry_id, self.run_id):
                return entry, judged
        raise RefusedError({"entry": "This has changed. Close and reload."})

    def about(self, context: Context) -> str:
        return self.flagged(context)[0].model_name

    def show(self, context: Context, session: AdminSession) -> None:
        entry, judged = self.flagged(context)
        st.markdown(
            "These are the captions as the judge saw them, with invisible characters made "
            "visible. If they try to influence the judge, keep the scores held or hide the entry. "
            "A later judge run is checked again."
        )
        if entry.held:
            compare(_scores(entry, judged))
        else:
            st.markdown("The scores of this older run already count.")
        with st.spinner("Reading the upload"):
            found = flagged_captions.captions(context.services, entry, judged)
        if isinstance(found, str):
            refusal(found)
            return
        if judged.flagged > flagged_captions.AT_ONCE:
            st.text(f"The first {flagged_captions.AT_ONCE} of {judged.flagged:,} records.")
        many = sum(len(one.captions) for one in found) > 3
        with st.container(border=True, height=420 if many else "content"):
            for one in found:
                _record(one)

    def others(self) -> Sequence[DialogAct]:
        return choices(self.entry_id, self.run_id)

    def act(self, context: Context, typed: Typed) -> Outcome:
        entry, judged = self.flagged(context)
        change_id = flagged_captions.looked_at(context.services, entry, judged, context.actor)
        return Outcome(f"The held scores of “{entry.model_name}” count now.", change_id)


def _scores(entry: Entry, judged: Judgement) -> list[Change]:
    """The caption metrics now, and once the held scores count."""
    return [
        (METRIC_BY_KEY[key].name, fixed(entry.metrics.get(key)), fixed(judged.metrics[key]))
        for key in JUDGE_KEYS
    ]


def _record(one: FlaggedRecord) -> None:
    st.markdown(f"**Record {one.record}**, {one.task}")
    for caption in one.captions:
        st.text("; ".join(caption.why) or "was flagged by earlier rules")
        st.code(caption.text, language=None, wrap_lines=True)
    if one.count > len(one.captions):
        st.text(f"and {one.count - len(one.captions)} more captions of this record")


def flagged_row(session: AdminSession, entry: Entry, judged: Judgement) -> None:
    """An entry with captions that look like attempts to influence the judge."""
    reasons = dict.fromkeys(why for all_ in judged.flagged_records.values() for why in all_)
    with line(f"flagged_{entry.entry_id}"):
        cell(f"{entry.model_name}{' (hidden)' if entry.hidden else ''}", NAME)
        cell(f"{count(judged.flagged, 'record')}: {', '.join(reasons)}", "stretch", wrap=True)
        cell(times.local_day(judged.date) or DASH, DAY, number=True)
        look = ReviewFlagged(entry.entry_id, judged.run_id)
        dialog_button(session, "Review", ":material/visibility:", look, f"flagged_{entry.entry_id}")
