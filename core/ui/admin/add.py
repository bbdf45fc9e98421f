"""Adding an official entry by hand, or with the numbers of a results file."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import streamlit as st
from streamlit.runtime.uploaded_file_manager import DeletedFile

from core.errors import RefusedError
from core.publish.numbers import fixed
from core.runs.uploads import arrivals
from core.ui.acts import Outcome
from core.ui.admin.fields import as_changes, only_fields, show_fields
from core.ui.admin.parts import date_field
from core.ui.admin.session import AdminSession, Change, Context, DialogAct, Typed, typed_values
from core.ui.text import refusal
from core.usecases import moderate, results_import
from core.usecases.entry_form import cleaned
from core.usecases.results_import import Imported

_LARGEST_MB = 20


@dataclass(frozen=True, slots=True)
class Add(DialogAct):
    """A new entry on the Official board. Its key is issued later, from its row."""

    title = "Add an entry to the Official board"
    verb = "Add"
    width = "large"
    two_steps = True

    def show(self, context: Context, session: AdminSession) -> None:
        with st.expander("Fill in the metrics from a results file", icon=":material/upload_file:"):
            st.markdown(
                "The command’s own `--json`, or a results file of the older evaluation with "
                "`aggregated_results`. Only numbers are taken from it."
            )
            file = st.file_uploader(
                "Results file",
                key="results_file",
                max_upload_size=_LARGEST_MB,
                label_visibility="collapsed",
            )
            sent = st.session_state.get("results_file")
            if isinstance(sent, DeletedFile):
                refusal(arrivals.why_missing(sent.file_id))
            if file is not None:
                self._fill_in(session, file.file_id, file.getvalue())
        show_fields(session, {})
        date_field(session, "verified_date", "Verified on", datetime.now(UTC).date())

    def _fill_in(self, session: AdminSession, file_id: str, data: bytes) -> None:
        """Fill the fields with the file's metrics, once per file; list those that it lacks.

        Values from an earlier file are removed, so that two files do not mix. Values typed by
        hand stay where this file has none, also what is being typed: the fields are the same.
        """
        try:
            found = results_import.read(data)
        except RefusedError as error:
            refusal(str(error))
            return
        if session.filled != file_id:
            typed = typed_values(session)
            before = [name for name, text in session.from_file.items() if typed.get(name) == text]
            named = bool(typed.get("model_name")) and "model_name" not in before
            texts = _texts(found, named=named)
            for name, text in {**dict.fromkeys(before, ""), **texts}.items():
                session.typed.pop(name, None)  # a field has one source for its value
                st.session_state[session.key(name)] = text
            session.filled, session.from_file = file_id, texts
        filled = len(found.metrics) - len(found.missing)
        below = "1 metric is below" if filled == 1 else f"{filled} metrics are below"
        st.markdown(f":green[:material/check:] Read as {found.form}: {below}.")
        if found.missing:
            st.markdown(f":orange[:material/warning:] Missing: {', '.join(found.missing)}.")
        for note in found.notes:
            st.markdown(f":small[{note}]")

    def changes(self, context: Context, typed: Typed) -> Sequence[Change]:
        values, contact = cleaned({"model_name": "", "organization": "", **only_fields(typed)})
        given = {**values, "contact": contact or None}
        shown = as_changes({}, {name: value for name, value in given.items() if value is not None})
        return [*shown, ("Verified on", "", _verified_on(typed))]

    def act(self, context: Context, typed: Typed) -> Outcome:
        change_id = moderate.add_official(
            context.services, only_fields(typed), context.actor, _verified_on(typed)
        )
        name = str(typed.get("model_name") or "").strip()
        return Outcome(f"Added “{name}” to the Official board.", change_id)


def _verified_on(typed: Typed) -> str:
    """Raises RefusedError without a date."""
    if not typed.get("verified_date"):
        raise RefusedError({"verified_date": "Choose the date of the verification."})
    return str(typed["verified_date"])


def _texts(found: Imported, *, named: bool) -> dict[str, str]:
    """The values that a file puts into the fields: its metrics, and a name if there is none yet."""
    texts = {
        f"metrics.{key}": fixed(value) for key, value in found.metrics.items() if value is not None
    }
    return texts if named or not found.model_name else {**texts, "model_name": found.model_name}
