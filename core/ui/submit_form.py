"""The submission form. Fields keep what was typed; a refusal stands below its field."""

import streamlit as st

from core.forms import FIELD_BY_KEY, FILE_FIELD, TERMS_FIELD, Form, form_of
from core.terms import TERMS
from core.ui.desk import FIELD, Desk
from core.ui.plain import refusal

_WEIGHTS = {"open": "Open", "closed": "Closed"}
_TRAINED = {"yes": "Yes", "no": "No", "unknown": "Not known"}


def show_form(desk: Desk) -> None:
    """Draw the form; its button asks the desk to send before the page is drawn again."""
    with st.form("submission", enter_to_submit=False):
        _row(desk, "model_name", "organization")
        _row(desk, "contact", "model_url")
        _row(desk, "team", "authors")
        with st.expander("About the model (optional)", expanded=_about_refused(desk)):
            _about(desk)
        with st.expander("Terms of submission"):
            for term in TERMS:
                st.markdown(f"**{term.title}.** {term.text}")
        st.checkbox("I have read the terms of submission.", key=FIELD + TERMS_FIELD)
        _problem(desk, TERMS_FIELD)
        st.checkbox(
            "Evaluate only: show me my would-be rank, publish nothing.",
            key=FIELD + "evaluate_only",
        )
        # Not a primary button: Streamlit writes white on the primary colour, which in the dark
        # theme is light because it is also the colour of selected text.
        st.form_submit_button(
            "Submit and evaluate", icon=":material/send:", on_click=desk.ask_to_send
        )
        if desk.problems:
            told = len(desk.problems)
            st.error(
                f"Not submitted: {told} problem{'' if told == 1 else 's'}, each told beside its "
                "field. Nothing you entered is lost.",
                icon=":material/error:",
            )
        _problem(desk, FILE_FIELD)
        if desk.failure:
            st.error(
                "Not submitted: the server failed. Nothing of it was kept, and nothing you "
                "entered is lost. Try again in a minute; if it stays, tell the maintainers.",
                icon=":material/error:",
            )
            with st.expander("Detail"):
                st.code(desk.failure, language=None, wrap_lines=True)


def read_form() -> Form:
    """What stands in the fields now."""
    return form_of(
        {
            str(key).removeprefix(FIELD): value
            for key, value in st.session_state.items()
            if str(key).startswith(FIELD)
        }
    )


_ABOUT = ("base_model", "parameters", "frames", "training_data", "code_url")


def _about_refused(desk: Desk) -> bool:
    return any(key in desk.problems for key in (*_ABOUT, "weights", "trained_on_sources"))


def _about(desk: Desk) -> None:
    _row(desk, "base_model", "parameters")
    left, right = st.columns(2)
    with left:
        st.selectbox(
            "Weights",
            tuple(_WEIGHTS),
            index=None,
            format_func=lambda key: _WEIGHTS[key],
            key=FIELD + "weights",
            placeholder="Not given",
            persist_state="session",
        )
        _problem(desk, "weights")
    with right:
        _text(desk, "frames")
    _row(desk, "training_data", "code_url")
    st.selectbox(
        "Was any of the eight source datasets in the training data?",
        tuple(_TRAINED),
        index=None,
        format_func=lambda key: _TRAINED[key],
        key=FIELD + "trained_on_sources",
        placeholder="Not given",
        persist_state="session",
    )
    _problem(desk, "trained_on_sources")


def _row(desk: Desk, *keys: str) -> None:
    for column, key in zip(st.columns(len(keys)), keys, strict=True):
        with column:
            _text(desk, key)


def _text(desk: Desk, key: str) -> None:
    field = FIELD_BY_KEY[key]
    # No max_chars: it would cut a pasted text silently; a refusal tells of it.
    st.text_input(
        f"{field.label} (required)" if field.required else field.label,
        key=FIELD + key,
        help=f"{field.help} At most {field.limit} characters.",
        placeholder=field.placeholder or None,
        persist_state="session",
    )
    _problem(desk, key)


def _problem(desk: Desk, key: str) -> None:
    if key in desk.problems:
        refusal(desk.problems[key])
