"""Acts of the admin page: confirmed in a dialog, performed by the page, undone at its top."""

from dataclasses import replace
from functools import partial
from typing import Final

import streamlit as st

from core.errors import ChangedError, MedVidBenchError, PartlyDoneError, RefusedError
from core.ui.acts import Outcome
from core.ui.admin.parts import compare
from core.ui.admin.session import (
    AdminSession,
    Change,
    Context,
    Dialog,
    DialogAct,
    typed_values,
)
from core.ui.faults import show_faults
from core.ui.text import labelled, refusal
from core.ui.visitor import taken_over
from core.usecases import undo

CONFIRM: Final = "confirm"  # the act of the open dialog
RUN: Final = "run"  # an act that needs no confirmation
UNDO: Final = "undo"  # changes
# Fields of a change that have another name in a form.
_FIELDS = {"contact_ref": "contact", "entry_id": "entry"}
# Problems of a field with another name.
_CONTROLS = {"choice": "entry", "verification": "state", "results_file": "own_results"}


def perform(context: Context, session: AdminSession) -> bool:
    """Perform the act that was confirmed, run or undone; return whether the boards may differ."""
    return session.acts.perform(
        {
            CONFIRM: partial(
                _confirm, replace(context, opened_state=session.opened_state), session
            ),
            RUN: partial(_run, context, session),
            UNDO: partial(_undo, context, session),
        }
    )


def _confirm(context: Context, session: AdminSession, act: DialogAct) -> Outcome | None:
    opened = session.dialog
    others = opened.others() if isinstance(opened, DialogAct) else ()
    if act not in (opened, *others):
        return None  # it was closed meanwhile
    values = typed_values(session)
    try:
        outcome = act.act(context, values)
    except ChangedError as error:
        problems = _look_again(context, session, act, values, error)
        raise RefusedError(problems) from error
    except RefusedError:
        session.typed, session.reviewing = values, False
        raise
    except PartlyDoneError:
        session.close()
        raise
    except (MedVidBenchError, OSError):
        session.typed = values
        raise
    session.close()
    return outcome


def _run(context: Context, session: AdminSession, act: DialogAct) -> Outcome:
    outcome = act.act(context, {})
    session.close()
    return outcome


def _look_again(
    context: Context,
    session: AdminSession,
    act: DialogAct,
    values: dict[str, object],
    error: ChangedError,
) -> dict[str, str]:
    """Show somebody else's changes before they are overwritten; the admin's input is kept."""
    session.refresh_form(act.edited(context, values))
    return {_FIELDS.get(name, name): act.meanwhile for name in error.problems}


def _undo(context: Context, session: AdminSession, changes: tuple[str, ...]) -> Outcome:
    """Undo all changes of an act; those that cannot be undone stay at the top, with their undo."""
    found = undo.undo_all(context.services, changes, context.actor)
    problems = dict(zip(found.left, found.problems, strict=True))
    if not found.back:
        raise RefusedError(problems)
    bar = next((done for done in session.acts.outcomes if done.changes == changes), None)
    if bar:
        session.acts.dismiss(bar)
    session.close()
    what = bar.text if bar else "a change of the audit log."
    if found.left:
        raise PartlyDoneError(
            "\n".join(problems.values()),
            f"Undone for {found.back} of {len(changes)}: {what}",
            found.left,
        )
    return Outcome(f"Undone: {what}")


def show_outcomes(session: AdminSession) -> None:
    """The last outcome with its undo, at the top of the page; earlier ones are folded."""
    acts = session.acts
    if acts.first_sight():
        st.toast("Done. See the top of the page.", icon=":material/check:")
    recent = acts.recent()
    for done in recent[:1]:
        _outcome(session, done)
    if earlier := recent[1:]:
        with st.expander(f"Earlier ({len(earlier)})"):
            for done in earlier:
                _outcome(session, done)
    if session.dialog is None:
        for text in (*acts.problems.values(), acts.failure):
            if text:
                refusal(text)


