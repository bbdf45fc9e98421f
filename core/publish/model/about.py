"""The declared data of a model, and how its numbers were computed. Pure."""

import re
from typing import Final
from urllib.parse import urlsplit

from core.benchmark import METRICS
from core.changes.versions import OWN_RUN, RESCORED, TAKEN_BACK
from core.model.entries import Entry, Version
from core.model.fields import FIELD_BY_KEY, FIELDS
from core.model.links import link_problem
from core.publish import dates
from core.publish.board.table import team
from core.publish.facts import MISSING, TEXT, Cell, Way, table_html
from core.publish.numbers import DASH, count, fixed
from core.ranking.board import Standing

_REPLACED_BY: Final = {
    OWN_RUN: OWN_RUN,
    RESCORED: RESCORED,
    TAKEN_BACK: "the previous version, by its owner",
}
SAID: Final = "As declared by the submitters."
NOT_SAID: Final = "Nothing else was declared."
_SAFE: Final = re.compile(r"[0-9A-Za-z.+-]{1,64}")


def in_short(entry: Entry) -> str:
    """The organization and the kind of model, as declared."""
    said = entry.declared
    weights = FIELD_BY_KEY["weights"].text(said.weights).lower()
    kind = (said.parameters or "", f"{weights} weights" if weights else "")
    return " · ".join(filter(None, (team(entry), *kind)))


def links(entry: Entry) -> list[Way]:
    """The participants' links to the model and its code."""
    found = (("Model", entry.model_url), ("Code", entry.declared.code_url))
    return [
        Way(f"{what} on {urlsplit(url).hostname}", url, ours=False)
        for what, url in found
        if url and link_problem(url) is None
    ]


def declared(entry: Entry) -> list[tuple[str, str]]:
    """Labels and the participant's declarations, which are other people's text."""
    told = [
        (field.entry_label or field.label, field.text(field.value_of(entry)))
        for field in FIELDS
        if field.declared and not field.link
    ]
    return [(label, value) for label, value in told if value]


def provenance(standing: Standing) -> list[str]:
    """The provenance of the scores: tries, days, versions, digests. Our own text only."""
    entry = standing.entry
    facts = []
    if standing.tries is not None:
        tries = count(standing.tries, "try", "tries")
        facts.append(f"{tries} of this team on the hidden set, “evaluate only” included")
    for label, text in (("scored", entry.date), ("verified", entry.verified_date)):
        if day := _day(text):
            facts.append(f"{label} on {day}")
        elif label == "verified" and entry.board == "official":
            facts.append("verified on a day that is not recorded")
    for label, text in (
        ("scorer", entry.scorer_version),
        ("predictions SHA-256", entry.predictions_sha256),
        ("ground truth SHA-256", entry.ground_truth_sha256),
    ):
        if text and _SAFE.fullmatch(text):
            facts.append(f"{label} {text[:12]}")
    return facts


def versions_html(history: tuple[Version, ...]) -> str:
    """Earlier scores, the newest first."""
    names = ("Scored", "Until", "Replaced by")
    head = [Cell(name, TEXT) for name in names] + [Cell(metric.name) for metric in METRICS]
    rows = [
        [
            Cell(_day(old.date) or DASH, TEXT),
            Cell(_day(old.replaced) or DASH, TEXT),
            Cell(_REPLACED_BY.get(old.why, "a new version"), TEXT),
            *(_value(old.metrics.get(metric.key)) for metric in METRICS),
        ]
        for old in reversed(history)
    ]
    return table_html("Earlier versions", head, rows)


def _value(value: float | None) -> Cell:
    return Cell(fixed(value), MISSING if value is None else "")


def _day(text: str | None) -> str | None:
    """A stored date in words; None for anything else, so that no other text gets through."""
    found = dates.parse(text)
    return dates.day(found[0]) if found else None
