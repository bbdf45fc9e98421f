"""Erasing a submission that no entry stands for: its file, its contact, what its form said."""

from dataclasses import dataclass

import streamlit as st

from core.changes.admin_changes import ERASABLE
from core.errors import RefusedError
from core.model.entries import Submission
from core.ui.admin.parts import compare, text_field
from core.ui.admin.session import Ask, Desk, Done, Place, Typed
from core.usecases import forget


@dataclass(frozen=True, slots=True)
class Erase(Ask):
    """Cannot be undone, so the name has to be typed, as for a purge."""

    submission_id: str

    title = "Erase a submission for good"
    verb = "Erase for good"

    def submission(self, place: Place) -> Submission:
        """The submission as it is now. Raises RefusedError when it cannot be erased (any more)."""
        found = place.state.submissions.get(self.submission_id)
        if found is None or found.state not in ERASABLE:
            raise RefusedError({"name": forget.NOT_ERASABLE})
        return found

    def about(self, place: Place) -> str:
        return self.submission(place).model_name

    def show(self, place: Place, desk: Desk) -> None:
        compare(
            [
                ("File, results, logs, jobs", "kept", "deleted, here and in the mirror's repo"),
                ("Contact, form, submission key", "kept", "erased; the audit log stays whole"),
                ("Its try", "counted if it was one", "counted no more"),
            ]
        )
        st.markdown("**This cannot be undone.** Type the model’s name to go on.")
        text_field(desk, "name", "Model name")

    def act(self, place: Place, typed: Typed) -> Done:
        name = self.about(place)
        forget.erase(place.services, self.submission_id, str(typed.get("name") or ""), place.actor)
        return Done(f"Erased the submission “{name}”. This cannot be undone.")
