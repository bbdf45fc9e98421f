"""The caption judge's page: choose a model, start its run, follow it, see the result."""

import streamlit as st

from core.errors import MedVidBenchError
from core.model.entries import Entry
from core.model.state import State
from core.publish.address import BOARDS
from core.ui.frame import READABLE, demo_judge, error_panel, page_header
from core.ui.judge.acts import CHOICE, NO_JUDGE, perform
from core.ui.judge.run import show_run
from core.ui.session import MODEL, VisitorSession, current_services, visitor_session
from core.ui.text import key_of
from core.ui.visitor import proof
from core.usecases.judge_view import judge_view
from core.usecases.services import Services


def options(state: State, asked: str | None = None) -> dict[str, str]:
    """Entry id to label: pending entries first, each board in its order.

    Entries without caption scores and without an upload to grade are left out, unless one of them
    was asked for.
    """
    found: list[tuple[bool, str, str]] = []
    for board, label in BOARDS.items():
        for entry in state.shown(board):
            key, uploaded = entry.entry_id, entry.upload_id in state.submissions
            if entry.judged or uploaded or key == asked:
                found.append((entry.judged, key, _label(entry, label, uploaded)))
    return {entry_id: text for _, entry_id, text in sorted(found, key=lambda one: one[0])}


def _label(entry: Entry, board: str, uploaded: bool) -> str:
    pending = "judge pending" if uploaded else "not judged"
    return f"{entry.model_name} · {board} · {'judged' if entry.judged else pending}"


def choose(known: dict[str, str], session: VisitorSession) -> str | None:
    """The model in the address or the one just chosen, which is then put into the address."""
    asked, key = st.query_params.get(MODEL), key_of(CHOICE, known)
    if asked != session.judge_model:  # a link, or the browser's back button
        session.judge_model = asked
        st.session_state[key] = asked if asked in known else None
    elif key not in st.session_state:  # the labels have changed, since a model was judged
        st.session_state[key] = asked if asked in known else None
    chosen = st.selectbox(
        "Model",
        list(known),
        index=None,
        format_func=lambda entry_id: known.get(entry_id, entry_id),
        key=key,
        placeholder="Choose a model, or type part of its name",
        width=READABLE,
    )
    if chosen is not None and chosen != session.judge_model:
        session.judge_model = chosen
        st.query_params[MODEL] = chosen
    return chosen


def show(services: Services, session: VisitorSession) -> None:
    known = options(services.store.read(), st.query_params.get(MODEL))
    chosen = choose(known, session)
    if chosen is None:
        if session.judge_model is not None:
            st.info(
                "**There is no such model on the boards.** The link may be cut off, or the entry "
                "was removed. Choose a model from the list.",
                icon=":material/link_off:",
                width=READABLE,
            )
        else:
            st.info(
                "Choose a model to see whether its captions are graded, by which judge and with "
                "what result, or what a run would take. With its submission key you can start it."
                if known
                else "No model is on the boards yet.",
                icon=":material/gavel:",
                width=READABLE,
            )
        if not services.settings.judge_key:
            st.markdown(NO_JUDGE)
        return
    perform(services, session, chosen)
    view = judge_view(services, chosen, proof(services.settings, session))
    if view is not None:
        show_run(services, session, view)


page_header(
    "Judge status",
    "This demo has no language model as judge: demo-judge grades captions instead."
    if demo_judge()
    else "A language model grades the captions of a submission; the caption metrics come from it.",
)
try:
    show(current_services(), visitor_session())
except MedVidBenchError as error:
    error_panel(
        "This page cannot be shown.",
        "Nothing is lost: runs continue without it.",
        "Try again in a minute; if it fails again, tell the maintainers.",
        error,
    )
