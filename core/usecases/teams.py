"""Whether two entries may be from one team: by submitter, organization, team name and contact.

What a team learns about its own entries per record reveals answers, so doubtful cases count as
the same team.
"""

from collections.abc import Iterator

from core.model.entries import Entry
from core.model.names import name_key
from core.model.state import State
from core.usecases.services import Services


def may_be_one_team(services: Services, state: State, a: Entry, b: Entry) -> bool:
    """True if they have any of these in common, or one of them has none."""
    ours, theirs = (set(_signs(services, state, entry)) for entry in (a, b))
    return not ours or not theirs or bool(ours & theirs)


def _signs(services: Services, state: State, entry: Entry) -> Iterator[tuple[str, str]]:
    for name in (entry.organization, entry.declared.team):
        if name and (key := name_key(name)):
            yield "name", key
    references = {entry.contact_ref}
    for upload in {entry.entry_id, entry.upload_id, *(old.submission_id for old in entry.history)}:
        submission = state.submissions.get(upload)
        if submission is not None:
            references.add(submission.contact_ref)
            if submission.submitter:
                yield "submitter", submission.submitter
    for reference in references:
        contact = services.store.personal(reference).get("contact")
        if isinstance(contact, str) and contact.strip():
            yield "contact", contact.strip().casefold()
