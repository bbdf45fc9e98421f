"""“What would change this order?” with AppTest: folded, opened by weights in the address."""

import re
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.visited import open_page, press, shown

pytestmark = pytest.mark.slow
page = partial(open_page, "leaderboard")


@pytest.fixture(autouse=True)
def demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty data folder without ground truth: the published boards."""
    monkeypatch.setenv("MEDVIDBENCH_DATA_DIR", str(tmp_path / "data"))
    for name in ("MEDVIDBENCH_GROUND_TRUTH", "MEDVIDBENCH_HUB_REPO", "HF_TOKEN"):
        monkeypatch.delenv(name, raising=False)


def html(app: AppTest) -> str:
    return "\n".join(str(part.proto.body) for part in app.get("html"))


def weight(app: AppTest, name: str) -> Any:
    (found,) = (field for field in app.number_input if field.label == name)
    return found


def test_it_is_folded_and_computed_only_when_opened() -> None:
    app = page()
    assert "What would change this order?" in [one.label for one in app.expander]
    assert "swaps the two leaders" not in shown(app) + html(app)
    assert not app.number_input


def test_weights_in_the_address_open_it_and_say_that_their_order_is_not_official() -> None:
    app = page(weight="STG_mIoU~10")
    assert "not official; the board below is" in shown(app)
    said = re.sub("<[^>]+>", "", html(app))
    assert "One entry or one metric left out swaps the two leaders" in said
    assert "**Yours, not official**: the Official board" in shown(app)
    assert weight(app, "STG_mIoU").value == 10
    assert "Kendall" in html(app)
    assert "How far does a rank depend on weights and rules?" in shown(app)
    assert len(app.get("vega_lite_chart")) == 2  # with the one of Explore


def test_a_weight_that_is_given_goes_into_the_address_and_equal_ones_leave_it() -> None:
    app = page(weight="STG_mIoU~10")
    weight(app, "NAP_acc").set_value(0).run()
    assert app.query_params["weight"] == ["NAP_acc~0", "STG_mIoU~10"]
    app = press(app, "Equal weights")
    assert not app.query_params.get("weight")
    assert "the order is the board’s own" in shown(app)


def test_a_page_that_is_drawn_again_leaves_what_is_being_typed() -> None:
    app = page(weight="STG_mIoU~10")
    assert weight(app, "STG_mIoU").proto.set_value  # the browser shows the address's weight
    app.run()
    assert not weight(app, "STG_mIoU").proto.set_value  # and keeps what it shows
    assert weight(app, "STG_mIoU").value == 10


def test_without_any_weight_there_is_no_order_and_it_says_so() -> None:
    names = ("CVS_acc", "NAP_acc", "SA_acc", "STG_mIoU", "TAG@0.3", "TAG@0.5", "DVC_F1",
             "DVC_llm", "VS_llm", "RC_llm")  # fmt: skip
    app = page(weight=[f"{name}~0" for name in names])
    assert "Give at least one metric a weight above 0" in shown(app)
