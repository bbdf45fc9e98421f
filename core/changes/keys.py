"""Replacing the submission key of an entry."""

from core.changes.act import Act, At, Change, change
from core.changes.forgetting import uploads_of
from core.changes.rules import on_boards, rekeyed, with_submission
from core.model.entries import Submission
from core.model.state import State


class NewKey(Act, frozen=True, kw_only=True, tag="new_key"):
    """Replaces the key of an entry; the old one becomes invalid. Adds a submission if it has none.

    Each version is a submission with its own hash: all get the new one, or the old key would
    still be valid for the next version, or for an earlier one with its log.
    """

    entry_id: str
    key_hash: str

    undoable = True

    def apply(self, state: State, at: At) -> State:
        entry = on_boards(state, self.entry_id)
        for submission_id in sorted(uploads_of(state, entry)):
            known = state.submissions.get(submission_id)
            if known and known.state != "purged" and known.key_hash != self.key_hash:
                state = with_submission(state, rekeyed(state, self.entry_id, known, self.key_hash))
        if entry.upload_id in state.submissions:
            return state
        made = Submission(
            submission_id=entry.upload_id,
            model_name=entry.model_name,
            organization=entry.organization,
            created=at.time,
            key_hash=self.key_hash,
            predictions_sha256=entry.predictions_sha256 or "",
            records=0,
            state="published",
            contact_ref=entry.contact_ref,
            model_url=entry.model_url,
            declared=entry.declared,
        )
        return with_submission(state, made)


ACTS = (NewKey,)


def new_key(entry_id: str, key_hash: str, actor: str) -> Change:
    """Replace the submission key of an entry on a board."""
    return change(NewKey(entry_id=entry_id, key_hash=key_hash), actor)
