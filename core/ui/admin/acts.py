"""Acts of the admin page: asked in a dialog, done by the page, undone from a bar on top."""

from dataclasses import replace

import streamlit as st

from core.errors import ChangedError, MedVidBenchError, PartlyDoneError, RefusedError
from core.ui.admin.parts import compare
from core.ui.admin.session import Ask, Change, Desk, Done, Place, Reading, typed
from core.ui.text import refusal
from core.usecases import undo

# Fields of an operation that a form calls otherwise.
_FIELDS = {"contact_ref": "contact", "entry_id": "entry"}


def do_what_was_asked(place: Place, desk: Desk) -> bool:
    """Do the act that was confirmed, run or undone; whether the boards may have changed.

    Reading the fields may end this run of the script; the next then begins here again.
    """
    if desk.confirmed and isinstance(desk.ask, Ask):
        ask, values = desk.ask, typed(desk)
        desk.confirmed = False
        _do(replace(place, first=desk.first), desk, ask, values)
    elif desk.running is not None:
        ask, desk.running = desk.running, None
        _do(place, desk, ask, {})
    elif desk.undoing:
        operations, desk.undoing = desk.undoing, ()
        _undo(place, desk, operations)
    else:
        return False
    return True


def _do(place: Place, desk: Desk, ask: Ask, values: dict[str, object]) -> None:
    desk.problems, desk.failure = {}, ""
    try:
        done = ask.act(place, values)
    except ChangedError as error:
        _look_again(place, desk, ask, values, error)
    except RefusedError as error:
        desk.problems, desk.typed, desk.reviewing = error.problems, values, False
    except PartlyDoneError as error:
        desk.finish(Done(error.done, error.operations))
        desk.failure = str(error)
    except (MedVidBenchError, OSError) as error:
        desk.failure, desk.typed = str(error), values
    else:
        desk.finish(done)


def _look_again(
    place: Place, desk: Desk, ask: Ask, values: dict[str, object], error: ChangedError
) -> None:
    """Show what somebody else made of it, before it is overwritten; what was typed stays."""
    problems = {_FIELDS.get(name, name): ask.meanwhile for name in error.problems}
    desk.look_again(problems, ask.mine(place, values))


def _undo(place: Place, desk: Desk, operations: tuple[str, ...]) -> None:
    """Take back all of an act; what of it cannot be taken back stays on top, with its undo."""
    desk.problems, desk.failure = {}, ""
    found = undo.undo_all(place.services, operations, place.actor)
    if not found.back:
        desk.problems = dict(zip(found.left, found.problems, strict=True))
        return
    desk.last_undone = operations
    bar = next((done for done in desk.done if done.operations == operations), None)
    desk.done = [done for done in desk.done if done is not bar]
    what = bar.text if bar else "a change of the audit log."
    if found.left:
        told = f"Undone for {found.back} of {len(operations)}: {what}"
        desk.finish(Done(told, found.left))
        desk.problems = dict(zip(found.left, found.problems, strict=True))
    else:
        desk.finish(Done(f"Undone: {what}"))


def show_done(desk: Desk) -> None:
    """What was just done, each with its undo, on top of the page."""
    if desk.to_tell:
        desk.to_tell = False
        st.toast("Done. It stands on top of the page.", icon=":material/check:")
    for done in desk.recent():
        with st.container(border=True, key=f"done_{int(done.at * 1000)}"):
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(":green[:material/check_circle:]", width="content")
                st.text(done.text, width="stretch")
                if done.operations:
                    st.button(
                        "Undo",
                        key=f"undo_{done.operations[0]}",
                        icon=":material/undo:",
                        on_click=desk.ask_to_undo,
                        args=(done.operations,),
                    )
                st.button(
                    "Dismiss",
                    key=f"dismiss_{int(done.at * 1000)}",
                    type="tertiary",
                    on_click=desk.dismiss,
                    args=(done,),
                )
            if done.secret:
                st.markdown("Copy it now: it is shown here only, and stored as a hash.")
                st.code(done.secret, language=None, wrap_lines=True)
    if desk.ask is None:
        for told in (*desk.problems.values(), desk.failure):
            if told:
                refusal(told)


def show_ask(place: Place, desk: Desk) -> None:
    """The dialog of the act that was asked for, if there is one."""
    ask = desk.ask
    if ask is None:
        return
    verb = ask.verb if isinstance(ask, Ask) else ""

    @st.dialog(ask.title, width=ask.width, on_dismiss=desk.drop)
    def dialog() -> None:
        if desk.confirmed or desk.ask is not ask:
            st.rerun()
        changes = _changes(place, desk, ask)
        if desk.first is None:
            desk.first = place.services.store.read()
        if not _shown(replace(place, first=desk.first), desk, ask, changes):
            st.button("Close", key="ask_close", type="tertiary", on_click=desk.drop)
            return
        with st.container(horizontal=True, horizontal_alignment="right"):
            if changes is None:
                st.button(
                    "Cancel" if verb else "Close",
                    key="ask_cancel",
                    type="tertiary",
                    on_click=desk.drop,
                )
            else:
                st.button("Back", key="ask_back", type="tertiary", on_click=desk.back)
            if isinstance(ask, Ask) and ask.two_steps and changes is None:
                st.button("Review the change", key="ask_review", on_click=desk.review)
            elif verb and (changes is None or changes):
                st.button(verb, key="ask_confirm", on_click=desk.confirm)

    dialog()


def _shown(place: Place, desk: Desk, ask: Reading, changes: "list[Change] | None") -> bool:
    """Draw the act, or what it changes; False, and why, when what it is about is gone."""
    try:
        if about := ask.about(place):
            st.text(about)
        if changes is None:
            ask.show(place, desk)
    except RefusedError as error:
        refusal(str(error))
        return False
    if changes is None:
        _general_problems(desk)
    else:
        compare(changes)
    return True


def _changes(place: Place, desk: Desk, ask: Reading) -> "list[Change] | None":
    """What the reviewed fields change; None while the fields are to be shown."""
    if not isinstance(ask, Ask) or not ask.two_steps or not desk.reviewing:
        return None
    if desk.capture:
        desk.typed = typed(desk)
        desk.capture = False
    desk.problems = {}
    place = replace(place, state=place.services.store.read(), first=desk.first)
    try:
        return list(ask.changes(place, desk.typed))
    except ChangedError as error:
        _look_again(place, desk, ask, desk.typed, error)
        return None
    except RefusedError as error:
        desk.problems, desk.reviewing = error.problems, False
        return None


def _general_problems(desk: Desk) -> None:
    """Problems that no field of the dialog has shown, and a failure of the machine."""
    for name, problem in desk.problems.items():
        if name not in desk.shown:
            refusal(problem)
    if desk.failure:
        refusal(desk.failure)
