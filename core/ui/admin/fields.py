"""The fields of an entry as a form: texts, declared data, metrics. For editing and adding."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final

import streamlit as st

from core.benchmark import METRICS, Metric
from core.changes.entry_fields import METRICS as METRIC_FIELDS
from core.model.fields import FIELD_BY_PATH, FIELDS, Field
from core.publish.numbers import fixed
from core.ui.admin.parts import problem
from core.ui.admin.session import AdminSession, Change
from core.ui.fields import in_pairs, show_field

_METRIC: Final = 104  # pixels: ten in a row on a laptop, two on a phone
_METRIC_OF: Final = {f"metrics.{metric.key}": metric for metric in METRICS}
_ORDER: Final = {name: at for at, name in enumerate((*FIELD_BY_PATH, *METRIC_FIELDS))}


def show_fields(session: AdminSession, values: Mapping[str, Any]) -> None:
    """Draw all fields, with `values` by name as initial values."""
    draw = partial(_field, session, values)
    in_pairs([field for field in FIELDS if not field.declared], draw)
    st.markdown("**Metrics** :small[Leave a field empty if the metric was not computed.]")
    with st.container(horizontal=True):
        for metric in METRICS:
            with st.container(width=_METRIC):
                _metric(session, metric, values)
    declared = [field for field in FIELDS if field.declared]
    expanded = any(
        values.get(field.path) or field.path in session.acts.problems for field in declared
    )
    with st.expander("What the participant declared", expanded=expanded):
        in_pairs(declared, draw)


def _field(session: AdminSession, values: Mapping[str, Any], field: Field) -> None:
    value = session.initial(field.path, values.get(field.path))
    # Not marked as required: an admin may keep what an older row has.
    show_field(replace(field, required=False), session.key(field.path), value)
    problem(session, field.path)


def _metric(session: AdminSession, metric: Metric, values: Mapping[str, Any]) -> None:
    name = f"metrics.{metric.key}"
    value = session.initial(name, values.get(name))
    text = value if isinstance(value, str) else "" if value is None else fixed(value)
    st.text_input(metric.name, value=text, key=session.key(name), help=metric.range_text)
    problem(session, name)


def only_fields(typed: Mapping[str, Any]) -> dict[str, Any]:
    """The typed values that are fields of an entry."""
    return {name: value for name, value in typed.items() if name in _ORDER}


def label_of(name: str) -> str:
    """The label of a field."""
    if name in _METRIC_OF:
        return _METRIC_OF[name].name
    return FIELD_BY_PATH[name].label if name in FIELD_BY_PATH else name


def as_changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """The differences, one per line, in the order of the form."""
    names = sorted(new, key=lambda name: _ORDER.get(name, len(_ORDER)))
    return [
        (label_of(name), _shown(name, old.get(name)), _shown(name, new[name])) for name in names
    ]


def _shown(name: str, value: Any) -> str:
    return fixed(value) if name in _METRIC_OF else str(value or "")
