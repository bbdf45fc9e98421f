"""The submission form: its fields, their limits, and what is refused and why.

Pure: text in, cleaned text and problems out. Whether a name is taken is asked of the
board (core.usecases.submit); everything that the form alone can tell is decided here.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Final, Literal, get_args

from core.model.entries import Declared
from core.model.links import link_problem
from core.model.names import BLANK_SIGNS, name_key

Weights = Literal["open", "closed"]
TrainedOnSources = Literal["yes", "no", "unknown"]

TERMS_FIELD: Final = "terms"
FILE_FIELD: Final = "file"
TRACK_FIELD: Final = "track"


@dataclass(frozen=True, slots=True)
class Field:
    """One text field: `limit` is its longest text in characters."""

    key: str
    label: str
    limit: int
    help: str
    required: bool = False
    link: bool = False
    placeholder: str = ""


TEXT_FIELDS: Final = (
    Field("model_name", "Model name", 80, "As it stands on the board.", required=True),
    Field("organization", "Organization", 120, "Shown beside the model.", required=True),
    Field(
        "contact",
        "Contact",
        200,
        "An address where the maintainers reach you. Never shown on a page.",
    ),
    Field(
        "model_url",
        "Model URL",
        500,
        "Where the model is described. The name on the board links to it.",
        link=True,
        placeholder="https://",
    ),
    Field("team", "Team", 120, "When it is not the organization."),
    Field("authors", "Authors", 1000, "Separated by commas."),
    Field("base_model", "Base model", 120, "What it was trained from."),
    Field("parameters", "Parameters", 60, "For example: 7B, or 30B of which 3B active."),
    Field("frames", "Frames used", 120, "For example: 16 frames per clip, or 1 frame per second."),
    Field("training_data", "Training data", 1000, "What the model has been trained on."),
    Field(
        "code_url",
        "Code link",
        500,
        "Where the code that made these answers is.",
        link=True,
        placeholder="https://",
    ),
)
FIELD_BY_KEY: Final = {field.key: field for field in TEXT_FIELDS}

# Marks that stack up on one letter reach into the lines above and below.
_MAX_MARKS = 4
# Joiners shape letters in Persian, Hindi and others; name_key ignores them.
_JOINERS = frozenset("\u200c\u200d")


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What the participant entered, as typed. Empty text and None mean "not given"."""

    model_name: str = ""
    organization: str = ""
    contact: str = ""
    model_url: str = ""
    team: str = ""
    authors: str = ""
    base_model: str = ""
    parameters: str = ""
    frames: str = ""
    training_data: str = ""
    code_url: str = ""
    weights: Weights | None = None
    trained_on_sources: TrainedOnSources | None = None
    track: str | None = None
    terms: bool = False
    evaluate_only: bool = False

    def declared(self) -> Declared:
        """The part that is shown beside the entry as the participant's own word."""
        return Declared(
            team=self.team or None,
            authors=self.authors or None,
            base_model=self.base_model or None,
            parameters=self.parameters or None,
            weights=self.weights,
            frames=self.frames or None,
            training_data=self.training_data or None,
            trained_on_sources=self.trained_on_sources,
            code_url=self.code_url or None,
        )


def form_of(values: Mapping[str, object]) -> Form:
    """The form from controls' values by field name; unknown names are left out."""
    known = {field.name for field in fields(Form)}
    given: dict[str, Any] = {
        key: value for key, value in values.items() if key in known and value is not None
    }
    return Form(**given)  # check() looks at every value


def check(form: Form) -> tuple[Form, dict[str, str]]:
    """The form without blanks around its texts, and every problem by field name.

    No problems: an empty mapping. The texts of refused fields are returned as typed.
    """
    problems: dict[str, str] = {}
    clean: dict[str, Any] = {}
    for field in TEXT_FIELDS:
        typed = getattr(form, field.key)
        problem, text = check_text(field, typed)
        clean[field.key] = typed if problem else text
        if problem:
            problems[field.key] = problem
    if form.weights is not None and form.weights not in get_args(Weights):
        problems["weights"] = "Weights: choose open, closed or nothing."
    if form.trained_on_sources is not None and form.trained_on_sources not in get_args(
        TrainedOnSources
    ):
        problems["trained_on_sources"] = "Trained on the eight sources: choose yes, no or unknown."
    return replace(form, **clean), problems | check_terms(form)


def check_terms(form: Form) -> dict[str, str]:
    """The problem with the terms, by field name; empty when they are ticked."""
    if form.terms is True:
        return {}
    return {TERMS_FIELD: "Please read the terms of submission and tick that you have."}


def check_text(field: Field, typed: object) -> tuple[str | None, str]:
    """The problem of one field, None when there is none, and its text without blanks around."""
    if not isinstance(typed, str):
        return f"{field.label}: expected text.", ""
    text = typed.strip()
    if len(text) <= field.limit:  # a long text is refused as it is: composing it costs time
        text = unicodedata.normalize("NFC", text)
    if len(text) > field.limit:
        return (
            f"{field.label}: {len(text):,} characters; at most {field.limit} are kept. "
            "Please shorten it.",
            text,
        )
    if not text:
        return (f"{field.label} is required.", "") if field.required else (None, "")
    problem = text_problem(text)
    if problem:
        return f"{field.label}: {problem}", text
    if field.required and not name_key(text):
        return f"{field.label}: holds no letter or digit that a reader could see.", text
    if field.link and (problem := link_problem(text)):
        return f"{field.label}: {problem}", text
    return None, text


def text_problem(text: str) -> str | None:
    """Why a one-line text cannot be shown as it is; None when it can.

    Refused: control characters and line breaks, characters that turn the direction of a
    line, other invisible ones, half characters (surrogates), letters under a pile of marks.
    """
    marks = 0
    for place, char in enumerate(text, start=1):
        category = unicodedata.category(char)
        code = f"U+{ord(char):04X} at character {place}"
        if category == "Cs":
            return f"holds half a character ({code}). Type that sign again."
        if category in ("Cc", "Zl", "Zp"):
            return f"holds a control character or line break ({code}). Use one plain line."
        if (category == "Cf" and char not in _JOINERS) or char in BLANK_SIGNS:
            return f"holds an invisible character ({code}). Delete it, or type the text afresh."
        marks = marks + 1 if category in ("Mn", "Me") else 0
        if marks > _MAX_MARKS:
            return f"holds more than {_MAX_MARKS} accents on one letter ({code}). Leave some out."
    return None
