"""Adding an official entry by hand, or with the numbers of a results file."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from core.admin import admin, results_import
from core.admin.admin_form import cleaned
from core.errors import RefusedError
from core.ui.admin.admin_desk import Ask, Change, Desk, Done, Place, Typed
from core.ui.admin.admin_desk import typed as typed_now
from core.ui.admin.admin_fields import as_changes, only_fields, show_fields
from core.ui.plain import refusal

_LARGEST_MB = 20


@dataclass(frozen=True, slots=True)
class Add(Ask):
    """A new entry on the Official board. Its key is given out afterwards, on its row."""

    title = "Add an entry to the Official board"
    verb = "Add"
    width = "large"
    two_steps = True

    def show(self, place: Place, desk: Desk) -> None:
        with st.expander("Fill in the metrics from a results file", icon=":material/upload_file:"):
            st.markdown(
                "The command’s own `--json`, or a results file of the older evaluation with "
                "`aggregated_results`. Only numbers are taken from it."
            )
            file = st.file_uploader(
                "Results file",
                type=["json"],
                key="results_file",
                max_upload_size=_LARGEST_MB,
                label_visibility="collapsed",
            )
            if file is not None:
                self._fill_in(desk, file.file_id, file.getvalue())
        show_fields(desk, {})

    def _fill_in(self, desk: Desk, file_id: str, data: bytes) -> None:
        """Put the file's metrics into the fields, once per file; say what it lacks."""
        try:
            found = results_import.read(data)
        except RefusedError as error:
            refusal(str(error))
            return
        if desk.filled != file_id:
            desk.filled = file_id
            metrics = {f"metrics.{key}": value for key, value in found.metrics.items()}
            desk.typed = {**typed_now(desk), **metrics}
            if found.model_name and not desk.typed.get("model_name"):
                desk.typed["model_name"] = found.model_name
            desk.serial += 1  # fields of a new name begin with these values
        filled = len(found.metrics) - len(found.missing)
        st.markdown(f":green[:material/check:] Read as {found.form}: {filled} metrics are below.")
        if found.missing:
            st.markdown(f":orange[:material/warning:] Missing: {', '.join(found.missing)}.")
        for note in found.notes:
            st.markdown(f":small[{note}]")

    def changes(self, place: Place, typed: Typed) -> Sequence[Change]:
        values, contact = cleaned({"model_name": "", "organization": "", **only_fields(typed)})
        given = {**values, "contact": contact or None}
        return as_changes({}, {name: value for name, value in given.items() if value is not None})

    def act(self, place: Place, typed: Typed) -> Done:
        op = admin.add_official(place.services, only_fields(typed), place.actor)
        name = str(typed.get("model_name") or "").strip()
        return Done(f"Added “{name}” to the Official board.", op)
