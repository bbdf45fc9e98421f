"""What would change a board's order, in sentences and tables."""

from dataclasses import replace

import numpy as np
import pytest

from core.benchmark import METRIC_KEYS, METRICS
from core.model.entries import Entry
from core.model.policy import DEFAULT
from core.model.published import published_state
from core.model.statistics import Removal
from core.publish import order_chart, order_tables, order_text
from core.publish.explore.files import csv_file, svg
from core.publish.moment import Moment
from core.publish.order_text import Changes, changes_of
from core.publish.sentences import Named, plain
from core.ranking.board import Board, rank_board
from core.ranking.left_out import LeftOut
from core.ranking.weights import DRAWS
from tests.core.explore_world import entry

RL, BIG = "uAI-NEXUS-MedVLM-1.0b-4B-RL", "uAI-NEXUS-MedVLM-1.0e-27B-SFT"


def board(*entries: Entry) -> Board:
    return rank_board("official", entries, DEFAULT)


def changes(*entries: Entry) -> Changes:
    found = changes_of(board(*entries))
    assert found is not None
    return found


def scored(number: int, *scores: float, **more: object) -> Entry:
    """An entry with these scores, the last one in all remaining metrics."""
    filled = [*scores, *[scores[-1]] * (len(METRIC_KEYS) - len(scores))]
    return entry(number, None, metrics=dict(zip(METRIC_KEYS, filled, strict=True)), **more)


PUBLISHED = changes(*published_state().official)


def test_the_published_board_is_described_in_plain_sentences() -> None:
    first, equal = map(plain, order_text.left_out_text(PUBLISHED))
    assert first == (
        "One entry or one metric left out swaps the two leaders: without "
        f"uAI-NEXUS-MedVLM-1.0d-4B-SFT, NAP_acc, SA_acc or STG_mIoU, {RL} leads in place of {BIG}."
    )
    assert "or TAG@0.5, average ranks are equal at the top" in equal
    assert equal.endswith(f"the tie-breaks put {RL} first.")
    assert plain(order_text.rules_text(PUBLISHED)) == (
        f"By other rules: {RL} leads (median rank); {BIG} still leads (tasks weighted equally, "
        "Borda count and z-scores)."
    )
    names = {part for part in order_text.left_out_text(PUBLISHED)[0] if isinstance(part, Named)}
    assert names == {
        Named(one.model_name, one.entry_id)
        for one in published_state().official
        if one.model_name in (RL, BIG, "uAI-NEXUS-MedVLM-1.0d-4B-SFT")
    }
    told = plain(order_text.weights_text(PUBLISHED))
    assert told.startswith(f"Who leads in 1,000 random weightings of the 10 metrics: {BIG} in ")


def test_a_model_that_leads_everywhere_stays_first() -> None:
    found = changes(scored(1, 0.9), scored(2, 0.5), scored(3, 0.1))
    assert [plain(one) for one in order_text.left_out_text(found)] == [
        "No single entry or metric left out changes who leads: Model 1 stays first."
    ]
    assert plain(order_text.weights_text(found)).endswith("metrics: Model 1 in 1,000.")
    assert plain(order_text.rules_text(found)).startswith("By other rules: Model 1 leads (tasks")
    assert order_tables.metrics_table(found).rows == ()
    assert order_tables.rest_text(order_tables.metrics_table(found), 10).startswith("None of them")


def test_two_models_speak_of_metrics_only_and_a_tie_is_reported() -> None:
    found = changes(scored(1, 0.9), scored(2, 0.5))
    (told,) = order_text.left_out_text(found)
    assert plain(told).startswith("No single metric left out changes who leads")
    same = changes(scored(1, 0.5), scored(2, 0.5))
    assert (
        plain(order_text.left_out_text(same)[0]) == "Model 1 leads Model 2 by the tie-breaks only."
    )


def test_several_models_that_take_over_are_distinguished_and_many_are_counted() -> None:
    small = changes(scored(1, 0.9), scored(2, 0.5), scored(3, 0.1))
    same, second, third, level = (
        LeftOut(first, first[-1], ()) for first in ((0,), (1,), (2,), (0, 1))
    )
    found = replace(
        small, entries=(second, third, same), metrics=(*[second] * 6, level, level, same, same)
    )
    assert [plain(one) for one in order_text.left_out_text(found)] == [
        "One entry or one metric left out changes who leads: without Model 2, Model 3 leads; "
        "without CVS_acc, NAP_acc, SA_acc, STG_mIoU or 2 others, Model 2 leads in place of "
        "Model 1.",
        "Without DVC_F1 or DVC_llm, average ranks are equal at the top, and the tie-breaks put "
        "Model 2 first.",
    ]
    found = replace(small, entries=(second, same, same), metrics=(level, *[same] * 9))
    assert plain(order_text.left_out_text(found)[0]) == (
        "No single entry or metric left out gives another model a better average rank."
    )


def test_one_model_has_no_order() -> None:
    assert changes_of(board(scored(1, 0.5))) is None
    assert changes_of(board()) is None


