"""A reader's report of a problem with an entry: checked, limited, kept for the admin.

The reader's text is private: it is stored outside the journal and can be erased.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from core.benchmark import ISSUES_URL
from core.changes import reporting
from core.changes.quota import DAY, moment
from core.errors import RefusedError
from core.model.fields import text_problem
from core.model.state import State
from core.usecases.services import Services

READER: Final = "reader"
REASONS: Final = (
    "A score cannot be right",
    "Trained on the test set",
    "The name or a link misleads",
    "Answers copied from another entry",
    "Something else",
)
MOST_TEXT, MOST_CONTACT, LEAST_TEXT = 2000, 200, 10
PER_READER, IN_ALL = 5, 200  # in 24 hours
TEXT_FIELD, CONTACT_FIELD, REASON_FIELD = "text", "contact", "reason"


@dataclass(frozen=True, slots=True)
class Complaint:
    """A reader's input about an entry."""

    entry_id: str
    reason: str
    text: str
    contact: str = ""


def send(services: Services, told: Complaint, reporter: str) -> None:
    """Store a report. `reporter` is who it counts for (core.access.submitter).

    Raises RefusedError by field; StoreError if it cannot be stored.
    """
    store = services.store
    problems = _problems(told)
    if problems:
        raise RefusedError(problems)

    def guard(state: State) -> None:
        problem = _too_many(services, state, reporter, datetime.now(UTC))
        if problem:
            raise RefusedError({TEXT_FIELD: problem})

    ref = store.add_personal(
        {
            "text": told.text.strip(),
            "contact": told.contact.strip() or None,
            "reporter": reporter,
        }
    )
    try:
        store.commit(reporting.report(told.entry_id, told.reason, READER, ref), guard)
    except BaseException:
        store.erase_personal(ref)
        raise


def _problems(told: Complaint) -> dict[str, str]:
    found: dict[str, str] = {}
    text, contact = told.text, told.contact
    if told.reason not in REASONS:
        found[REASON_FIELD] = "Choose what the report is about."
    length = len(text.strip())
    if length < LEAST_TEXT:
        found[TEXT_FIELD] = "Say in a sentence or two what is wrong, and how you know."
    elif length > MOST_TEXT:
        found[TEXT_FIELD] = f"{length:,} characters; at most {MOST_TEXT:,}. Please shorten it."
    else:
        bad = next(filter(None, map(text_problem, text.splitlines())), None)
        if bad:
            found[TEXT_FIELD] = f"The text {bad}"
    if len(contact.strip()) > MOST_CONTACT:
        found[CONTACT_FIELD] = f"Contact: at most {MOST_CONTACT} characters."
    elif problem := text_problem(contact.strip()):
        found[CONTACT_FIELD] = f"Contact: {problem}"
    return found


def _too_many(services: Services, state: State, reporter: str, now: datetime) -> str | None:
    """Why no further report is accepted today, as one sentence; None if it is."""
    # A report dated in the future, by a wrong clock, may be from any day, so it is not counted.
    recent = [one for one in state.reports if now - DAY < moment(one.created) <= now]
    told_by = [services.store.personal(one.contact_ref).get("reporter") for one in recent]
    if told_by.count(reporter) >= PER_READER:
        return (
            f"At most {PER_READER} reports in 24 hours. Your earlier ones arrived; you "
            "can send the next one tomorrow."
        )
    if len(recent) >= IN_ALL:
        return f"Too many reports came in today. Please open an issue instead: {ISSUES_URL}"
    return None
