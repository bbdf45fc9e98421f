"""The board's markup: best and second best, missing values, badges, links, hostile text."""

import re
from collections.abc import Sequence
from html import unescape

import msgspec
import pytest

from core.benchmark import METRIC_KEYS, METRICS, SCORER_VERSION
from core.model.entries import API_VERIFIED, BoardName, Entry
from core.model.policy import DEFAULT as POLICY
from core.model.policy import Policy
from core.model.published import published_state
from core.publish import address
from core.publish.address import View
from core.publish.board.table import (
    LEFT,
    RIGHT,
    TableOptions,
    arrange,
    badges,
    table_html,
)
from core.ranking.board import Board, rank_board

DEFAULT = View()
PAYLOADS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'; DROP TABLE boards; --",
    "{{ 7*7 }}{% raw %}",
    "</td></tr></table><h1>x",
    "&lt;b&gt;",
)


def entry(name: str, url: str | None = None, **metrics: float | None) -> Entry:
    values: dict[str, float | None] = dict.fromkeys(METRIC_KEYS)
    values.update(metrics)
    return Entry(
        entry_id=f"id-{name}"[:40],
        model_name=name,
        organization="Lab",
        metrics=values,
        model_url=url,
    )


def build(name: BoardName, entries: Sequence[Entry], policy: Policy = POLICY) -> Board:
    return rank_board(name, entries, policy)


def markup(board: Board, view: View = DEFAULT) -> str:
    return table_html(board, arrange(board, view), view, TableOptions("Caption."))


def test_best_and_second_best_are_marked_and_ties_share_the_best() -> None:
    board = build(
        "community",
        [entry("a", cvs_acc=0.9), entry("b", cvs_acc=0.9), entry("c", cvs_acc=0.8)],
    )
    html = markup(board)
    assert len(re.findall(r'<td class="b( ph)?">0\.900', html)) == 2
    assert '<td class="s">' not in html  # a shared best leaves no second


def test_second_best_is_marked_where_the_best_is_alone() -> None:
    board = build("community", [entry("a", nap_acc=0.9), entry("b", nap_acc=0.8)])
    html = markup(board)
    assert '<td class="b">0.900' in html
    assert '<td class="s">0.800' in html


def test_a_missing_value_is_a_dash_with_its_reason_and_never_zero() -> None:
    by_hand = entry("a", cvs_acc=0.5)
    html = markup(build("community", [by_hand]))
    assert 'data-tip="The entry has no value: it was not scored here."' in html
    scored = msgspec.structs.replace(by_hand, predictions_sha256="0" * 64)
    html = markup(build("community", [scored]))
    assert 'data-tip="Judge pending: the captions are not graded yet."' in html
    assert 'data-tip="Not computed: no answers for Next Action Prediction."' in html
    assert "0.000" not in html


def test_answers_of_which_none_was_scored_are_not_called_missing() -> None:
    given = msgspec.structs.replace(
        entry("a", cvs_acc=0.5), coverage={"sa_acc": {"answered": 9, "records": 10, "scored": 0}}
    )
    html = markup(build("community", [given]))
    assert 'data-tip="Not computed: no answer for Skill Assessment could be scored."' in html


def test_a_value_that_was_removed_by_hand_is_not_said_to_have_had_no_answers() -> None:
    counts = {"answered": 10, "records": 10, "scored": 10}
    removed = msgspec.structs.replace(entry("a", cvs_acc=0.5), coverage={"sa_acc": counts})
    html = markup(build("community", [removed]))
    assert 'data-tip="The maintainers removed the value."' in html


def test_missing_values_sort_last_and_the_rank_stays_the_boards() -> None:
    board = build(
        "community",
        [entry("none"), entry("low", stg_miou=0.1), entry("high", stg_miou=0.2, cvs_acc=0.1)],
    )
    shown = arrange(board, View(sort="stg_miou"))
    assert [s.entry.model_name for s in shown] == ["high", "low", "none"]
    assert [s.rank for s in shown] == [1, 2, 3]


