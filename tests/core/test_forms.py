"""What a form accepts: a table of refusals and a table of valid values."""

from dataclasses import fields, replace
from pathlib import Path
from typing import get_args, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model.entries import Declared, Entry
from core.model.fields import FIELD_BY_KEY, FIELDS, FILE_FIELD, TEXT_FIELDS, Form, check, form_of
from core.model.links import link_problem
from core.model.names import name_key
from core.model.state import EMPTY
from core.usecases.submit import CheckedFile, validate_form
from tests.core.services_world import world

GOOD = Form(model_name="MedVLM 7B", organization="University of Ghent", terms=True)


def with_(**changes: object) -> Form:
    return replace(GOOD, **changes)  # type: ignore[arg-type]


def problems(**changes: object) -> dict[str, str]:
    return check(with_(**changes))[1]


def test_a_plain_form_has_no_problems() -> None:
    assert check(GOOD) == (GOOD, {})


def test_blanks_around_a_text_are_dropped_and_marks_composed() -> None:
    clean, found = check(with_(model_name="  Me\u0301dVLM \n", team=" "))
    assert not found
    assert clean.model_name == "M\u00e9dVLM"
    assert clean.declared().team is None


def test_all_problems_are_reported_at_once() -> None:
    found = check(Form(model_url="javascript:alert(1)", authors="a\x00b"))[1]
    assert set(found) == {"model_name", "organization", "model_url", "authors", "terms"}


@pytest.mark.parametrize("value", [False, None, 1, "yes"])
def test_the_terms_must_be_ticked(value: object) -> None:
    assert set(check(Form(model_name="m", organization="o", terms=value))[1]) == {"terms"}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param(" \t\u00a0 ", id="blanks"),
        pytest.param("\u200d\u200c", id="joiners only"),
        pytest.param("\u0301\u0301", id="marks only"),
        pytest.param("_ _", id="underscores only"),
    ],
)
def test_a_required_name_must_be_visible(text: str) -> None:
    assert set(problems(model_name=text, organization=text)) == {"model_name", "organization"}


HOSTILE = [
    pytest.param("a\x00b", "control", id="NUL"),
    pytest.param("a\nb", "line break", id="newline"),
    pytest.param("a\r\nb", "control", id="carriage return"),
    pytest.param("a\tb", "control", id="tab"),
    pytest.param("a\x1b[31mb", "control", id="terminal escape"),
    pytest.param("a\x7fb", "control", id="delete"),
    pytest.param("a\x85b", "control", id="C1 next line"),
    pytest.param("a\u2028b", "line break", id="line separator"),
    pytest.param("a\u2029b", "line break", id="paragraph separator"),
    pytest.param("a\u202eb", "invisible", id="right-to-left override"),
    pytest.param("a\u202db", "invisible", id="left-to-right override"),
    pytest.param("a\u2066b\u2069", "invisible", id="isolate"),
    pytest.param("a\u200fb", "invisible", id="right-to-left mark"),
    pytest.param("a\u061cb", "invisible", id="Arabic letter mark"),
    pytest.param("a\u200bb", "invisible", id="zero-width space"),
    pytest.param("a\ufeffb", "invisible", id="byte order mark"),
    pytest.param("a\u00adb", "invisible", id="soft hyphen"),
    pytest.param("a\U000e0041b", "invisible", id="tag character"),
    pytest.param("a\ud800b", "half a character", id="high surrogate"),
    pytest.param("a\udfffb", "half a character", id="low surrogate"),
    pytest.param("Z" + "\u0335" * 40, "accents", id="pile of marks"),
]


@pytest.mark.parametrize("field", [f.key for f in TEXT_FIELDS if not f.link])
@pytest.mark.parametrize(("text", "why"), HOSTILE)
def test_hostile_characters_are_refused_in_every_field(field: str, text: str, why: str) -> None:
    found = problems(**{field: text})
    assert set(found) == {field}
    assert why in found[field]
    assert found[field].isprintable()
    assert FIELD_BY_KEY[field].label in found[field]


@pytest.mark.parametrize("field", TEXT_FIELDS, ids=lambda field: field.key)
def test_the_limit_is_a_limit(field) -> None:
    start = "https://example.org/" if field.link else ""
    longest = start + "x" * (field.limit - len(start))
    assert problems(**{field.key: longest}) == {}
    found = problems(**{field.key: longest + "x"})
    assert set(found) == {field.key}
    assert f"at most {field.limit}" in found[field.key]
    assert len(problems(**{field.key: "x" * 2_000_000})[field.key]) < 200


@pytest.mark.parametrize(
    "text",
    [
        "Ünïcode 模型 نموذج",
        "می‌خواهم",
        "GPT-5.4*",
        "<script>alert(1)</script>",
        "../../etc/passwd",
        "=cmd|' /C calc'!A0",
        "O'Brien & Sons",
        "CON",
    ],
)
def test_unusual_but_harmless_text_is_kept_unchanged(text: str) -> None:
    clean, found = check(with_(model_name=text, organization=text, authors=text))
    assert not found
    assert (clean.model_name, clean.organization, clean.authors) == (text, text, text)


