"""Parts of the Explore section besides charts: data as Arrow, the legend of pins, tables."""

import io
import math
from typing import Any

import pyarrow as pa

from core.publish.explore import ranks
from core.publish.explore.marks import Data
from core.ui.explore.arrow import arrow_stream
from core.ui.explore.data_table import Links, aligned, data_html
from core.ui.explore.drawing import sendable
from core.ui.explore.pins import legend_html
from tests.core.explore_world import entry, models, some


def test_data_are_sent_as_arrow_in_names_that_change_with_them() -> None:
    found = some(3)
    chart = ranks.matrix(found, {}, 3)
    sent = sendable(chart)
    (name,) = sent.spec["datasets"]
    rows = pa.ipc.open_stream(io.BytesIO(sent.spec["datasets"][name])).read_all().to_pylist()
    assert rows == chart.spec["datasets"]["cells"]
    used = {layer["data"].get("name") for layer in sent.spec["layer"]} - {None}
    assert used == {name}
    other = sendable(ranks.matrix(found, {}, 3, show_values=True))
    assert name not in other.spec["datasets"]
    assert sendable(ranks.matrix(found, {}, 3)).spec["datasets"].keys() == {name}


def test_each_column_keeps_its_type_and_texts_stay_as_they_are() -> None:
    rows: list[dict[str, Any]] = [
        {"day": "2026-01-02", "n": 1, "x": 0.5, "mixed": 1, "none": None, "no number": math.nan},
        {"day": None, "n": None, "x": None, "mixed": 0.25, "none": None, "no number": 2.0},
        {"day": '\u202e"\n\x00,', "n": 3, "x": -1.0, "mixed": 2, "none": None, "no number": 3.0},
    ]
    found = pa.ipc.open_stream(io.BytesIO(arrow_stream(rows))).read_all()
    assert [str(field.type) for field in found.schema] == [
        "string", "int64", "double", "double", "double", "double",
    ]  # fmt: skip
    assert found.to_pylist() == [{**rows[0], "no number": None}, *rows[1:]]


def test_a_pinned_name_is_text_and_unpinning_leaves_the_other_pins_their_places() -> None:
    found = {m.id: m for m in models(entry(0, 0.5, model_name="<b>\"'&"), entry(1, 0.4))}
    html = legend_html(found, {"e0": 0, "e1": 1}, ("e0", "e1"))
    assert '<b>"' not in html
    assert "1. &lt;b&gt;&quot;" in html
    assert 'href="./?pin=-&pin=e1"' in html.replace("&amp;", "&")
    assert 'href="./?pin=e0"' in html
    assert "./compare?ids=e0,e1" in html
    assert "Click a mark" not in html
    assert "Click a mark" in legend_html(found, {"e0": 0}, ())


def test_cells_of_a_table_are_text_whatever_they_hold() -> None:
    data = Data(("model", "a_b"), (("<i>*bold*", 0.5), ("x", None)))
    table = data_html("Data", data, aligned, Links({"x": "an-id"}, ""))
    assert "&lt;i&gt;*bold*</th>" in table
    assert 'scope="col">a_b</th>' in table  # numbers are at the right
    assert ">0.5</td>" in table
    assert ">—</td>" in table
    assert 'href="./model?id=an-id"' in table
    assert data_html("Data", Data(("model",), ()), aligned)
