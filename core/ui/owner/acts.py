"""What was asked for on the owner's page, done once, and said."""

import streamlit as st

from core.access.submission_keys import Proof
from core.errors import MedVidBenchError, RefusedError
from core.model.fields import FIELD_BY_KEY, TEXT_FIELDS, Form, form_of
from core.ui.owner.keys import FORGET, OPEN, forget, open_key
from core.ui.session import JOB, NO_ACT, REPLACES, Desk
from core.usecases import own_entries
from core.usecases.services import Services

CORRECT, ASK, WITHDRAW, UNDO = "correct", "ask", "withdraw", "undo"
NEW_VERSION, SEE_JOB, JUDGE = "new version", "see job", "judge"
JUDGE_PAGE = "pages/judge_status.py"
# Where an act leads, and the parameter that names its subject there.
_LEADS = {
    NEW_VERSION: ("pages/submit.py", REPLACES),
    SEE_JOB: ("pages/submit.py", JOB),
    JUDGE: (JUDGE_PAGE, "model"),
}
SURE = "owner_sure"


def field_key(desk: Desk, entry_id: str, field: str) -> str:
    """The key of one control; another after each act, so that it shows what is there then."""
    return f"owner_{entry_id}_{desk.round}_{field}"


def perform(services: Services, desk: Desk, proof: Proof) -> None:
    """Do what was asked for. A refusal stands beside its field, a failure at the top."""
    act, entry_id = desk.act
    desk.refusals, desk.trouble, desk.told = {}, "", ""
    try:
        _do(services, desk, proof, act, entry_id)
    except RefusedError as error:
        desk.refusals = error.problems
    except MedVidBenchError as error:
        desk.trouble = str(error)
    desk.last, desk.act = (act, entry_id), NO_ACT


def lead(desk: Desk) -> None:
    """Go to another page when that was asked for; in this tab, which holds the keys."""
    act, subject = desk.act
    if act in _LEADS:
        page, parameter = _LEADS[act]
        desk.act, desk.receipt = NO_ACT, None
        st.switch_page(page, query_params={parameter: subject})


def _do(services: Services, desk: Desk, proof: Proof, act: str, entry_id: str) -> None:
    if act == OPEN:
        open_key(desk, services.store.read())
    elif act == FORGET:
        forget(desk)
    elif act == CORRECT and entry_id in desk.seen:
        changed = own_entries.correct(services, desk.seen[entry_id], proof, typed(desk, entry_id))
        desk.finish(f"Corrected: {', '.join(changed)}." if changed else "Nothing was changed.")
    elif act == ASK:
        own_entries.ask_verification(services, entry_id, proof)
        desk.finish("Asked. The maintainers will reach you through the contact you gave.")
    elif act == WITHDRAW:
        if not st.session_state.get(field_key(desk, entry_id, SURE)):
            raise RefusedError({SURE: "Tick that you want to withdraw it."})
        own_entries.withdraw(services, entry_id, proof)
        desk.finish("Withdrawn. It is on no board any more; you can undo this here.")
    elif act == UNDO:
        own_entries.undo_withdraw(services, entry_id, proof)
        desk.finish("The entry is back where it stood.")


def typed(desk: Desk, entry_id: str) -> Form:
    """What stands in the fields of the correction."""
    found = {key: st.session_state.get(field_key(desk, entry_id, key)) for key in FIELD_BY_KEY}
    texts = {field.key: "" for field in TEXT_FIELDS if found.get(field.key) is None}
    return form_of({**found, **texts})
