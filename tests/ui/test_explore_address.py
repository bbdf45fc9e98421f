"""The Explore section's state in the address: round trips, and hostile values dropped."""

from urllib.parse import parse_qs, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.benchmark import METRIC_KEYS
from core.publish import address
from core.publish.address import Exploration
from core.publish.explore.filters import ONLY, Filters
from core.publish.explore.marks import PINS
from core.publish.text import one_line

PARAMETERS = (
    "explore", "ranks", "metric", "axis", "parts", "up", "against", "over", "pin", "only", "track",
    "organization", "min_size", "max_size", "since", "until",
)  # fmt: skip
ID = st.from_regex(r"[0-9A-Za-z][0-9A-Za-z._-]{0,63}", fullmatch=True)
NAME = st.text(min_size=1, max_size=120).map(one_line).filter(bool)
SIZE = st.none() | st.floats(0, 999_999).map(lambda x: float(f"{x:g}")).filter(lambda x: x < 1e6)
DAY = st.none() | st.dates().map(lambda day: day.isoformat())
PINNED = st.lists(st.just("") | ID, max_size=PINS).map(
    lambda found: address.pins(pin or "-" for pin in found)
)
FILTERS = st.builds(
    Filters,
    only=st.sets(st.sampled_from(ONLY)).map(lambda w: tuple(o for o in ONLY if o in w)),
    tracks=st.lists(NAME, max_size=3, unique=True).map(tuple),
    organizations=st.lists(NAME, max_size=3, unique=True).map(tuple),
    min_size=SIZE,
    max_size=SIZE,
    since=DAY,
    until=DAY,
)
STATES = st.builds(
    Exploration,
    view=st.sampled_from(list(address.EXPLORE_VIEWS)),
    ranks_as=st.sampled_from(list(address.RANKS_AS)),
    metric=st.sampled_from(METRIC_KEYS),
    axis=st.sampled_from(list(address.AXES)),
    parts=st.sampled_from(list(address.PARTS)),
    up=st.sampled_from(METRIC_KEYS),
    against=st.sampled_from(list(address.AGAINST)),
    over=st.sampled_from(list(address.OVER)),
    pins=PINNED,
    filters=FILTERS,
)


@given(STATES)
def test_what_is_written_is_read_again_as_it_was(state: Exploration) -> None:
    written = {k: v for k, v in address.exploration_params(state).items() if v}
    assert address.exploration(parse_qs(urlencode(written, doseq=True))) == state


@given(st.dictionaries(st.sampled_from(PARAMETERS), st.lists(st.text())))
def test_whatever_an_address_holds_is_a_state_that_can_be_written(
    params: dict[str, list[str]],
) -> None:
    state = address.exploration(params)
    assert address.exploration(address.exploration_params(state)) == state
    assert len(state.pins) <= PINS


def test_the_plain_section_has_no_parameters() -> None:
    assert not any(address.exploration_params(Exploration()).values())
    assert set(address.exploration_params(Exploration())) == set(PARAMETERS)


@pytest.mark.parametrize(
    "params",
    [
        {"explore": ["<script>"]},
        {"pin": ["<b>", "../x", "-", "a" * 65, "a b"]},
        {"track": ["a\nb", "", "x" * 121, "\u202e"]},
        {"min_size": ["nan"]},
        {"min_size": ["-1"]},
        {"max_size": ["1e400"]},
        {"max_size": ["7B"]},
        {"since": ["yesterday"]},
        {"until": ["2026-13-01"]},
        {"only": ["admin"]},
        {"metric": ["__class__"]},
    ],
)
def test_a_hostile_value_is_dropped(params: dict[str, list[str]]) -> None:
    assert address.exploration(params) == Exploration()


WEIGHTS = st.tuples(*[st.integers(0, address.MOST_WEIGHT)] * len(METRIC_KEYS))


@given(WEIGHTS)
def test_a_readers_weights_are_read_again_as_they_were_written(weights: tuple[int, ...]) -> None:
    written = urlencode(address.weight_params(weights), doseq=True)
    assert address.weights(parse_qs(written)) == weights


@given(st.lists(st.text() | st.from_regex(r"(STG_mIoU|rc_LLM)~\d{0,3}", fullmatch=True)))
def test_whatever_an_address_holds_are_weights_that_can_be_written(texts: list[str]) -> None:
    found = address.weights({address.WEIGHT: texts})
    assert address.weights(address.weight_params(found)) == found
    assert len(found) == len(METRIC_KEYS)
    assert set(found) <= set(range(address.MOST_WEIGHT + 1))


@pytest.mark.parametrize(
    "text",
    ["STG_mIoU~11", "STG_mIoU~-1", "STG_mIoU~2.5", "STG_mIoU~", "~2", "STG_mIoU=2", "XYZ~2",
     "STG_mIoU~\u0662", "<b>~2", "STG_mIoU~2 "],
)  # fmt: skip
def test_a_hostile_weight_is_dropped(text: str) -> None:
    assert address.weights({address.WEIGHT: [text]}) == address.EQUAL_WEIGHTS


def test_the_first_of_two_weights_counts_and_equal_ones_are_not_written() -> None:
    found = address.weights({address.WEIGHT: ["stg_miou~3", "STG_mIoU~4", "CVS_acc~1"]})
    assert address.weight_params(found) == {address.WEIGHT: ["STG_mIoU~3"]}
    assert address.weight_params(address.EQUAL_WEIGHTS) == {address.WEIGHT: []}


def test_case_does_not_matter_and_an_older_link_of_a_metric_leads_to_its_view() -> None:
    assert address.exploration({"metric": ["rc_LLM"]}).view == "metric"
    assert address.exploration({"metric": ["rc_LLM"]}).metric == "rc_llm"
    assert address.exploration({"explore": ["ranks"], "metric": ["RC_llm"]}).view == "ranks"


def test_links_with_a_metrics_former_name_still_work() -> None:
    old = {"sort": ["TAG_mIoU@0.3"], "columns": ["tag_miou@0.5", "CVS_acc"]}
    view = address.from_address(old)
    assert (view.sort, view.columns) == ("tag_miou_03", ("cvs_acc", "tag_miou_05"))
    assert address.corrected_spelling(old) == {
        "sort": ["TAG@0.3"],
        "columns": ["TAG@0.5", "CVS_acc"],
    }
    assert address.exploration({"metric": ["TAG_mIoU@0.3"]}).metric == "tag_miou_03"
    assert address.weights({"weight": ["TAG_mIoU@0.5~3"]})[5] == 3


def test_a_pin_that_goes_leaves_its_place_to_the_next_and_the_others_their_colours() -> None:
    pins = address.with_pin(address.with_pin((), "a"), "b")
    assert pins == ("a", "b")
    assert address.with_pin(pins, "a") == ("", "b")
    assert address.with_pin(("", "b"), "c") == ("c", "b")
    assert address.with_pin(pins, "b") == ("a",)
    full = tuple(f"p{n}" for n in range(PINS))
    assert address.with_pin(full, "one more") == full
    assert address.with_pin(("a",), "<script>") == ("a",)
    assert address.exploration({"pin": ["a", "-", "a", "b"]}).pins == ("a", "", "", "b")
