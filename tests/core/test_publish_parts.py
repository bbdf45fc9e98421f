"""Small parts of what is published: feed, sitemap, first answer, badge, ids, sentences."""

from dataclasses import replace
from xml.etree import ElementTree as Xml

import msgspec
import numpy as np
import pytest

from core.benchmark import METRIC_KEYS
from core.changes.rules import with_entry
from core.model.contracts.evaluation import Coverage
from core.model.entries import Judgement, Verification
from core.model.state import State, made_state
from core.model.statistics import BoardStatistics, EntryFigures
from core.publish import api, every_eval, feed, figures, order_tables, order_text
from core.publish.address import View
from core.publish.board.words import ROWS_AT_ONCE
from core.publish.model import captions
from core.publish.moment import Moment
from core.publish.order_tables import SHOWN, Data
from core.publish.plain import board, first, index, model
from core.publish.plain.board import Boards, ranked_boards
from core.publish.plain.markup import without_scripts
from core.publish.sentences import plain
from core.publish.what_helps import what_helps
from core.ranking.differences import Difference
from core.ranking.judge_noise import JudgeNoise
from tests.core.store_world import entry
from tests.core.test_order_text import changes, scored

ATOM = "{http://www.w3.org/2005/Atom}"


def boards(state: State) -> Boards:
    return Boards(state, ranked_boards(state), {"community": None, "official": None})


def test_a_run_from_before_a_caption_metric_was_added_is_not_said_to_be_edited() -> None:
    run = Judgement(run_id="r", date="2026-01-01", model="m", metrics={"vs_llm": 2.0})
    judged = msgspec.structs.replace(entry(1), metrics={**entry(1).metrics, "vs_llm": 2.0})
    assert "edited" not in str(captions.facts(judged, run))
    other = msgspec.structs.replace(judged, metrics={**judged.metrics, "vs_llm": 3.0})
    assert "values edited by the maintainers since" in captions.facts(other, run)


def test_a_feed_and_a_sitemap_without_an_address_have_no_links() -> None:
    state = made_state(community=(entry(1),), official=(entry(2, verified_date="2026-02-03"),))
    bare = Xml.fromstring(feed.atom(state, Moment("2026-02-03", "r")))  # noqa: S314 - our own
    assert [one.text for one in bare.iter(f"{ATOM}title")][1:] == [
        "Model 2: verified on the Official board",
        "Model 1: new on the Community board",
    ]
    assert list(bare.iter(f"{ATOM}link")) == []
    linked = Xml.fromstring(feed.atom(state, Moment("2026-02-03", "r"), "https://b.example"))  # noqa: S314
    links = [one.get("href") for one in linked.iter(f"{ATOM}link")]
    assert links[-1] == "https://b.example/model/entry-1"
    assert b"Sitemap" not in index.robots("")
    assert b"Sitemap: https://b.example/sitemap.xml" in index.robots("https://b.example")
    assert b"<lastmod>2026-02-03</lastmod>" in index.sitemap(boards(state), "https://b.example")


def test_of_an_undated_entry_the_feed_has_the_day_on_which_it_arrived_or_nothing() -> None:
    undated = (entry(1, verified_date="spring 2026"), entry(2, verified_date=None))
    state = made_state(official=undated)
    arrived = "2026-03-04T05:06:07.000000Z entry-1"
    state = with_entry(state, msgspec.structs.replace(state.official[0], arrived=arrived))
    found = Xml.fromstring(feed.atom(state, Moment("2026-04-05", "r")))  # noqa: S314 - our own
    assert [one.text for one in found.iter(f"{ATOM}updated")] == ["2026-03-04T00:00:00Z"] * 2
    state = made_state(official=(entry(2, verified_date=None),))
    found = Xml.fromstring(feed.atom(state, Moment("2026-04-05", "r")))  # noqa: S314 - our own
    assert [one.text for one in found.iter(f"{ATOM}updated")] == ["2026-04-05T00:00:00Z"]


@pytest.mark.parametrize("rest", [0, 3])
def test_a_long_table_of_the_first_answer_has_the_rows_of_a_screen_first(rest: int) -> None:
    found = boards(made_state(community=tuple(entry(n) for n in range(ROWS_AT_ONCE + rest))))
    view = View("community")
    page = first.first_board(found, view, "today")
    _head, *groups = page.split("<tbody")
    assert [one.count("<tr") for one in groups] == [ROWS_AT_ONCE, *([rest] if rest else [])]
    whole = without_scripts(board.table(found, view, "today"))
    assert whole in page.replace('</tbody><tbody class="rest">', "")


