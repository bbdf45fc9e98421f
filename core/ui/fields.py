"""The fields of core.model.fields as controls, for the submission, correction and admin forms."""

from collections.abc import Callable, Sequence

import streamlit as st

from core.model.fields import Field

NOT_GIVEN = "Not given"


def in_pairs(fields: Sequence[Field], draw: Callable[[Field], None]) -> None:
    """Draw the fields two per row, stacked on a phone."""
    for at in range(0, len(fields), 2):
        pair = fields[at : at + 2]
        for column, field in zip(st.columns(len(pair)), pair, strict=True):
            with column:
                draw(field)


def show_field(
    field: Field,
    key: str,
    value: str | None = None,
    *,
    disabled_because: str = "",
    persist: bool = False,
) -> None:
    """One field with the initial value `value`, under `key` in the session.

    `persist`: kept while other pages are shown. No max_chars, which would cut a pasted text
    silently; a long text is refused instead.
    """
    name = field.question or field.label
    label = f"{name} (required)" if field.required else name
    if field.options:
        # In Streamlit, a choice with an initial value cannot be emptied: then empty is an option.
        options = ["", *field.options] if value else list(field.options)
        st.selectbox(
            label,
            options,
            index=options.index(value) if value in options else None,
            format_func=lambda option: field.options.get(option, NOT_GIVEN),
            key=key,
            placeholder=NOT_GIVEN,
            persist_state="session" if persist else None,
        )
        return
    st.text_input(
        label,
        value=value or "",
        key=key,
        help=disabled_because or f"{field.help} At most {field.limit} characters.",
        placeholder=field.placeholder or None,
        disabled=bool(disabled_because),
        persist_state="session" if persist else None,
    )
