"""The fields of an entry as a form: texts, declared data, ten metrics. For editing and adding."""

from collections.abc import Mapping
from typing import Any, Final

import streamlit as st

from core.benchmark import METRICS, Metric
from core.changes.entry_fields import METRICS as METRIC_FIELDS
from core.model.fields import FIELD_BY_KEY
from core.publish.numbers import fixed
from core.ui.admin.parts import problem
from core.ui.admin.session import Change, Desk

# Names of the form's texts -> fields of an entry.
TEXTS: Final = {
    "model_name": "model_name",
    "organization": "organization",
    "contact": "contact",
    "model_url": "model_url",
    "declared.team": "team",
    "declared.authors": "authors",
    "declared.base_model": "base_model",
    "declared.parameters": "parameters",
    "declared.frames": "frames",
    "declared.training_data": "training_data",
    "declared.code_url": "code_url",
}
_CHOICES: Final = {
    "declared.weights": ("Weights", ("open", "closed")),
    "declared.trained_on_sources": ("Trained on the source datasets", ("yes", "no", "unknown")),
}
_METRIC_OF: Final = {f"metrics.{metric.key}": metric for metric in METRICS}
_ALWAYS: Final = ("model_name", "organization", "contact", "model_url")


def show_fields(desk: Desk, values: Mapping[str, Any]) -> None:
    """Draw all fields, holding `values` by name at first."""
    _texts(desk, values, _ALWAYS)
    st.markdown("**Metrics** :small[empty: undefined]")
    half = len(METRICS) // 2
    for part in (METRICS[:half], METRICS[half:]):
        for column, metric in zip(st.columns(half), part, strict=True):
            with column:
                _metric(desk, metric, values)
    declared = [name for name in (*TEXTS, *_CHOICES) if name not in _ALWAYS]
    told = any(values.get(name) or name in desk.problems for name in declared)
    with st.expander("What the participant declared", expanded=told):
        _texts(desk, values, tuple(name for name in TEXTS if name not in _ALWAYS))
        for column, (name, (label, options)) in zip(st.columns(2), _CHOICES.items(), strict=True):
            with column:
                _choice(desk, name, label, options, values)


def _texts(desk: Desk, values: Mapping[str, Any], names: tuple[str, ...]) -> None:
    for at in range(0, len(names), 2):
        for column, name in zip(st.columns(2), names[at : at + 2], strict=False):
            field = FIELD_BY_KEY[TEXTS[name]]
            with column:
                st.text_input(
                    field.label,
                    value=str(desk.initial(name, values.get(name)) or ""),
                    key=desk.key(name),
                    help=f"{field.help} At most {field.limit} characters.",
                )
                problem(desk, name)


def _metric(desk: Desk, metric: Metric, values: Mapping[str, Any]) -> None:
    name = f"metrics.{metric.key}"
    held = desk.initial(name, values.get(name))
    text = held if isinstance(held, str) else "" if held is None else fixed(held)
    st.text_input(metric.name, value=text, key=desk.key(name), help=metric.range_text)
    problem(desk, name)


def _choice(
    desk: Desk, name: str, label: str, options: tuple[str, ...], values: Mapping[str, Any]
) -> None:
    held = desk.initial(name, values.get(name))
    options = ("", *options)  # to be chosen again: a choice cannot be emptied
    st.selectbox(
        label,
        options,
        index=options.index(held) if held in options else 0,
        format_func=lambda option: option or "Not given",
        key=desk.key(name),
    )
    problem(desk, name)


def only_fields(typed: Mapping[str, Any]) -> dict[str, Any]:
    """Of what was typed, what belongs to an entry."""
    names = {*TEXTS, *_CHOICES, *METRIC_FIELDS}
    return {name: value for name, value in typed.items() if name in names}


def label_of(name: str) -> str:
    """A field for the reader."""
    if name in _METRIC_OF:
        return _METRIC_OF[name].name
    if name in _CHOICES:
        return _CHOICES[name][0]
    return FIELD_BY_KEY[TEXTS[name]].label if name in TEXTS else name


def as_changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """What differs, line by line, in the order of the form."""
    order = {name: at for at, name in enumerate((*TEXTS, *METRIC_FIELDS, *_CHOICES))}
    names = sorted(new, key=lambda name: order.get(name, len(order)))
    return [
        (label_of(name), _shown(name, old.get(name)), _shown(name, new[name])) for name in names
    ]


def _shown(name: str, value: Any) -> str:
    return fixed(value) if name in _METRIC_OF else str(value or "")
