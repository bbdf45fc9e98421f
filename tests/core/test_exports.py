"""Exports with hostile names: read back in each format; nothing private, no code."""

import codecs
import csv
import io
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from core.benchmark import METRIC_KEYS
from core.model.entries import API_VERIFIED, Declared, Entry, Verification
from core.model.policy import DEFAULT, Policy
from core.model.published import published_state
from core.publish import api, exports
from core.publish.exports import Table
from core.publish.model_cards import eval_results, model_index
from core.publish.moment import Moment, board_sha256
from core.publish.text import csv_cell, latex, markdown, one_line
from core.ranking.board import Standing, rank_board
from tests.hostile_texts import PAYLOADS

DOCUMENT = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
HOSTILE = (
    "=1+1",
    "  =HYPERLINK(x)",
    "@SUM(1)",
    "+1",
    "-1",
    "\t=1",
    "a;=cmd|' /C calc'!A0",
    '","=1',
    "＝1",
    r"\input{/etc/passwd}",
    r"\write18{id}",
    "100% & $x_1^2$ #~{}",
    "[x] *y*",
    "a | b",
    "a\n=1\n\\\\",
    "- !!python/object/apply:os.system [id]",
    "yes: no # &a *a",
    "\u202egnp.exe",
    "Ünïcode 模型 🏅",
    *PAYLOADS,
)
SECRETS = {
    "contact": "canary-contact@example.org",
    "contact_ref": "canary-reference",
    "extra": {"sample_scores": ["canary-score"], "key_hash": "canary-hash"},
    "ground_truth_sha256": "canary-truth",
    "predictions_sha256": "canary-upload",
    "by_dataset": {"x": "canary-dataset"},
}


def entry(name: str, value: float | None = 0.5, **changes: Any) -> Entry:
    metrics = {**dict.fromkeys(METRIC_KEYS, value), "rc_llm": None}
    fields: dict[str, Any] = {"entry_id": f"id-{hash(name)}", "organization": name, "date": name}
    return Entry(model_name=name, metrics=metrics, **{**fields, **changes})


AT = Moment("2026-11-26", "0123456789abcdef", "https://board.example.org")


def table(*entries: Entry, demo: bool = False) -> Table:
    board = rank_board("community", entries, DEFAULT)
    return Table(
        "community",
        board.standings,
        "sorted by Average rank",
        replace(AT, demo=demo),
        AT.board_url("community"),
        board_sha256(board),
    )


def standing(one: Entry) -> Standing:
    return table(one).rows[0]


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


MANY = table(
    *(entry(name, n / 1000, declared=Declared(team=name)) for n, name in enumerate(HOSTILE))
)


def test_no_cell_of_the_csv_is_a_formula_whatever_it_is_split_at() -> None:
    text = exports.to_csv(MANY)
    assert len(rows(text)) == len(HOSTILE)
    for separator in ",;\t":
        for line in csv.reader(io.StringIO(text, newline=""), delimiter=separator):
            for cell in line:
                assert not re.match(r"\s*[=+\-@＝＋－＠]", cell), cell
    assert "\n=" not in text


def test_only_the_csv_begins_with_a_byte_mark() -> None:
    """Without one a spreadsheet garbles names."""
    for form in exports.FORMATS:
        data = form.data(MANY)
        assert data.startswith(codecs.BOM_UTF8) == (form.name == "CSV")
        assert data.decode(form.encoding) == form.write(MANY)


def test_the_csv_has_numbers_as_numbers_and_nothing_for_the_undefined() -> None:
    (row,) = rows(exports.to_csv(table(entry("Model A, B", 0.125))))
    assert (row["model_name"], row["cvs_acc"], row["rc_llm"]) == ("Model A, B", "0.125", "")
    assert row["status"] == "self_reported"


def test_the_json_reads_back_with_names_as_they_are() -> None:
    found = json.loads(exports.to_json(MANY))["entries"]
    assert {row["model_name"] for row in found} == set(HOSTILE)
    assert [row["rank"] for row in found] == list(range(1, len(HOSTILE) + 1))
    assert found[0]["metrics"]["rc_llm"] is None


def test_the_latex_holds_no_command_but_ours() -> None:
    text = exports.to_latex(MANY)
    ours = (
        r"usepackage|begin|end|centering|caption|toprule|midrule|bottomrule|textbf|underline|"
        r"textbackslash|textasciitilde|textasciicircum|textless|textgreater|textbar|"
        r"textquotedbl|textasciigrave|[{}$&#_%\\]"
    )
    assert re.sub(rf"\\(?:{ours})", "", text).count("\\") == 0
    body = text.split("\\midrule\n")[1].split("\\bottomrule")[0].splitlines()
    assert len(body) == len(HOSTILE)
    for line in body:
        bare = re.sub(r"\\[{}$&#_%]", "", line)
        assert bare.count("&") == 1 + len(METRIC_KEYS)
        assert bare.count("{") == bare.count("}")
        assert not re.search(r"[$#%~^_]", bare)


