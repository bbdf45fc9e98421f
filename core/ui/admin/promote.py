"""Promoting a community entry to the Official board, with everything it has."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import streamlit as st

from core.benchmark import METRICS
from core.errors import RefusedError
from core.model.entries import Entry
from core.model.fields import FIELDS
from core.publish.numbers import fixed
from core.ranking.board import shown_board
from core.ranking.what_if import rank_with
from core.ui.acts import Outcome
from core.ui.admin.entry_acts import entry_of, standing
from core.ui.admin.parts import date_field, facts, problem, text_field
from core.ui.admin.session import AdminSession, Context, DialogAct, Typed
from core.usecases import moderate

_METRIC: Final = 104  # pixels: ten in a line of a wide dialog


@dataclass(frozen=True, slots=True)
class Promote(DialogAct):
    """`entry_id` is empty when the entry is yet to be chosen."""

    entry_id: str = ""

    title = "Promote to the Official board"
    verb = "Promote"
    width = "large"
    meanwhile = (
        "Somebody else changed this entry meanwhile, so it was not promoted. What stands here "
        "now is what it holds: look at it again."
    )

    def about(self, context: Context) -> str:
        return entry_of(context, "community", self.entry_id).model_name if self.entry_id else ""

    def show(self, context: Context, session: AdminSession) -> None:
        context = context.when_opened
        entry = self._entry(context, session)
        if entry is None:
            return
        after = rank_with(shown_board(context.state, "official"), entry)
        now = standing(context, "community", entry.entry_id)
        st.markdown(f"Now {now}; then **rank {after.rank} of {after.size}** on the Official board.")
        st.markdown("**What is copied**")
        problem(session, "choice")
        metric_table(entry)
        facts(copied(entry))
        left, right = st.columns(2)
        with left:
            date_field(session, "verified_date", "Verified on", datetime.now(UTC).date())
        with right:
            text_field(session, "verified_note", "Note (shown beside the entry)")

    def _entry(self, context: Context, session: AdminSession) -> Entry | None:
        if self.entry_id:
            return entry_of(context, "community", self.entry_id)
        shown = enumerate(shown_board(context.state, "community").entries, start=1)
        ranked = {entry.entry_id: (rank, entry) for rank, entry in shown}
        before = session.initial("entry", None)
        chosen = st.selectbox(
            "Community entry",
            tuple(ranked),
            index=tuple(ranked).index(before) if before in ranked else None,
            format_func=lambda key: f"{ranked[key][0]}. {ranked[key][1].model_name}",
            placeholder="Choose an entry" if ranked else "No entry is on the Community board",
            key=session.key("entry"),
        )
        if chosen not in ranked:
            problem(session, "choice")
            return None
        session.acts.problems.pop("choice", None)  # it is answered
        return ranked[chosen][1]

    def act(self, context: Context, typed: Typed) -> Outcome:
        chosen = self.entry_id or str(typed.get("entry") or "")
        if not chosen:
            raise RefusedError({"choice": "Choose the entry first."})
        entry = entry_of(context.when_opened, "community", chosen)
        change_id = moderate.promote(
            context.services,
            entry,
            context.actor,
            verified_date=str(typed.get("verified_date") or ""),
            note=str(typed.get("verified_note") or ""),
        )
        return Outcome(f"Promoted “{entry.model_name}” to the Official board.", change_id)


def metric_table(entry: Entry) -> None:
    """The metrics, two in a line on a phone; numbers only, so nothing is anybody's text."""
    with st.container(horizontal=True, gap="small"):
        for metric in METRICS:
            value = fixed(entry.metrics[metric.key])
            st.markdown(f":small[:gray[{metric.name}]]  \n{value}", width=_METRIC)


def copied(entry: Entry) -> list[tuple[str, str]]:
    """What goes along with the metrics."""
    declared = [
        (field.label, text)
        for field in FIELDS
        if field.declared and (text := field.text(field.value_of(entry)))
    ]
    return [
        ("Organization", entry.organization),
        ("Contact (never shown)", entry.contact or ""),
        ("Model URL", entry.model_url or ""),
        *declared,
        ("Track", entry.track or ""),
        ("Submitted", entry.date or ""),
        ("Scorer version", entry.scorer_version or ""),
        ("Ground truth (SHA-256)", (entry.ground_truth_sha256 or "")[:16]),
        ("Predictions (SHA-256)", (entry.predictions_sha256 or "")[:16]),
        ("Earlier versions", str(len(entry.history)) if entry.history else ""),
    ]
