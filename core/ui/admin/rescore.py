"""The Re-scoring tab: stale entries, re-scoring, scores and ranks before and after, applying."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from core.benchmark import METRIC_BY_KEY, SCORER_VERSION
from core.errors import RefusedError
from core.publish.numbers import DASH, fixed
from core.ui import times
from core.ui.acts import Outcome
from core.ui.admin.acts import RUN
from core.ui.admin.parts import compare
from core.ui.admin.session import AdminSession, Change, Context, DialogAct, Typed
from core.usecases import rescore
from core.usecases.rescore import Preview, Stale

_CHOSEN = "rescore_chosen"


def show(context: Context, session: AdminSession) -> None:
    """Draw the tab *Re-scoring*."""
    stale = rescore.stale_entries(context.services)
    st.markdown(
        f"The scorer is version **{SCORER_VERSION}**. Entries that an older one scored, or that "
        "were scored against a different ground truth, are stale: their scores are not comparable."
    )
    if not stale:
        st.success("No entry is stale.", icon=":material/check_circle:")
        return
    able = {s.entry.entry_id: s for s in stale if not s.blocked}
    chosen = st.multiselect(
        "Stale entries",
        tuple(able),
        default=tuple(able),
        format_func=lambda key: able[key].entry.model_name,
        key=_CHOSEN,
        placeholder="Choose entries" if able else "None of them can be scored again here",
    )
    chosen = [key for key in chosen if key in able]
    with st.container(horizontal=True):
        st.button(
            f"Score {len(chosen)} again",
            key="rescore_start",
            icon=":material/play_arrow:",
            disabled=not chosen,
            on_click=session.acts.asks(RUN, Start(tuple(chosen))),
        )
        ready = rescore.previews(context.services, chosen)
        st.button(
            f"See before and after of {len(ready)}",
            key="rescore_apply",
            icon=":material/compare_arrows:",
            disabled=not ready,
            on_click=session.open,
            args=(Apply(tuple(ready)),),
        )
        st.button("Refresh", icon=":material/refresh:", type="tertiary", key="rescore_refresh")
    left = set(chosen) - {preview.entry.entry_id for preview in ready}
    for found in stale:
        _row(found, outdated=found.entry.entry_id in left)


def _row(found: Stale, outdated: bool) -> None:
    """`outdated`: the new scores of a completed re-scoring are stale, too."""
    job = found.job
    done = job is not None and job.state == "completed"
    with st.container(border=True, key=f"stale_{found.entry.entry_id}", gap="xsmall"):
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            st.text(found.entry.model_name, width="content")
            st.badge("stale", color="orange")
            st.badge(found.board, color="gray")
            if job and not (done and outdated):
                st.badge(f"re-scoring {job.state}", color="blue")
        st.text(found.reason)
        if found.blocked:
            st.text(f"Cannot be scored again: {found.blocked}")
        if job and job.ended:
            when = times.local(job.ended)
            if done and outdated:
                st.text(f"The re-scoring of {when} is out of date. Score this entry again.")
            else:
                st.text(f"Scored again {when}" if done else f"The re-scoring ended {when}")
        if job and job.error:
            st.text(job.error)


@dataclass(frozen=True, slots=True)
class Start(DialogAct):
    """Queue the re-scorings. This does not change the boards, so it needs no confirmation."""

    entry_ids: tuple[str, ...]

    title = "Score again"
    verb = "Score again"

    def act(self, context: Context, typed: Typed) -> Outcome:
        jobs = rescore.start(context.services, self.entry_ids, context.actor)
        return Outcome(f"{len(jobs)} queued to be scored again. The boards are unchanged.")


@dataclass(frozen=True, slots=True)
class Apply(DialogAct):
    """Apply exactly the new scores that were shown for review."""

    previews: tuple[Preview, ...]

    title = "Apply the new scores"
    verb = "Apply"
    width = "large"

    def show(self, context: Context, session: AdminSession) -> None:
        for preview in self.previews:
            st.text(preview.entry.model_name)
            compare(lines(preview))

    def act(self, context: Context, typed: Typed) -> Outcome:
        ready = self.previews
        now = rescore.previews(context.services, [preview.entry.entry_id for preview in ready])
        left = [(preview.changes, preview.scores) for preview in now]
        if left != [(preview.changes, preview.scores) for preview in ready]:
            problem = (
                "Scores have changed since this was shown, so nothing was applied. "
                "Cancel, press “Refresh”, and see before and after once more."
            )
            raise RefusedError({"entries": problem})
        done = rescore.apply(context.services, ready, context.actor)
        names = ", ".join(f"“{preview.entry.model_name}”" for preview in ready[:3])
        more = f" and {len(ready) - 3} more" if len(ready) > 3 else ""
        return Outcome(f"New scores for {names}{more}.", tuple(done))


def lines(preview: Preview) -> Sequence[Change]:
    """Rank and metrics before and after, and what they were scored with where that changes."""
    found = [
        (METRIC_BY_KEY[key].name, fixed(old), fixed(new))
        for key, (old, new) in preview.changes.items()
    ]
    changes = [("Rank", _rank(preview.rank_before), _rank(preview.rank_after)), *found]
    entry, scores = preview.entry, preview.scores
    made_with = (
        ("Scorer version", entry.scorer_version, scores["scorer_version"]),
        ("Ground truth (SHA-256)", entry.ground_truth_sha256, scores["ground_truth_sha256"]),
    )
    changes += [
        (what, str(old or DASH)[:16], str(new or DASH)[:16])
        for what, old, new in made_with
        if old != new
    ]
    if not found:
        changes.append(("Metrics", "as they are", "the same"))
    return changes


def _rank(rank: int | None) -> str:
    return "hidden" if rank is None else str(rank)