@pytest.mark.parametrize("enforced", [True, False])
def test_a_score_that_does_not_count_sorts_after_those_that_do(enforced: bool) -> None:
    counts = {"stg_miou": {"answered": 10, "records": 10, "scored": 5}}
    few = msgspec.structs.replace(entry("few", stg_miou=0.9), coverage=counts)
    board = build(
        "community",
        [few, entry("none"), entry("low", stg_miou=0.1)],
        Policy(enforce_min_coverage=enforced),
    )
    shown = [one.entry.model_name for one in arrange(board, View(sort="stg_miou"))]
    assert shown == (["low", "few", "none"] if enforced else ["few", "low", "none"])


def test_a_search_looks_at_names_and_teams_whatever_the_case() -> None:
    board = build("official", published_state().official)
    assert [s.entry.model_name for s in arrange(board, View(search="GOOGLE"))] == [
        "Gemini-3.1-flash-lite"
    ]
    assert arrange(board, View(search="nobody")) == ()


@pytest.mark.parametrize("payload", PAYLOADS)
def test_hostile_text_is_escaped_everywhere(payload: str) -> None:
    hostile = Entry(
        entry_id="x",
        model_name=payload,
        organization=payload,
        metrics=dict.fromkeys(METRIC_KEYS),
        date=payload,
    )
    board = build("community", [hostile])
    html = table_html(board, arrange(board, View()), View(), TableOptions(payload))
    body = html.split("</style>")[1]
    assert "<script" not in body
    assert "<img" not in body
    assert "<h1" not in body
    assert body.count("<table") == 1


@pytest.mark.parametrize(
    ("counts", "told"),
    [
        ({"parts": 15, "parts_named": 2}, "2 of 15 components answered (13.3 %), less than 95 %."),
        ({}, "Scored on 50 % of this metric&#39;s questions, less than 95 %."),
    ],
)
def test_the_mark_says_what_was_left_out(counts: dict[str, int], told: str) -> None:
    coverage = {"cvs_acc": {"records": 10, "scored": 5, **counts}}
    few = msgspec.structs.replace(entry("a", cvs_acc=0.9), coverage=coverage)
    html = markup(build("community", [few]))
    assert told in html
    enforced = markup(build("community", [few], Policy(enforce_min_coverage=True)))
    assert told.replace("95 %.", "95 %, so it does not count in the rank.") in enforced
    assert ("so it does not count" in html, "so it does not count" in enforced) == (False, True)


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "ftp://x.org", "https://u:p@x.org", "//x"]
)
def test_only_web_addresses_become_links(url: str) -> None:
    assert "noopener" not in markup(build("community", [entry("a", url=url)]))


def test_judge_pending_leads_to_the_judge_run_and_goes_when_it_is_done() -> None:
    pending = msgspec.structs.replace(entry("a"), entry_id='"><script>&')
    html = markup(build("community", [pending]))
    assert 'href="./judge_status?model=%22%3E%3Cscript%3E%26"' in html
    judged = entry("a", dvc_llm=2.0, vs_llm=2.0, rc_llm=2.0)
    assert "judge_status" not in markup(build("community", [judged]))


def test_a_model_links_to_its_page() -> None:
    html = markup(build("community", [entry("a", url="https://example.org/m")]))
    assert 'href="https://example.org/m" target="_blank" rel="noopener noreferrer nofollow"' in html


def test_only_the_first_three_have_medals() -> None:
    html = markup(build("community", [entry(str(i), cvs_acc=0.1 * i) for i in range(5)]))
    assert [medal in html for medal in "🥇🥈🥉"] == [True, True, True]
    assert sum(html.count(medal) for medal in "🥇🥈🥉") == 3


def test_chosen_columns_keep_the_order_of_the_table() -> None:
    view = address.view("community", None, "", ["dvc_f1", "cvs_acc"])
    html = markup(build("community", [entry("a", cvs_acc=0.5, dvc_f1=0.25)]), view)
    assert html.index('id="mvb-cvs_acc"') < html.index('id="mvb-dvc_f1"')
    assert 'id="mvb-nap_acc"' not in html
    assert "Average rank" not in html


def test_every_metric_has_its_definition_and_range() -> None:
    html = markup(build("community", [entry("a", cvs_acc=0.5)]))
    for metric in METRICS:
        assert metric.full_name in html
        assert metric.definition in unescape(html)