@pytest.mark.parametrize(
    ("removal", "told"),
    [
        (None, ""),
        (Removal(1, 40, "gone", least=True), ""),
        (Removal(1, 40, "e2", least=True), "1 of 40 recordings left out is enough to put B first."),
        (
            Removal(2, 1200, "e2", least=True),
            "2 of 1,200 recordings left out are enough to put B first; fewer do not.",
        ),
        (
            Removal(9, 40, "e2", least=False),
            "9 of 40 recordings left out are enough to put B first.",
        ),
    ],
)
def test_how_few_recordings_hold_up_the_first_place(removal: Removal | None, told: str) -> None:
    assert plain(order_text.removal_text(removal, {"e2": "B"})) == told


def test_files_are_whole_and_tables_short() -> None:
    rng = np.random.default_rng(1)
    many = changes(*(scored(n, *rng.integers(1, 999, 10) / 1000) for n in range(60)))
    for _, _, make in order_tables.WHOLE:
        assert make(many).rows
    assert len(order_tables.entries_table(many, whole=True).rows) == 60
    assert len(order_tables.entries_table(many).rows) <= order_tables.SHOWN
    shown = order_tables.models_table(many)
    assert len(order_tables.models_table(many, whole=True).rows) == 60
    leads = sum(row[1] for row in shown.rows if isinstance(row[1], int))
    assert leads == DRAWS  # all models that ever lead are listed


def test_the_chart_shows_ranks_bands_and_who_leads_how_often() -> None:
    spec = order_chart.order_chart(PUBLISHED).spec
    first, *_, last = spec["datasets"]["ranks"]
    assert (first["name"], first["rank"], first["place"]) == (BIG, 1, "1 of 10")
    assert (first["low"], first["high"], first["range"]) == (0.7, 4.3, "1 to 4")
    leads = {one["name"]: one.get("value") for one in spec["params"]}["leads"]
    assert leads[first["id"]] == f"{PUBLISHED.random.leads[0] * 100:.1f} %"
    assert leads[last["id"]] == "0 %"
    by_median = {one["name"]: one["rank"] for one in spec["datasets"]["rules"]
                 if one["rule"] == "Median rank"}  # fmt: skip
    assert (by_median[RL], by_median[BIG]) == (1, 2)
    picture = svg(spec, "A title", order_chart.NOTE).decode()
    assert ">leads<" in picture
    assert f">{leads[first['id']]}<" in picture


def test_the_chart_of_many_models_has_the_first_and_all_that_ever_lead() -> None:
    rng = np.random.default_rng(1)
    many = changes(*(scored(n, *rng.integers(1, 999, 10) / 1000) for n in range(60)))
    drawn = order_chart.order_chart(many).spec["datasets"]["ranks"]
    assert order_tables.SHOWN <= len(drawn) < 60
    assert len(drawn) == len(order_tables.models_table(many).rows)


def test_names_that_are_formulas_or_markup_stay_text_in_files() -> None:
    hostile = ["=1+1", "<b>x</b>", "\u202eevil", "a" * 90]
    found = changes(*(scored(n, 0.9 - n / 10, model_name=name) for n, name in enumerate(hostile)))
    table = order_tables.models_table(found, whole=True)
    text = csv_file(table, Moment("2026-11-26", "r"), "").decode("utf-8-sig")
    assert '"\'=1+1"' in text
    assert "\u202e" not in text
    assert max(len(str(row[0])) for row in order_tables.models_table(found).rows) < 40


def test_the_file_of_rules_names_who_leads_whole() -> None:
    found = changes(scored(0, 0.9, model_name="a" * 60), scored(1, 0.8))
    by_label = {label: make for _, label, make in order_tables.WHOLE}
    assert {row[2] for row in by_label["Rules (CSV)"](found).rows} == {"a" * 60}
    assert all(len(str(row[2])) < 40 for row in order_tables.schemes_table(found).rows)


def test_an_own_order_says_in_each_line_that_it_is_not_official() -> None:
    mine = board(scored(1, 0.9, 0.1), scored(2, 0.5))  # the first metric for 1, all others for 2
    weights = (9, *[0] * 8, 1)
    data = order_tables.own_table(mine, weights)
    assert data is not None
    assert data.rows == ((1, "Model 1", 1.1, 2), (2, "Model 2", 1.9, 1))
    for row in order_tables.own_file(data, weights).rows:
        assert str(row[-1]).startswith("yours, not official; weights CVS_acc 9, NAP_acc 0,")
    assert order_tables.own_table(mine, [0] * len(METRICS)) is None


def test_models_that_were_level_before_are_not_listed_as_a_change() -> None:
    found = changes(scored(0, 0.9), scored(1, 0.9), scored(2, 0.9), scored(3, 0.5))
    entries, metrics = order_tables.entries_table(found), order_tables.metrics_table(found)
    assert entries.rows == (("1. Model 0", "2. Model 1", "—"),)
    assert metrics.rows == ()
    assert order_tables.rest_text(metrics, 10) == "None of them changes the order of the others."
