"""The acts of the owner's page, and the pages that it links to."""

import streamlit as st

from core.access.submission_keys import Proof
from core.errors import RefusedError
from core.model.entries import Entry
from core.model.fields import FIELD_BY_KEY, TEXT_FIELDS, Form, form_of
from core.ui.acts import Handler, Outcome
from core.ui.owner.versions import DONE, KEEP_OLD
from core.ui.session import JOB, MODEL, REPLACES, VisitorSession
from core.usecases import own_entries, own_versions
from core.usecases.own_entries import CONTACT
from core.usecases.services import Services

CORRECT, ASK, WITHDRAW, UNDO = "correct", "ask", "withdraw", "undo"
NEW_VERSION, SEE_JOB, JUDGE = "new version", "see job", "judge"
# The page that an act opens, and the parameter that names its subject there.
_PAGES = {
    NEW_VERSION: ("pages/submit.py", REPLACES),
    SEE_JOB: ("pages/submit.py", JOB),
    JUDGE: ("pages/judge_status.py", MODEL),
}
SURE = "owner_sure"
ASK_CONTACT = "ask_contact"


def field_key(session: VisitorSession, entry_id: str, field: str) -> str:
    """The key of one control; it changes with each act, so that it is empty again."""
    return f"owner_{entry_id}_{session.owner_acts.round}_{field}"


def form_key(session: VisitorSession, seen: Entry, field: str) -> str:
    """The key of one field of the correction form; it changes when another value is to be shown."""
    given = "_given" if field == CONTACT and seen.contact_ref else ""
    return f"correct_{seen.entry_id}_{session.owner_form}{given}_{field}"


def perform(services: Services, session: VisitorSession, proof: Proof) -> None:
    """Perform the pending request. A refusal is shown beside its field, a failure at the top."""

    def correct(entry_id: str) -> Outcome | None:
        seen = session.seen.get(entry_id)
        if seen is None:
            return None
        changed = own_entries.correct(services, seen, proof, typed(session, seen))
        return Outcome(f"Corrected: {', '.join(changed)}." if changed else "Nothing was changed.")

    def ask(entry_id: str) -> Outcome:
        given = st.session_state.get(field_key(session, entry_id, ASK_CONTACT))
        own_entries.ask_verification(services, entry_id, proof, str(given or ""))
        if seen := session.seen.get(entry_id):  # what is typed in the other fields stays
            session.seen[entry_id] = own_entries.with_own_contact(services, seen)
        return Outcome("Requested. The maintainers will reach you through the contact you gave.")

    def withdraw(entry_id: str) -> Outcome:
        if not st.session_state.get(field_key(session, entry_id, SURE)):
            raise RefusedError({SURE: "Tick that you want to withdraw it."})
        own_entries.withdraw(services, entry_id, proof)
        return Outcome("Withdrawn. It is no longer on a board; you can undo this here.")

    def undo(entry_id: str) -> Outcome:
        own_entries.undo_withdraw(services, entry_id, proof)
        return Outcome("The entry is back on its board.")

    def go_back(subject: tuple[str, str]) -> Outcome:
        own_versions.keep_old(services, *subject, proof)
        if back := services.store.read().find(subject[0]):
            session.owner_choice = back[1].upload_id  # the version that has the entry's acts now
        return Outcome(DONE)

    acts: dict[str, Handler] = {
        CORRECT: correct, ASK: ask, WITHDRAW: withdraw, UNDO: undo, KEEP_OLD: go_back,
    }  # fmt: skip
    done = session.owner_acts
    if done.perform(acts) and done.latest and done.last and done.last.act != ASK:
        session.seen, session.owner_form = {}, done.round  # the form shows the current values


def go_to_page(session: VisitorSession) -> None:
    """Open another page if requested; in this tab, which has the keys."""
    request = session.owner_acts.take(_PAGES)
    if request:
        page, parameter = _PAGES[request.act]
        session.receipt = None
        st.switch_page(page, query_params={parameter: str(request.subject)})


def typed(session: VisitorSession, seen: Entry) -> Form:
    """The values in the fields of the correction form."""
    found = {key: st.session_state.get(form_key(session, seen, key)) for key in FIELD_BY_KEY}
    texts = {field.key: "" for field in TEXT_FIELDS if found.get(field.key) is None}
    return form_of({**found, **texts})