def test_the_markdown_keeps_its_columns_and_holds_no_tag_or_link() -> None:
    lines = exports.to_markdown(MANY).splitlines()[4:]
    assert len(lines) == len(HOSTILE)
    for line in lines:
        assert len(re.findall(r"(?<!\\)\|", line)) == 4 + len(METRIC_KEYS)
        assert "<" not in line
        assert not re.search(r"(?<!\\)[\[`$]", line)


def test_a_link_is_a_link_only_when_a_page_would_link_it() -> None:
    good = entry("Good", model_url="https://example.org/a_(b)")
    bad = entry("Bad", model_url="javascript:window.hacked=1")
    for form in exports.FORMATS:
        assert "javascript" not in form.write(table(bad))
    assert "[Good](<https://example.org/a_(b)>)" in exports.to_markdown(table(good))


@pytest.mark.parametrize("name", HOSTILE)
def test_the_model_card_is_plain_yaml_with_the_name_as_text(name: str) -> None:
    text = model_index(standing(entry(name)), "community", AT)
    head, body, rest = text.split("---\n", 2)
    (index,) = yaml.safe_load(body)["model-index"]
    assert (head, rest) == ("", "")
    assert index["name"] == one_line(name)
    keys = [metric["type"] for result in index["results"] for metric in result["metrics"]]
    assert sorted(keys) == sorted(set(METRIC_KEYS) - {"rc_llm"})
    assert "self-reported" in index["results"][0]["source"]["name"]


def test_the_hub_s_own_readers_take_both_forms_of_a_model_card() -> None:
    from huggingface_hub import ModelCard, parse_eval_result_entries

    real = published_state().official[0]
    (name, *_rest), found = HOSTILE, [real, entry("Mine")]
    for one in (*found, entry(name)):
        items = parse_eval_result_entries(
            yaml.safe_load(eval_results(standing(one), "official", AT))
        )
        scores = {key: value for key, value in one.metrics.items() if value is not None}
        assert {item.task_id: item.value for item in items} == scores
        assert {item.dataset_id for item in items} == {"UII-AI/MedVidBench"}
        assert {item.source_url for item in items} == {AT.model_url(one.entry_id)}
        assert all("2026-11-26" in str(item.notes) for item in items)
    card = ModelCard(model_index(standing(real), "official", AT))
    assert card.data.model_name == published_state().official[0].model_name
    assert len(card.data.eval_results) == len(METRIC_KEYS)
    assert {one.dataset_type for one in card.data.eval_results} == {"UII-AI/MedVidBench"}


def test_nothing_private_is_in_any_export() -> None:
    secret = entry("Model", **SECRETS)
    made = [form.write(table(secret)) for form in exports.FORMATS]
    assert len(made) >= 4
    for text in (
        *made,
        model_index(standing(secret), "community", AT),
        eval_results(standing(secret), "community", AT),
    ):
        assert "canary" not in text
        assert "Model" in text


def test_a_new_field_of_an_entry_must_be_decided_on() -> None:
    decided = set(SECRETS) | {"entry_id", "coverage", "strict", "verified_date", "date", "status"}
    decided |= {"model_name", "organization", "metrics", "model_url", "off_the_shelf", "declared"}
    decided |= {"scorer_version"}
    # Not exported: the maintainers' notes, an owner's requests, older versions.
    decided |= {"verification", "verified_note", "history", "submission_id", "hidden", "track"}
    decided |= {"organiser", "judge", "judge_history", "held", "surplus", "surplus_seen"}
    decided |= {"unread"}
    decided |= {"board", "arrived", "deleted", "trash_since"}
    assert set(Entry.__struct_fields__) <= decided, "is it private? See core.publish.exports"


def test_every_file_says_which_board_of_which_day_it_holds() -> None:
    made = table(entry("Model"))
    for form in exports.FORMATS:
        text = form.write(made)
        for part in (AT.as_of, AT.revision, "https://board.example.org/?board=Community"):
            assert part in text, (form.name, part)
        assert (made.sha256 in text) == (form.name != "CSV")
    (row,) = rows(exports.to_csv(made))
    assert (row["board"], row["as_of"], row["url"]) == ("community", AT.as_of, made.url)
    assert exports.to_csv(made).startswith('"rank"')  # no line above the header
    hostile = replace(made, url="https://x.example/>](javascript:x)\n=1+1\n\\input{x}")
    assert len(exports.to_latex(hostile).splitlines()) == len(exports.to_latex(made).splitlines())
    assert "javascript" not in exports.to_markdown(hostile)
    (row,) = rows(exports.to_csv(replace(made, url="=1+1")))
    assert row["url"] == "'=1+1"
    assert (
        AT.file_name("community_=1 ../Ü[x]", "csv")
        == "medvidbench_community_-1-..-x_2026-11-26.csv"
    )


def test_a_board_s_checksum_is_what_the_documentation_says_and_tells_boards_apart() -> None:
    board = rank_board("community", [entry("a", 0.5), entry("b", 0.25)], DEFAULT)
    recipe = re.search(r"```python\n(.*?)```", DOCUMENT, re.DOTALL)
    assert recipe
    names: dict[str, Any] = {"text": exports.to_json(table(entry("a", 0.5), entry("b", 0.25)))}
    exec(recipe[1], names)  # noqa: S102
    assert names["sha256"] == board_sha256(board) == json.loads(names["text"])["sha256"]
    other = rank_board("community", [entry("a", 0.5), entry("b", 0.251)], DEFAULT)
    assert board_sha256(other) != board_sha256(board)


