"""What a model is, by its participants' word, and what its numbers came of."""

import re
from typing import Final
from urllib.parse import urlsplit

import streamlit as st

from core.benchmark import METRICS
from core.changes.versions import OWN_RUN, RESCORED
from core.model.entries import Entry, Version
from core.model.fields import FIELDS
from core.model.links import link_problem
from core.publish import dates
from core.publish.board.table import SCORES_OF
from core.publish.facts import MISSING, TEXT, Cell, Way, table_html
from core.publish.numbers import DASH, count, fixed
from core.ranking.board import Standing
from core.ui.text import labelled

_SAFE: Final = re.compile(r"[0-9A-Za-z.+-]{1,64}")


def links(entry: Entry) -> list[Way]:
    """Where the model and its code are, by its participants."""
    found = (("Model", entry.model_url), ("Code", entry.declared.code_url))
    return [
        Way(f"{what} on {urlsplit(url).hostname}", url, ours=False)
        for what, url in found
        if url and link_problem(url) is None
    ]


def show_declared(entry: Entry) -> None:
    """What the participant says: shown as text, and said to be their word."""
    st.subheader("About the model", anchor="about")
    labelled("**Organization**", entry.organization or DASH)
    told = [
        (field.entry_label or field.label, field.text(field.value_of(entry)))
        for field in FIELDS
        if field.declared and not field.link
    ]
    for label, value in told:
        if value:
            labelled(f"**{label}**", value)
    if entry.track:
        labelled("**Track**", entry.track)
    if any(value for _, value in told):
        st.caption("What is said of the model is its participants’ word.")
    else:
        st.caption("Its participants said no more about it.")


def show_provenance(standing: Standing) -> None:
    """What the numbers came of: tries, version, truth, file. All of it is ours."""
    entry = standing.entry
    facts = []
    if standing.tries is not None:
        tries = count(standing.tries, "try", "tries")
        facts.append(f"**{tries}** of this team on the hidden set, “evaluate only” included")
    for label, text in (("scored", entry.date), ("verified", entry.verified_date)):
        if day := _day(text):
            facts.append(f"{label} on {day}")
    for label, text in (
        ("scorer", entry.scorer_version),
        ("predictions SHA-256", entry.predictions_sha256),
        ("ground truth SHA-256", entry.ground_truth_sha256),
    ):
        if text and _SAFE.fullmatch(text):
            facts.append(f"{label} {text[:12]}")
    if facts:
        st.caption(" · ".join(facts))
    if entry.verification and entry.verification.scores:
        labelled("**Scores**", SCORES_OF[entry.verification.scores])
    if entry.verified_note:
        labelled("**Verification**", entry.verified_note)


def versions_html(history: tuple[Version, ...]) -> str:
    """Earlier scores, the newest first."""
    names = ("Scored", "Until", "Replaced by")
    head = [Cell(name, TEXT) for name in names] + [Cell(metric.name) for metric in METRICS]
    rows = [
        [
            Cell(_day(old.date) or DASH, TEXT),
            Cell(_day(old.replaced) or DASH, TEXT),
            Cell(old.why if old.why in (OWN_RUN, RESCORED) else "a new version", TEXT),
            *(_value(old.metrics.get(metric.key)) for metric in METRICS),
        ]
        for old in reversed(history)
    ]
    return table_html("Earlier versions", head, rows)


def _value(value: float | None) -> Cell:
    return Cell(fixed(value), MISSING if value is None else "")


def _day(text: str | None) -> str | None:
    """A stored date in words; None for what is none, so that no other text gets through."""
    found = dates.parse(text)
    return dates.day(found[0]) if found else None
