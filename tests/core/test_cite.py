"""Citations of a board, read back by pybtex; metadata of boards and entries, by their schemas."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from pybtex.database import parse_string

from core.benchmark import METRIC_KEYS
from core.model.entries import Declared, Judgement
from core.model.policy import DEFAULT, Policy
from core.model.published import published_state
from core.model.statistics import EntryFigures, MetricFigures
from core.publish import api
from core.publish.cite import FORMS, Cited, apa, bibtex
from core.publish.croissant import croissant
from core.publish.every_eval import every_eval
from core.publish.moment import Moment, board_sha256
from core.ranking.board import rank_board, shown_board
from tests.core.test_exports import HOSTILE, SECRETS, entry

DATA = Path(__file__).parents[1] / "data"
AT = Moment("2026-11-26", "0123456789abcdef", "https://board.example.org/a_b%7e")
CITED = Cited("community", AT, "5" * 64)
SCHEMA = json.loads((DATA / "every_eval_ever" / "eval.schema.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("cited", [CITED, replace(CITED, at=replace(AT, url="", demo=True))])
def test_every_citation_names_day_address_revision_and_checksum(cited: Cited) -> None:
    (found,) = parse_string(bibtex(cited), "bibtex").entries.values()
    assert (found.type, found.fields["year"], found.fields["month"]) == ("misc", "2026", "November")
    assert found.fields.get("url", "") == cited.url
    title = found.fields["title"].replace("{", "").replace("}", "")
    assert title == cited.title
    for text in (found.fields["note"], *(write(cited) for write in FORMS.values())):
        assert f"SHA-256 {'5' * 64}" in text
        assert AT.revision in text
    for write in FORMS.values():
        assert cited.url in write(cited)
        assert ("synthetic" in write(cited)) == cited.at.demo
    assert apa(cited).startswith("MedVidBench maintainers. (2026, November 26). MedVidBench")


def _every(name: str, **changes: Any) -> dict[str, Any]:
    board = rank_board("community", [entry(name, **changes)], DEFAULT)
    figures = EntryFigures(
        metrics=dict.fromkeys(METRIC_KEYS, MetricFigures(n=10, units=2, interval=(0.1, 0.9)))
    )
    found: dict[str, Any] = json.loads(every_eval(board.standings[0], "community", AT, figures))
    return found


@pytest.mark.parametrize("name", [*HOSTILE[:20], "..", "模型"])
def test_an_entry_is_what_every_eval_ever_expects(name: str) -> None:
    judged = Judgement(run_id="r", date="2026-01-01", model=name, metrics={})
    for changes in ({}, {"judge": judged, "declared": Declared(weights="open", team=name)}):
        found = _every(name, **changes)
        jsonschema.validate(found, SCHEMA)
        assert found["schema_version"] == SCHEMA["version"]
        assert found["evaluation_id"].count("/") == 2
        scores = {
            one["metric_config"]["metric_id"].removeprefix("medvidbench."): one["score_details"]
            for one in found["evaluation_results"]
        }
        assert set(scores) == set(METRIC_KEYS) - {"rc_llm"}  # which has no value
        assert scores["cvs_acc"]["uncertainty"]["confidence_interval"]["upper"] == 0.9


def test_every_eval_ever_has_the_coverage_of_grades_that_the_model_s_page_shows() -> None:
    run = Judgement(run_id="r", date="2026-01-01", model="j", metrics={}, share={"vs_llm": 0.5})
    half = {"records": 100, "answered": 50, "scored": 50}
    found = _every("x", judge=run, coverage={"vs_llm": half, "nap_acc": half})
    told = {
        one["evaluation_result_id"]: one["score_details"]["details"].get("coverage")
        for one in found["evaluation_results"]
    }
    assert (told["vs_llm"], told["nap_acc"], told["sa_acc"]) == ("0.25", "0.5", None)


def test_every_eval_ever_says_which_score_does_not_count() -> None:
    few = entry("Few", coverage={"nap_acc": {"records": 100, "answered": 50, "scored": 50}})
    for policy, told in ((Policy(enforce_min_coverage=True), "no"), (DEFAULT, None)):
        (row,) = rank_board("community", [few], policy).standings
        found = json.loads(every_eval(row, "community", AT))
        jsonschema.validate(found, SCHEMA)
        counts = {
            one["evaluation_result_id"]: one["score_details"]["details"].get("counts_in_rank")
            for one in found["evaluation_results"]
        }
        assert (counts["nap_acc"], counts["sa_acc"]) == (told, None)


def test_every_eval_ever_names_the_model_as_the_hub_does_and_tells_nothing_private() -> None:
    assert _every("x", model_url="https://huggingface.co/lab/model-7b")["model_info"]["id"] == (
        "lab/model-7b"
    )
    assert _every("x y", organization="a/b")["model_info"]["id"] == "a-b/x-y"
    assert "canary" not in json.dumps(_every("x", **SECRETS))
    for one in shown_board(published_state(), "official").standings:
        found = json.loads(every_eval(one, "official", AT))
        jsonschema.validate(found, SCHEMA)
        assert found["source_metadata"]["source_type"] == "documentation"


def test_the_croissant_names_files_and_fields_that_are_there() -> None:
    """What Croissant 1.0 requires of a dataset, and that each field's path leads to a value."""
    boards = {name: shown_board(published_state(), name) for name in ("official", "community")}
    bodies = {name: api.board(one, AT) for name, one in boards.items()}  # type: ignore[arg-type]
    files = {name: (f"{AT.url}/api/v1/boards/{name}", "0" * 64) for name in boards}
    cited = Cited("official", AT, board_sha256(boards["official"]))
    found = croissant(files, cited, AT)  # type: ignore[arg-type]
    required = {"@context", "@type", "conformsTo", "name", "description", "license", "url"}
    assert required | {"creator", "datePublished"} <= set(found)
    assert found["conformsTo"] == "http://mlcommons.org/croissant/1.0"
    assert found["version"] == "2026.11.26"
    ids = {one["@id"]: one for one in found["distribution"]}
    for one in ids.values():
        assert {"@type", "name", "contentUrl", "encodingFormat", "sha256"} <= set(one)
    for records in found["recordSet"]:
        fields = {field["@id"]: field for field in records["field"]}
        assert records["key"]["@id"] in fields
        for field in fields.values():
            assert field["source"]["fileObject"]["@id"] in ids
            path = field["source"]["extract"]["jsonPath"].removeprefix("$.entries[*].").split(".")
            for row in bodies[records["name"]]["entries"]:
                value = row
                for part in path:
                    value = value[part]
                assert isinstance(value, int | float | str | None)
