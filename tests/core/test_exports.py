"""Exports with hostile names: read back by readers of each format; nothing private, no code."""

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
from core.model.entries import Declared, Entry
from core.model.policy import DEFAULT
from core.model.published import published_state
from core.publish import exports
from core.publish.exports import Table
from core.publish.text import csv_cell, latex, markdown, one_line
from core.ranking.board import rank_board

PAYLOADS = (Path(__file__).parents[1] / "data" / "xss_payloads.txt").read_text().splitlines()
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


def table(*entries: Entry, demo: bool = False) -> Table:
    return Table(
        "community",
        rank_board("community", entries, DEFAULT).standings,
        "sorted by Average rank",
        demo,
    )


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
    text = exports.to_model_card(entry(name), "community")
    head, body, rest = text.split("---\n", 2)
    (index,) = yaml.safe_load(body)["model-index"]
    assert (head, rest) == ("", "")
    assert index["name"] == one_line(name)
    keys = [metric["type"] for result in index["results"] for metric in result["metrics"]]
    assert sorted(keys) == sorted(set(METRIC_KEYS) - {"rc_llm"})
    assert "self-reported" in index["results"][0]["source"]["name"]


def test_the_hub_s_own_reader_takes_the_model_card() -> None:
    from huggingface_hub import ModelCard

    card = ModelCard(exports.to_model_card(published_state().official[0], "official"))
    assert card.data.model_name == published_state().official[0].model_name
    assert len(card.data.eval_results) == len(METRIC_KEYS)
    assert {one.dataset_type for one in card.data.eval_results} == {"UII-AI/MedVidBench"}


def test_nothing_private_is_in_any_export() -> None:
    secret = entry("Model", **SECRETS)
    made = [form.write(table(secret)) for form in exports.FORMATS]
    assert len(made) >= 4
    for text in (*made, exports.to_model_card(secret, "community")):
        assert "canary" not in text
        assert "Model" in text


def test_a_new_field_of_an_entry_must_be_decided_on() -> None:
    decided = set(SECRETS) | {"entry_id", "coverage", "strict", "verified_date", "date", "status"}
    decided |= {"model_name", "organization", "metrics", "model_url", "off_the_shelf", "declared"}
    decided |= {"scorer_version"}
    # Not exported: the maintainers' notes, an owner's requests, older versions.
    decided |= {"verification", "verified_note", "history", "submission_id", "hidden", "track"}
    decided |= {"organiser", "judge", "judge_history", "held", "surplus", "surplus_seen"}
    decided |= {"board", "arrived", "deleted", "trash_since"}
    assert set(Entry.__struct_fields__) <= decided, "is it private? See core.publish.exports"


def test_demo_scores_say_so_and_published_ones_do_not() -> None:
    real = published_state().community[0]
    mixed = table(real, entry("Mine"), demo=True)
    (first,) = [r for r in rows(exports.to_csv(mixed)) if r["model_name"] == "Mine"]
    (other,) = [r for r in rows(exports.to_csv(mixed)) if r["model_name"] == real.model_name]
    assert (first["status"], other["status"]) == ("synthetic demo data", "self_reported")
    assert "synthetic" in exports.to_latex(mixed)
    assert "synthetic" in exports.to_model_card(entry("Mine"), "community", demo=True)
    assert "synthetic" not in exports.to_markdown(replace(mixed, demo=False))


def test_best_and_second_are_those_of_the_whole_board() -> None:
    board = rank_board(
        "community", [entry(n, v) for n, v in (("a", 0.9), ("b", 0.8), ("c", 0.7))], DEFAULT
    )
    part = Table("community", board.standings[1:], "x")
    assert r"\textbf" not in exports.to_latex(part)
    assert r"\underline{0.800}" in exports.to_latex(part)
    assert "*0.800*" in exports.to_markdown(part)


def test_escapes_leave_plain_names_alone() -> None:
    for name in ("GPT-5.4", "Qwen3.5-4B", "uAI (1.0)", "模型"):
        assert csv_cell(name) == latex(name) == markdown(name) == name