BAD_LINKS = [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\tscript:alert(1)",
    "\x01javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "data:text/html;base64,PHNjcmlwdD4=",
    "vbscript:msgbox(1)",
    "file:///etc/passwd",
    "ftp://example.org/model",
    "//example.org/model",
    "/model",
    "example.org",
    "https:",
    "https://",
    "https:///example.org",
    "https:example.org",
    "https://localhost",
    "https://.",
    "https://..",
    "https://user@example.org/",
    "https://user:secret@example.org/",
    "https://example.org@evil.example/",
    "https://:pw@example.org/",
    "https://example.org:99999/",
    "https://example.org:0/",
    "https://example.org:port/",
    "https://[::1",
    "https://exa mple.org/",
    "https://example.org/\nLocation: x",
    "https://example.org/\u202egpj.exe",
    "https://example.org/\x00",
    "https://example.org\\@evil.example/",
    'https://example.org/"onmouseover="alert(1)',
    "https://example.org/'onclick='x",
    "https://example.org/<script>",
    "https://example.org/`x`",
    "https://example.org/\ud800",
    "http://\u2028example.org",
    "view-source:https://example.org",
    "blob:https://example.org/1",
]


@pytest.mark.parametrize("field", ["model_url", "code_url"])
@pytest.mark.parametrize("link", BAD_LINKS, ids=ascii)
def test_links_that_are_refused(field: str, link: str) -> None:
    assert link_problem(link) is not None
    assert set(problems(**{field: link})) == {field}


@pytest.mark.parametrize(
    "link",
    [
        "https://example.org",
        "HTTP://EXAMPLE.ORG/Model",
        "https://example.org:8443/a/b?c=d&e=%20f#g",
        "https://huggingface.co/UII-AI/uAI-NEXUS-MedVLM-1.0a-7B-RL",
        "https://пример.рф/модель",
        "https://example.org/~user/(draft)/@v1;x=1,2!",
    ],
)
def test_links_that_pass(link: str) -> None:
    assert problems(model_url=link, code_url=link) == {}


@pytest.mark.parametrize(
    ("field", "value"), [("weights", "ajar"), ("trained_on_sources", "javascript:")]
)
def test_choices_outside_the_list_are_refused(field: str, value: str) -> None:
    assert set(problems(**{field: value})) == {field}


def test_a_form_is_made_from_the_controls_values() -> None:
    values = {"model_name": "m", "team": None, "weights": None, "terms": True, "file": b"x"}
    assert form_of(values) == Form(model_name="m", terms=True)


def test_what_was_declared_is_kept() -> None:
    declared = check(
        with_(team="T", weights="open", trained_on_sources="unknown", code_url="https://a.example")
    )[0].declared()
    assert (declared.team, declared.weights) == ("T", "open")
    assert (declared.trained_on_sources, declared.code_url) == ("unknown", "https://a.example")


@given(st.text(max_size=120))
def test_any_text_is_either_refused_or_shown_on_one_line(text: str) -> None:
    clean, found = check(with_(model_name=text))
    if not found:
        assert name_key(clean.model_name)
        assert "\n" not in clean.model_name
        clean.model_name.encode()
        assert len(clean.model_name) <= FIELD_BY_KEY["model_name"].limit
    else:
        found["model_name"].encode()


@given(st.text(max_size=60))
def test_any_link_that_passes_begins_with_http(text: str) -> None:
    if link_problem(text) is None:
        assert text.lower().startswith(("https://", "http://"))


def test_a_field_is_declared_once_for_forms_and_entries() -> None:
    keys = {field.key for field in FIELDS}
    assert keys - {"model_name", "organization", "contact", "model_url"} == set(
        Declared.__struct_fields__
    )
    own = {"track", "terms", "evaluate_only"}  # about the submission, not about the model
    assert {found.name for found in fields(Form)} - own == keys
    assert all(field.declared or field.key in Entry.__struct_fields__ for field in FIELDS)


def test_the_options_of_a_choice_are_those_of_its_record() -> None:
    for key, hint in get_type_hints(Declared).items():
        literal, *_ = get_args(hint)
        assert tuple(FIELD_BY_KEY[key].options) == get_args(literal), key


def test_an_emptied_choice_is_not_given() -> None:
    clean, found = check(with_(weights=""))
    assert (clean.weights, found) == (None, {})


@pytest.mark.parametrize("contact", ["me@example", "me@", "a@b@c.org", "me@example..org"])
def test_a_mistyped_address_is_refused(contact: str) -> None:
    assert "name@example.org" in problems(contact=contact)["contact"]


@pytest.mark.parametrize(
    "contact",
    ["", "me@example.org", "m+e@ü.example.org", "@handle", "Ann, ann@example.org", "Room 4.12"],
)
def test_a_contact_that_is_no_address_or_a_whole_one_is_kept(contact: str) -> None:
    assert problems(contact=contact) == {}


def test_a_file_that_was_not_checked_is_chosen_again(tmp_path: Path) -> None:
    settings, wrong = world(tmp_path).settings, CheckedFile(b"x", False, 0)
    for file, told in ((wrong, "correct it"), (replace(wrong, checked=False), "Choose it again")):
        _form, found = validate_form(GOOD, file, EMPTY, settings)
        assert told in found.pop(FILE_FIELD)
        assert not found