def test_a_badge_shows_the_ranks_that_the_data_allow_if_there_are_several() -> None:
    state = made_state(community=(entry(1),))
    (standing,) = ranked_boards(state)["community"].standings

    def told(ranks: tuple[int, int] | None) -> str:
        own = {"entry-1": EntryFigures(rank_set=ranks)}
        found = BoardStatistics(schema=1, board="community", stands_for="x", entries=own)
        return api.badge_text(standing, found, demo=False)

    assert [told(ranks) for ranks in ((1, 5), (1, 1), None)] == ["#1 (1–5)", "#1", "#1"]
    assert api.badge_text(standing, None, demo=False) == "#1"


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("https://huggingface.co/lab/model-x", "lab/model-x"),
        ("https://huggingface.co/lab", "Somewhere/Model-1"),
        ("https://example.org/lab/model-x", "Somewhere/Model-1"),
        (None, "Somewhere/Model-1"),
    ],
)
def test_a_model_s_id_is_that_of_its_link_to_the_hub(url: str | None, found: str) -> None:
    state = made_state(community=(entry(1, model_url=url),))
    (standing,) = ranked_boards(state)["community"].standings
    text = every_eval.every_eval(standing, "community", Moment("2026-02-03", "r"))
    assert f'"id": "{found}"' in text


def test_the_judge_s_noise_is_told_with_the_models_it_comes_from() -> None:
    assert "not included" in figures._judge_note(None)
    for number, told in ((1, "from a model that was graded"), (2, "from 2 models that were")):
        noise = JudgeNoise(0.1, 1, number)
        assert told in figures._judge_note(noise)


def test_a_pair_with_few_records_has_its_difference_only() -> None:
    few = Difference(difference=0.25, low=0.1, high=0.4, wins=3, ties=1, losses=1)
    scores = [0.75, *[np.nan] * 9], [0.5, *[np.nan] * 9]
    (one,) = figures.pair_metrics({METRIC_KEYS[0]: few}, *scores).values()
    assert (one.difference, one.interval, one.reason) == (0.25, None, figures.FEW_RECORDS)
    many = replace(few, wins=300, ties=100, losses=100)
    (one,) = figures.pair_metrics({METRIC_KEYS[0]: many}, *scores).values()
    assert (one.interval, one.reason) == ((0.1, 0.4), "")


def test_leaders_beyond_the_first_are_counted_and_rules_without_a_change_are_not_told() -> None:
    found = changes(*(scored(number, 0.5) for number in range(6)))
    leads = np.array([0.3, 0.2, 0.2, 0.1, 0.1, 0.1])
    told = plain(order_text.weights_text(replace(found, random=replace(found.random, leads=leads))))
    assert told.endswith(": Model 0 in 300, Model 1 in 200, Model 2 in 200 and 3 others in 300.")
    second = np.array([2, 1, 3, 4, 5, 6])
    other = replace(found, schemes=tuple(replace(one, rank=second) for one in found.schemes))
    told = plain(order_text.rules_text(other))
    assert told.startswith("By other rules: Model 1 leads (")
    assert "Model 0" not in told


def test_a_table_that_is_cut_says_where_the_rest_is() -> None:
    def told(rows: int, total: int) -> str:
        return order_tables.rest_text(Data(("A",), (("x",),) * rows), total)

    assert told(SHOWN, 1200) == f"The first {SHOWN} that change something; the file has all 1,200."
    assert told(2, 3) == "The other one changes nothing."
    assert told(2, 9) == "The other 7 change nothing."
    assert told(2, 2) == ""


def test_a_run_that_graded_nothing_tells_no_share() -> None:
    none = Judgement(run_id="r", date="2026-02-03", model="m", metrics=dict.fromkeys(("dvc_llm",)))
    told = captions.facts(entry(1), none)
    assert not any(one.startswith("graded") for one in told)
    some = Judgement(
        run_id="r", date="", model="m", metrics={"dvc_llm": 2.0}, share={"dvc_llm": 0.5}
    )
    assert "graded 50 % for DVC_llm" in captions.facts(entry(1), some)


def test_a_plain_page_tells_whose_scores_were_verified() -> None:
    seen = Verification(state="verified", scores="own run")
    made = entry(1, verification=seen, verified_note="Same within 0.01.", arrived="2026 entry-1")
    found = boards(made_state(official=(made,)))
    page = model.model_page(found, "official", "entry-1")
    assert page is not None
    assert "Same within 0.01." in page.main
    assert "own run" in page.main
    assert model.model_page(found, "community", "entry-1") is None
    assert model.about_model(found, "community", "entry-1") is None


def test_a_tiny_gain_is_told_with_three_decimals() -> None:
    coverage = {"nap_acc": Coverage(1000, 999, 999, 0.999, {"empty": 1})}
    (one,) = what_helps({"nap_acc": 0.5}, coverage, {"next_action": 1})
    assert one.text == "1 NAP answer empty or unreadable: up to +0.001 NAP_acc."
