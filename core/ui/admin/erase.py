"""Erasing a submission without an entry: its file, its contact and its form."""

from dataclasses import dataclass

import streamlit as st

from core.changes.forgetting import ERASABLE
from core.errors import RefusedError
from core.model.entries import Submission
from core.ui.acts import Outcome
from core.ui.admin.parts import compare, text_field
from core.ui.admin.session import AdminSession, Context, DialogAct, Typed
from core.usecases import forget


@dataclass(frozen=True, slots=True)
class Erase(DialogAct):
    """This cannot be undone, so the name has to be typed, as for a purge."""

    submission_id: str

    title = "Erase a submission for good"
    verb = "Erase for good"
    destructive = True

    def submission(self, context: Context) -> Submission:
        """The current submission. Raises RefusedError if it cannot be erased, or no longer."""
        found = context.state.submissions.get(self.submission_id)
        if found is None or found.state not in ERASABLE:
            raise RefusedError({"name": forget.NOT_ERASABLE})
        return found

    def about(self, context: Context) -> str:
        return self.submission(context).model_name

    def show(self, context: Context, session: AdminSession) -> None:
        compare(
            [
                ("File, results, logs, jobs", "kept", "deleted, here and in the mirror's repo"),
                ("Contact, form, submission key", "kept", "erased; the audit log stays complete"),
                ("Its try", "counted if it was one", "no longer counted"),
            ]
        )
        st.markdown("**This cannot be undone.** Type the model’s name to continue.")
        text_field(session, "name", "Model name")

    def act(self, context: Context, typed: Typed) -> Outcome:
        name = self.about(context)
        forget.erase(
            context.services, self.submission_id, str(typed.get("name") or ""), context.actor
        )
        return Outcome(f"Erased the submission “{name}”. This cannot be undone.")