def test_demo_scores_say_so_and_published_ones_do_not() -> None:
    real = published_state().community[0]
    mixed = table(real, entry("Mine"), demo=True)
    (first,) = [r for r in rows(exports.to_csv(mixed)) if r["model_name"] == "Mine"]
    (other,) = [r for r in rows(exports.to_csv(mixed)) if r["model_name"] == real.model_name]
    assert (first["status"], other["status"]) == ("synthetic demo data", "self_reported")
    assert (first["demo"], json.loads(exports.to_json(mixed))["demo"]) == ("yes", True)
    assert "synthetic" in exports.to_latex(mixed)
    assert "synthetic" in model_index(standing(entry("Mine")), "community", mixed.at)
    assert "synthetic" not in exports.to_markdown(replace(mixed, at=AT))


def test_files_name_the_values_that_do_not_count() -> None:
    few = entry("Few", coverage={"nap_acc": {"records": 100, "answered": 50, "scored": 50}})
    board = rank_board("community", [few, entry("All", 0.4)], Policy(enforce_min_coverage=True))
    made = Table("community", board.standings, "x", AT)
    found = {one["model_name"]: one for one in json.loads(exports.to_json(made))["entries"]}
    assert found["Few"]["metrics"]["nap_acc"] == 0.5
    assert (found["Few"]["not_counted"], found["All"]["not_counted"]) == (["nap_acc"], [])
    cells = {one["model_name"]: one["not_counted"] for one in rows(exports.to_csv(made))}
    assert cells == {"Few": "nap_acc", "All": ""}


def test_files_and_the_api_name_the_track() -> None:
    board = rank_board("community", [entry("In", track="=Open"), entry("Out", 0.4)], DEFAULT)
    made = Table("community", board.standings, "x", AT)
    assert [one["track"] for one in rows(exports.to_csv(made))] == ["'=Open", ""]
    for found in (json.loads(exports.to_json(made)), api.board(board, AT)):
        assert [one["track"] for one in found["entries"]] == ["=Open", None]


def test_best_and_second_are_those_of_the_whole_board() -> None:
    board = rank_board(
        "community", [entry(n, v) for n, v in (("a", 0.9), ("b", 0.8), ("c", 0.7))], DEFAULT
    )
    part = Table("community", board.standings[1:], "x", AT)
    assert r"\textbf" not in exports.to_latex(part)
    assert r"\underline{0.800}" in exports.to_latex(part)
    assert "*0.800*" in exports.to_markdown(part)
    for write in (exports.to_latex, exports.to_markdown):
        assert "Best on the board in bold" in write(part)


def test_escapes_leave_plain_names_alone() -> None:
    for name in ("GPT-5.4", "Qwen3.5-4B", "uAI (1.0)", "模型"):
        assert csv_cell(name) == latex(name) == markdown(name) == name


def test_files_and_the_api_say_whose_model_and_whose_scores_it_is() -> None:
    run = Verification(state="verified", scores="own run")
    found = [
        entry("Own run", 0.6, status=API_VERIFIED, verification=run),
        entry("Theirs", status=API_VERIFIED, organiser=True),
        entry("Not verified", 0.4, verification=run),
    ]
    board = rank_board("community", found, DEFAULT)
    made = Table("community", board.standings, "x", AT)
    told = [(one["verified_scores"], one["by_organisers"]) for one in rows(exports.to_csv(made))]
    assert told == [("own run", "no"), ("", "yes"), ("", "no")]
    for bodies in (json.loads(exports.to_json(made)), api.board(board, AT)):
        told = [(one["verified_scores"], one["by_organisers"]) for one in bodies["entries"]]
        assert told == [("own run", False), (None, True), (None, False)]


@pytest.mark.parametrize(
    ("enforced", "told"),
    [(True, " (from 50 % of its questions, not ranked)"), (False, " (from 50 % of its questions)")],
)
def test_a_model_card_says_of_a_score_that_it_is_from_few_questions(
    enforced: bool, told: str
) -> None:
    from huggingface_hub import ModelCard, parse_eval_result_entries

    few = entry("Few", coverage={"nap_acc": {"records": 100, "answered": 50, "scored": 50}})
    (row,) = rank_board("community", [few], Policy(enforce_min_coverage=enforced)).standings
    card = ModelCard(model_index(row, "community", AT))
    names = {one.metric_type: one.metric_name for one in card.data.eval_results}
    assert (names["nap_acc"], names["sa_acc"]) == (f"NAP_acc{told}", "SA_acc")
    items = parse_eval_result_entries(yaml.safe_load(eval_results(row, "community", AT)))
    notes = {one.task_id: str(one.notes) for one in items}
    assert notes["nap_acc"].startswith(f"NAP_acc{told};")
    assert notes["sa_acc"].startswith("SA_acc;")
