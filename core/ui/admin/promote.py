"""Promoting a community entry to the Official board, with everything it has."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from core.benchmark import METRICS
from core.changes import placing
from core.errors import RefusedError
from core.model.entries import Entry
from core.model.fields import FIELDS
from core.model.state import now
from core.publish.numbers import fixed
from core.ranking.board import shown_board
from core.ranking.what_if import rank_with
from core.ui.acts import Outcome
from core.ui.admin.entry_acts import entry_of, standing
from core.ui.admin.parts import compare, date_field, facts, problem, text_field
from core.ui.admin.session import AdminSession, Context, DialogAct, Typed
from core.ui.text import labelled, refusal
from core.usecases import moderate, results_import
from core.usecases.before_promoting import warnings

_SCORES: Final = {
    "checked": "The participant’s, checked",
    "own run": "From the maintainers’ own run (load its results file)",
}
_METRIC: Final = 104  # pixels: ten fit in a row of a wide dialog


@dataclass(frozen=True, slots=True)
class Promote(DialogAct):
    """`entry_id` is empty while no entry is chosen."""

    entry_id: str = ""

    title = "Promote to the Official board"
    verb = "Promote"
    width = "large"
    meanwhile = (
        "Somebody else changed this entry, so it was not promoted. These are its current values. "
        "Check it again."
    )

    def about(self, context: Context) -> str:
        return entry_of(context, "community", self.entry_id).model_name if self.entry_id else ""

    def show(self, context: Context, session: AdminSession) -> None:
        context = context.when_opened
        entry = self._entry(context, session)
        if entry is None:
            return
        place = st.container()  # filled last: it depends on whose scores these are
        before = session.initial("scores", None)
        chosen = st.radio(
            "Whose scores are these?",
            tuple(_SCORES),
            index=tuple(_SCORES).index(before) if before in _SCORES else None,
            format_func=_SCORES.__getitem__,
            key=session.key("scores"),
        )
        if chosen:
            session.acts.problems.pop("scores", None)  # solved
        problem(session, "scores")
        with st.container():  # one place, empty or not: what is typed below stays
            own = _results(session) if chosen == "own run" else None
            if own is not None:
                compare(
                    [
                        (metric.name, fixed(entry.metrics[metric.key]), fixed(own[metric.key]))
                        for metric in METRICS
                    ],
                    "Participant",
                    "Own run",
                )
        with place:
            _then(context, entry, own, known=chosen != "own run" or own is not None)
        st.markdown("**What is copied**")
        problem(session, "choice")
        with st.container():
            if chosen == "own run":  # its metrics are above, if they are known
                facts(copied(placing.own_run(entry, own or {}, now())))
            else:
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
        session.acts.problems.pop("choice", None)  # solved
        return ranked[chosen][1]

    def act(self, context: Context, typed: Typed) -> Outcome:
        chosen = self.entry_id or str(typed.get("entry") or "")
        if not chosen:
            raise RefusedError({"choice": "Choose the entry first."})
        entry = entry_of(context.when_opened, "community", chosen)
        of = typed.get("scores")
        problems = {}
        if of not in _SCORES:
            problems["scores"] = "Say whose scores these are."
        if not typed.get("verified_date"):
            problems["verified_date"] = "Choose the date of the verification."
        if problems:
            raise RefusedError(problems)
        change_id = moderate.promote(
            context.services,
            entry,
            context.actor,
            verified_date=str(typed["verified_date"]),
            note=str(typed.get("verified_note") or ""),
            scores="own run" if of == "own run" else "checked",
            metrics=_own_metrics(typed) if of == "own run" else None,
        )
        return Outcome(f"Promoted “{entry.model_name}” to the Official board.", change_id)


def _then(
    context: Context, entry: Entry, own: dict[str, float | None] | None, *, known: bool
) -> None:
    """The rank before and after, and warnings; `known`: the scores that it will have are."""
    moved = entry if own is None else placing.own_run(entry, own, now())
    before = standing(context, "community", entry.entry_id)
    if known:
        after = rank_with(shown_board(context.state, "official"), moved)
        then = f"then **rank {after.rank} of {after.size}** on the Official board."
    else:
        then = "the results file decides the rank on the Official board."
    st.markdown(f"Now {before}; {then}")
    for warning in warnings(context.state, moved) if known else ():
        labelled(":orange[:material/warning:]", warning)


def _results(session: AdminSession) -> dict[str, float | None] | None:
    """The field for the results file of the maintainers' own run, and the metrics in it."""
    file = st.file_uploader(
        "Results file of your run",
        key=session.key("own_results"),
        max_upload_size=20,
        help="What the evaluation writes with --json, or a results file of the older evaluation.",
    )
    if file is None:
        problem(session, "results_file")
        return None
    session.acts.problems.pop("results_file", None)  # solved
    try:
        found = results_import.read(file.getvalue())
    except RefusedError as error:
        refusal(str(error))
        return None
    return found.metrics


def _own_metrics(typed: Typed) -> dict[str, float | None]:
    """Raises RefusedError without a readable file."""
    file = typed.get("own_results")
    if not isinstance(file, UploadedFile):
        raise RefusedError({"results_file": "Choose the results file of your own run."})
    return results_import.read(file.getvalue()).metrics


def metric_table(entry: Entry) -> None:
    """The metrics, two per row on a phone; numbers only, so no text needs escaping."""
    with st.container(horizontal=True, gap="small"):
        for metric in METRICS:
            value = fixed(entry.metrics[metric.key])
            st.markdown(f":small[:gray[{metric.name}]]  \n{value}", width=_METRIC)


def copied(entry: Entry) -> list[tuple[str, str]]:
    """What is copied besides the metrics."""
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
