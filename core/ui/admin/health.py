"""The Health tab: one status line, then mirror, judge, queue, disk, data, versions, warnings."""

from dataclasses import dataclass

import streamlit as st

from core import recent_errors
from core.changes.auditing import acted
from core.mirror.status import MirrorStatus, mirror_status, retry_soon
from core.publish.judges import DEMO_CALLS
from core.publish.numbers import count, size
from core.ui import times
from core.ui.acts import Outcome
from core.ui.admin.acts import RUN
from core.ui.admin.parts import facts
from core.ui.admin.session import AdminSession, Context, DialogAct, Typed
from core.ui.text import labelled
from core.usecases import health, rescore, server_state


@dataclass(frozen=True, slots=True)
class Retry(DialogAct):
    """Make the mirror's thread try again now."""

    title = "Retry the mirror"
    verb = "Retry"

    def act(self, context: Context, typed: Typed) -> Outcome:
        retry_soon(context.services.settings)
        context.services.store.commit(acted("retry the mirror", "", context.actor))
        return Outcome("The mirror tries again within ten seconds; refresh then.")


def show(context: Context, session: AdminSession) -> None:
    """Draw the tab *Health*."""
    troubles = server_state.troubles(context.services)
    if troubles:
        st.warning(f"Needs attention: {', '.join(troubles)}.", icon=":material/warning:")
    else:
        st.success("All is well.", icon=":material/check_circle:")
    left, right = st.columns(2, gap="large")
    with left:
        _mirror(context, session)
        _judge(context)
        _queue(context)
    with right:
        _disk(context)
        _data(context)
        _versions(context)
    _warnings()
    st.button("Refresh", icon=":material/refresh:", key="health_refresh")


def _judge(context: Context) -> None:
    st.header("Judge", anchor=False)
    found = server_state.judge(context.services)
    calls = f"{found.calls_left:,} of {found.budget:,}" if found.calls_left is not None else ""
    if context.services.settings.demo_judge:
        calls = DEMO_CALLS
    facts(
        [
            ("Configured", found.model or "no: set OPENAI_API_KEY"),
            ("Calls left today (UTC)", calls),
            ("Last error", found.error or "none"),
        ]
    )


def _data(context: Context) -> None:
    st.header("Data", anchor=False)
    stale = len(rescore.stale_entries(context.services))
    facts(
        [
            ("Stale entries", f"{stale} (see Re-scoring)" if stale else "none"),
            ("Newest entry", times.local(server_state.last_change(context.state)) or "none"),
        ]
    )


def _mirror(context: Context, session: AdminSession) -> None:
    st.header("Mirror", anchor=False)
    status = mirror_status(context.services.settings)
    if not status.configured:
        st.info(
            "No mirror is set up. All data is on this machine only. To keep a copy, set "
            "MEDVIDBENCH_HUB_REPO and HF_TOKEN.",
            icon=":material/cloud_off:",
        )
        return
    if status.error:
        labelled(":red[:material/error:]", status.error)
    else:
        st.markdown(":green[:material/cloud_done:] The last round succeeded.")
    facts(_mirror_facts(status))
    if status.error:
        st.button("Retry now", icon=":material/sync:", on_click=session.acts.asks(RUN, Retry()))


def _mirror_facts(status: MirrorStatus) -> list[tuple[str, str]]:
    return [
        ("Repo", status.repo),
        ("Commit", status.head[:12]),
        ("Last answer", _when(status.checked)),
        ("Last in sync", _when(status.synced)),
        ("Waiting changes", str(status.waiting_changes)),
        *([("Next try", _when(status.retry_at))] if status.retry_at else []),
    ]


def _when(text: str | None) -> str:
    return times.local(text) or "never"


def _queue(context: Context) -> None:
    st.header("Job queue", anchor=False)
    found = health.queue(context.services.jobs, context.services.settings)
    facts(
        [
            ("Running", f"{found.running} of {found.slots}"),
            ("Waiting", str(found.waiting)),
            *(
                (name.capitalize(), str(count))
                for name, count in sorted(found.states.items())
                if name not in ("running", "queued")
            ),
        ],
    )


def _disk(context: Context) -> None:
    st.header("Disk", anchor=False)
    found = health.disk(context.services.settings)
    used = 1 - found.free / found.total if found.total else 0.0
    st.progress(min(1.0, used), text=f"{size(found.free)} free of {size(found.total)}")
    if found.low:
        labelled(":orange[:material/warning:]", "Disk space is low. Free some, or jobs will fail.")
    facts(
        [(name, f"{size(total)} in {count(files, 'file')}") for name, files, total in found.parts],
    )


def _versions(context: Context) -> None:
    st.header("Versions", anchor=False)
    facts([*health.versions(), ("Data folder", str(context.services.settings.root))])


def _warnings() -> None:
    st.header("Last warnings and errors", anchor=False)
    st.markdown(":small[Since this server process started; see its log for older ones.]")
    noted = recent_errors.noted()
    if not noted:
        st.markdown(":green[:material/check:] None.")
        return
    lines = [f"{n.time}  {n.level:<8} {n.where}: {n.text}" for n in noted]
    st.code("\n".join(lines), language=None, wrap_lines=True, height=min(400, 60 + 24 * len(lines)))