def _outcome(session: AdminSession, done: Outcome) -> None:
    acts = session.acts
    with st.container(border=True, key=f"done_{int(done.at * 1000)}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(":green[:material/check_circle:]", width="content")
            st.text(done.text, width="stretch")
            if done.changes:
                st.button(
                    "Undo",
                    key=f"undo_{done.changes[0]}",
                    icon=":material/undo:",
                    on_click=acts.asks(UNDO, done.changes),
                )
            st.button(
                "Dismiss",
                key=f"dismiss_{int(done.at * 1000)}",
                type="tertiary",
                on_click=acts.dismiss,
                args=(done,),
            )
        if done.secret:
            st.markdown("Copy it now. It is shown only here; the server keeps just a hash.")
            st.code(done.secret, language=None, wrap_lines=True)


def show_dialog(context: Context, session: AdminSession) -> None:
    """The open dialog, if there is one."""
    dialog = session.dialog
    if dialog is None:
        return
    verb = dialog.verb if isinstance(dialog, DialogAct) else ""

    @st.dialog(dialog.title, width=dialog.width, on_dismiss=session.close)
    def draw() -> None:
        if taken_over() or session.acts.pending or session.dialog is not dialog:
            st.rerun()
        changes = _changes(context, session, dialog)
        if session.opened_state is None:
            session.opened_state = context.services.store.read()
        opened = replace(context, opened_state=session.opened_state)
        if not _shown(opened, session, dialog, changes):
            st.button("Close", key="ask_close", type="tertiary", on_click=session.close)
            return
        with st.container(horizontal=True, horizontal_alignment="right"):
            if changes is None:
                st.button(
                    "Cancel" if verb else "Close",
                    key="ask_cancel",
                    type="tertiary",
                    on_click=session.close,
                )
            else:
                st.button("Back", key="ask_back", type="tertiary", on_click=session.back)
            if isinstance(dialog, DialogAct) and dialog.two_steps and changes is None:
                st.button(
                    "Review the change", key="ask_review", type="primary", on_click=session.review
                )
            elif isinstance(dialog, DialogAct) and (changes is None or changes):
                for number, other in enumerate(dialog.others()):
                    _act_button(session, other, f"ask_other_{number}")
                _act_button(session, dialog, "ask_confirm", main=True)

    draw()


def _act_button(session: AdminSession, act: DialogAct, key: str, *, main: bool = False) -> None:
    """The button of an act: primary in its dialog, red if the act is destructive
    (core/web/assets/site.css)."""
    with st.container(key=f"{'danger' if act.destructive else 'safe'}_{key}", width="content"):
        st.button(
            act.verb,
            key=key,
            type="primary" if main else "secondary",
            on_click=session.acts.asks(CONFIRM, act),
        )


def _shown(
    context: Context, session: AdminSession, dialog: Dialog, changes: "list[Change] | None"
) -> bool:
    """Draw the dialog or its changes; False, with the reason shown, if its subject is gone."""
    try:
        if about := dialog.about(context):
            st.text(about)
        if changes is None:
            summary = st.container()  # filled last, when the fields are known
            dialog.show(context, session)
            with summary:
                _show_faults(session)
    except RefusedError as error:
        refusal(str(error))
        return False
    if changes is None:
        _general_problems(session)
    else:
        notes = dialog.notes(context, session.typed) if isinstance(dialog, DialogAct) else ()
        for note in notes:
            labelled(":orange[:material/warning:]", note)
        compare(changes)
    return True


def _changes(context: Context, session: AdminSession, dialog: Dialog) -> "list[Change] | None":
    """The changes under review; None while the dialog shows the fields."""
    if not isinstance(dialog, DialogAct) or not dialog.two_steps or not session.reviewing:
        return None
    if session.capture:
        session.typed = typed_values(session)
        session.capture = False
    session.acts.clear()
    context = replace(
        context, state=context.services.store.read(), opened_state=session.opened_state
    )
    try:
        return list(dialog.changes(context, session.typed))
    except ChangedError as error:
        session.acts.problems = _look_again(context, session, dialog, session.typed, error)
    except RefusedError as error:
        session.acts.problems, session.reviewing = error.problems, False
    session.acts.attempts += 1  # a refused one: the focus moves to its first field
    return None


def _show_faults(session: AdminSession) -> None:
    """A summary of the refused fields, with links to them."""
    keys = {name: session.key(_CONTROLS.get(name, name)) for name in session.shown_fields}
    refused = {name: text for name, text in session.acts.problems.items() if name in keys}
    show_faults(session.acts, "dialog", "Not done", refused, keys)


def _general_problems(session: AdminSession) -> None:
    """Problems that no field of the dialog shows, and a failure of the machine."""
    for name, problem in session.acts.problems.items():
        if name not in session.shown_fields:
            refusal(problem)
    if session.acts.failure:
        refusal(session.acts.failure)
