"""Reports a contact with more tries than one submitter may have to the admin; never refuses.

Contacts are not verified. If a match blocked submissions, a rival could use up somebody's tries by
typing their address. The submitter does not learn that an address is known here.
"""

import logging
from datetime import UTC, datetime
from typing import Final

from core.changes import auditing
from core.changes.act import SYSTEM
from core.changes.quota import DAY, MONTH, is_try, taken_at
from core.errors import MedVidBenchError
from core.model.entries import Submission
from core.model.state import State
from core.runs.uploads.duplicates import first_entry, report
from core.store.store import Store

LOG = logging.getLogger(__name__)
REASON: Final = "many tries under one contact"


def report_shared(store: Store, submission_id: str) -> None:
    """Report it once per submission above the limit; log it if it cannot be reported now."""
    try:
        state = store.read()
        same = _same_contact(store, state, submission_id)
        if len({one.submitter for one in same}) < 2 or not _beyond(state, same):
            return
        entry = first_entry(state, same)
        if entry:
            names = ", ".join(f"“{one.model_name}”" for one in same)
            text = f"{len(same)} tries of different submitters name the same contact: {names}."
            report(store, entry.entry_id, REASON, text, f"contact-{submission_id}")
        else:
            store.commit(auditing.acted(REASON, submission_id, SYSTEM, tries=len(same)))
    except MedVidBenchError as error:
        LOG.warning("could not compare the contact of %s: %s", submission_id, error)


def _same_contact(store: Store, state: State, submission_id: str) -> list[Submission]:
    """The tries of a month with the same contact as this one, including this one."""
    contact = _contact(store, state.submissions[submission_id])
    if not contact:
        return []
    now = datetime.now(UTC)
    tries = [one for one in state.submissions.values() if one.contact_ref and is_try(one)]
    return [
        one
        for one, time in zip(tries, taken_at(state, tries, now), strict=True)
        if time > now - MONTH and _contact(store, one) == contact
    ]


def _contact(store: Store, submission: Submission) -> str:
    found = store.personal(submission.contact_ref).get("contact")
    return found.strip().casefold() if isinstance(found, str) else ""


def _beyond(state: State, same: list[Submission]) -> bool:
    now = datetime.now(UTC)
    day = sum(time > now - DAY for time in taken_at(state, same, now))
    per_day, per_month = state.policy.quota_per_day, state.policy.quota_per_month
    return bool(per_day and day > per_day) or bool(per_month and len(same) > per_month)
