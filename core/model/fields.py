"""The submission form: its fields, their limits, and what is refused.

Pure: text in, cleaned text and problems out. All checks that need only the form are here; whether
a name is taken depends on the board (core.usecases.submit).
"""

import dataclasses
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Final

from core.model.entries import Declared, Entry, TrainedOnSources, Weights
from core.model.links import address_problem, link_problem
from core.model.names import BLANK_SIGNS, name_key

TERMS_FIELD: Final = "terms"
FILE_FIELD: Final = "file"
TRACK_FIELD: Final = "track"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the forms: a text, or a choice when it has `options` (value -> label).

    `limit` is the longest text in characters. Forms ask `question` where there is one, entry
    details may have a shorter `entry_label`; both fall back to `label`. `about`: below the fold
    of the form; `wide`: on a separate line there. `requirable`: a track may require it.
    """

    key: str
    label: str
    limit: int = 0
    help: str = ""
    options: Mapping[str, str] = dataclasses.field(default_factory=dict)
    question: str = ""
    entry_label: str = ""
    required: bool = False
    link: bool = False
    placeholder: str = ""
    about: bool = False
    wide: bool = False
    requirable: bool = False

    @property
    def declared(self) -> bool:
        """Whether it is shown as declared by the participant, in Entry.declared."""
        return self.key in Declared.__struct_fields__

    @property
    def path(self) -> str:
        """Its key in an edit of an entry, for example `declared.team`."""
        return f"declared.{self.key}" if self.declared else self.key

    def value_of(self, entry: Entry) -> Any:
        """The entry's value; None when it is not given."""
        return getattr(entry.declared if self.declared else entry, self.key)

    def text(self, value: object) -> str:
        """The value as shown; empty when it is not given or not an option."""
        return self.options.get(str(value), "") if self.options else str(value or "")


# All fields of the form, in this order. Another one that is shown with the entry takes a line
# here, one in Form, and one in core.model.entries.Declared; everything else follows.
FIELDS: Final = (
    Field("model_name", "Model name", 80, "As shown on the board.", required=True),
    Field("organization", "Organization", 120, "Shown next to the model.", required=True),
    Field(
        "contact",
        "Contact",
        200,
        "Where the maintainers can reach you. Never shown on a page.",
        question="Contact (recommended; needed for the Official board)",
        placeholder="name@example.org",
        wide=True,
        requirable=True,
    ),
    Field(
        "model_url",
        "Model URL",
        500,
        "Where the model is described. The name on the board links to it.",
        entry_label="Link",
        link=True,
        placeholder="https://",
        about=True,
    ),
    Field("team", "Team", 120, "If it is not the organization.", about=True, requirable=True),
    Field("authors", "Authors", 1000, "Separated by commas.", about=True, requirable=True),
    Field(
        "base_model", "Base model", 120, "The model it is based on.", about=True, requirable=True
    ),
    Field("parameters", "Parameters", 60, "For example: 7B, or 30B with 3B active.", about=True),
    Field("weights", "Weights", options={"open": "Open", "closed": "Closed"}, about=True),
    Field(
        "frames",
        "Frames used",
        120,
        "For example: 16 frames per clip, or 1 frame per second.",
        about=True,
    ),
    Field(
        "training_data",
        "Training data",
        1000,
        "What the model has been trained on.",
        about=True,
        requirable=True,
    ),
    Field(
        "code_url",
        "Code link",
        500,
        "Code that produced these answers.",
        entry_label="Code",
        link=True,
        placeholder="https://",
        about=True,
        requirable=True,
    ),
    Field(
        "trained_on_sources",
        "Trained on the sources",
        options={"yes": "Yes", "no": "No", "unknown": "Not known"},
        question="Was any of the eight source datasets in the training data?",
        about=True,
    ),
)
TEXT_FIELDS: Final = tuple(field for field in FIELDS if not field.options)
FIELD_BY_KEY: Final = {field.key: field for field in FIELDS}
FIELD_BY_PATH: Final = {field.path: field for field in FIELDS}
# Fields that a track may require in addition to the form's required fields.
REQUIRABLE: Final = tuple(field.key for field in FIELDS if field.requirable)

# Stacked combining marks reach into the lines above and below.
_MAX_MARKS = 4
# Joiners shape letters in Persian, Hindi and other scripts; name_key ignores them.
_JOINERS = frozenset("\u200c\u200d")


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """The participant's input, as typed. Empty text and None mean "not given"."""

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
        """The part that is shown with the entry as declared by the participant."""
        return Declared(**{key: getattr(self, key) or None for key in Declared.__struct_fields__})


def form_of(values: Mapping[str, object]) -> Form:
    """The form from the controls' values by field name; unknown names are ignored."""
    known = {field.name for field in fields(Form)}
    given: dict[str, Any] = {
        key: value for key, value in values.items() if key in known and value is not None
    }
    return Form(**given)  # check() validates every value


def check(form: Form) -> tuple[Form, dict[str, str]]:
    """The form with its texts stripped, and every problem by field name.

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
    for field in FIELDS:
        if not field.options:
            continue
        clean[field.key] = getattr(form, field.key) or None
        if clean[field.key] not in (None, *field.options):
            choices = ", ".join(field.options)
            problems[field.key] = f"{field.label}: choose {choices} or nothing."
    return replace(form, **clean), problems | check_terms(form)


def check_terms(form: Form) -> dict[str, str]:
    """The problem with the terms, by field name; empty when they are ticked."""
    if form.terms is True:
        return {}
    return {TERMS_FIELD: "Please read the terms of submission and tick that you have."}


def check_text(field: Field, typed: object) -> tuple[str | None, str]:
    """The problem of one field, None without one, and its text without surrounding spaces."""
    if not isinstance(typed, str):
        return f"{field.label}: expected text.", ""
    text = typed.strip()
    if len(text) <= field.limit:  # refused as it is: normalizing a long text takes time
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
        return f"{field.label} {problem}", text
    if field.required and not name_key(text):
        return f"{field.label} has no visible letter or digit.", text
    if field.link and (problem := link_problem(text)):
        return f"{field.label} {problem}", text
    if field.key == "contact" and (problem := address_problem(text)):
        return f"{field.label} {problem}", text
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
            return f"has half a character ({code}). Type that character again."
        if category in ("Cc", "Zl", "Zp"):
            return f"has a control character or line break ({code}). Use one plain line."
        if (category == "Cf" and char not in _JOINERS) or char in BLANK_SIGNS:
            return f"has an invisible character ({code}). Delete it, or type the text again."
        marks = marks + 1 if category in ("Mn", "Me") else 0
        if marks > _MAX_MARKS:
            return f"has more than {_MAX_MARKS} accents on one letter ({code}). Remove some."
    return None