def test_badges_say_who_verified_whose_model_and_what_is_missing() -> None:
    official = {e.model_name: e for e in published_state().official}
    assert [text for text, _ in badges(official["GPT-5.4"], True)] == ["verified", "off-the-shelf"]
    ours = badges(official["uAI-NEXUS-MedVLM-1.0b-4B-RL"], True)
    assert [text for text, _ in ours] == ["verified", "organisers"]
    assert official["GPT-5.4"].status == API_VERIFIED
    assert [text for text, _ in badges(entry("new"), True)] == ["judge pending", "demo"]
    by_hand = msgspec.structs.replace(entry("new"), board="official")
    assert [text for text, _ in badges(by_hand, True)] == ["demo"]


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({}, View()),
        ({"board": ["Community"], "sort": ["DVC_F1"]}, View(board="community", sort="dvc_f1")),
        ({"board": ["COMMUNITY"], "sort": ["dvc_f1"]}, View(board="community", sort="dvc_f1")),
        ({"board": ["<x>"], "sort": ["nonsense"], "columns": ["no"]}, View()),
        ({"search": ["  two   words "]}, View(search="two words")),
        (
            {"column": ["stg_MIOU"], "compact": ["true"]},
            View(column="stg_miou", compact=True),
        ),
        ({"column": ["<x>"], "compact": ["yes"]}, View()),
        ({"search": ["x" * 5000]}, View(search="x" * address.SEARCH_LIMIT)),
    ],
)
def test_an_address_is_read_and_nonsense_falls_back(
    params: dict[str, list[str]], expected: View
) -> None:
    assert address.from_address(params) == expected


def test_what_a_header_leads_to() -> None:
    view = View(board="community", sort="stg_miou")
    assert address.sort_address(view, "cvs_acc") == "./?board=Community&sort=CVS_acc"
    # The current sort column and the average rank lead back to the board's own order.
    assert address.sort_address(view, "stg_miou") == "./?board=Community"
    assert address.sort_address(View(), "average_rank") == "./?"
    html = markup(build("community", [entry("a", cvs_acc=0.5)]), view)
    assert 'href="./?board=Community&amp;sort=CVS_acc"' in html
    assert html.count(' aria-sort="') == 1


@pytest.mark.parametrize(
    ("view", "expected"),
    [
        (View(), "cvs_acc"),
        (View(sort="vs_llm"), "vs_llm"),
        (View(sort="vs_llm", column="sa_acc"), "sa_acc"),
        (View(column="sa_acc", columns=("team", "nap_acc")), "nap_acc"),
        (View(columns=("team",)), ""),
    ],
)
def test_the_one_metric_of_a_phone(view: View, expected: str) -> None:
    assert view.phone_column == expected
    html = markup(build("community", [entry("a", cvs_acc=0.5)]), view)
    shown = re.findall(r'<th scope="col" class="h[^"]*\bph"', html)
    assert len(shown) == bool(expected)


def test_sorted_by_date_the_newest_come_first_and_those_without_one_last() -> None:
    dated = [
        msgspec.structs.replace(entry(name, cvs_acc=0.1), date=date)
        for name, date in (("none", None), ("old", "2026-01-02"), ("new", "2026-03-01T10:00:00Z"))
    ]
    shown = arrange(build("community", dated), View(board="community", sort="date"))
    assert [s.entry.model_name for s in shown] == ["new", "old", "none"]


def test_entries_of_the_official_board_have_no_verified_badge() -> None:
    verified = msgspec.structs.replace(entry("a", cvs_acc=0.5), status=API_VERIFIED)
    assert "verified:" in markup(build("community", [verified]))
    assert "verified:" not in markup(build("official", [verified]))


def test_scores_of_another_scorer_or_truth_are_stale() -> None:
    scored = msgspec.structs.replace(
        entry("new"), scorer_version=SCORER_VERSION, ground_truth_sha256="a" * 64
    )
    older = msgspec.structs.replace(scored, scorer_version="0.9.0")
    assert "stale" not in dict(badges(scored, False, "a" * 64))
    assert "different ground truth" in dict(badges(scored, False, "b" * 64))["stale"]
    assert "version 0.9.0" in dict(badges(older, False, "a" * 64))["stale"]


def test_every_column_that_can_be_chosen_is_drawn() -> None:
    beside = [column.key for column in (*LEFT, *RIGHT)]
    assert sorted(beside) == sorted(set(address.CHOOSABLE) - set(METRIC_KEYS))
