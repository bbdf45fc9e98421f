"""The Explore section with AppTest: all views, filters, pins, boards with nothing to draw."""

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.model.published import published_state
from core.ui.explore import section
from tests.pages.visited import open_page, own_server, press, shown

pytestmark = pytest.mark.slow

page = partial(open_page, "leaderboard")
BEST = published_state().official[0].entry_id


@pytest.fixture
def demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty data folder without ground truth: the published boards."""
    monkeypatch.setenv("MEDVIDBENCH_DATA_DIR", str(tmp_path / "data"))
    for name in ("MEDVIDBENCH_GROUND_TRUTH", "MEDVIDBENCH_HUB_REPO", "HF_TOKEN"):
        monkeypatch.delenv(name, raising=False)


def spec(app: AppTest) -> dict[str, Any]:
    (chart,) = app.get("vega_lite_chart")
    found: dict[str, Any] = json.loads(chart.proto.spec)
    return found


def html(app: AppTest) -> str:
    return "\n".join(str(part.proto.body) for part in app.get("html"))


@pytest.mark.parametrize(
    ("query", "question"),
    [
        ({}, "Who is best at what?"),
        ({"ranks": "lines"}, "Who is best at what?"),
        ({"metric": "DVC_F1"}, "Dense Video Captioning, F1: which model is best?"),
        ({"explore": "One metric", "axis": "Full range"}, "CVS Assessment, accuracy: which model"),
        ({"explore": "Two metrics"}, "How does NAP_acc relate to STG_mIoU?"),
        ({"explore": "Two metrics", "against": "Date"}, "How does NAP_acc relate to the date?"),
        ({"explore": "Over time"}, "How has the best average rank changed?"),
        ({"explore": "Over time", "over": "STG_mIoU"}, "How has the best STG_mIoU changed?"),
    ],
)
@pytest.mark.usefixtures("demo")
def test_each_view_answers_its_question(query: dict[str, str], question: str) -> None:
    app = page(**query)
    assert question in shown(app)
    assert spec(app)["layer"]


@pytest.mark.usefixtures("demo")
def test_a_chart_is_made_once_per_view_and_sent_again_as_it_is() -> None:
    app = page()
    made = section.prepared.cache_info().misses
    first = app.get("vega_lite_chart")[0].proto.spec
    app.run()
    assert section.prepared.cache_info().misses == made
    assert app.get("vega_lite_chart")[0].proto.spec == first
    for _visit in range(2):
        page(explore="Over time")
    assert section.prepared.cache_info().misses == made + 1


@pytest.mark.usefixtures("demo")
def test_what_cannot_be_drawn_says_why() -> None:
    app = page(explore="Two metrics", against="Model size")
    assert "No model here declares its number of parameters." in shown(app)
    assert not app.get("vega_lite_chart")
    app = page(explore="One metric", parts="By source dataset")
    assert "No model here has a value by source dataset." in shown(app)


@pytest.mark.usefixtures("demo")
def test_a_filter_that_leaves_no_model_says_so_and_can_be_taken_away() -> None:
    app = page(only="not verified")
    assert "No models match." in shown(app)
    assert not app.get("vega_lite_chart")
    app = press(app, "Clear the filters", "explore_all")
    assert spec(app)["layer"]
    assert not app.query_params.get("only")


@pytest.mark.usefixtures("demo")
def test_a_filter_leaves_some_and_ranks_stay_those_of_the_board() -> None:
    app = page(only="off-the-shelf")
    assert "3 of 10 models pass the filters." in shown(app)
    assert "the better the rank within the metric, of 10." in shown(app)


@pytest.mark.usefixtures("demo")
def test_a_pin_of_the_address_has_its_colour_and_a_link_that_takes_it_away() -> None:
    app = page(pin=BEST)
    assert f'data-go="unpin-{BEST}" data-set="pin"' in html(app)
    assert list(spec(app)["usermeta"]["coloured"]) == ["0"]
    assert 'href="./?" target="_self"' in html(app)


@pytest.mark.usefixtures("demo")
def test_choosing_a_model_pins_it() -> None:
    app = page()
    app.selectbox(key="explore_add").set_value(BEST).run()
    assert app.query_params["pin"] == BEST
    assert BEST not in app.selectbox(key="explore_add").options


@pytest.mark.usefixtures("demo")
def test_hostile_values_of_the_address_are_dropped() -> None:
    app = page(explore="<script>", pin="<img src=x>", since="x", min_size="nan", metric="x")
    assert "Who is best at what?" in shown(app)
    assert "<img" not in html(app)


def test_an_empty_board_has_no_section(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own_server(tmp_path, monkeypatch)
    app = page()
    assert "Explore" not in [header.value for header in app.header]


@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize(("went_back", "kept"), [(False, "Lines"), (True, None)])
def test_a_choice_sent_with_an_old_address_keeps_the_one_before_unless_the_reader_went_back(
    went_back: bool, kept: str | None
) -> None:
    app = page()
    app.segmented_control(key="explore_ranks_as").set_value("lines").run()
    assert app.query_params["ranks"] == "Lines"
    app.query_params.clear()
    if went_back:
        app.run()
    app.segmented_control(key="explore_view").set_value("metric").run()
    assert app.query_params["explore"] == "One metric"
    assert app.query_params.get("ranks") == kept
