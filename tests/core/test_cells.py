"""By-source cells: what may be shown of a metric within one dataset, and to whom."""

from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.benchmark import METRIC_KEYS
from core.model.contracts.evaluation import DatasetScore, Results
from core.model.state import made_state
from core.publish.cells import LEAST_RECORDS, cells_of, owners_results, shown_cells
from core.publish.result import entry_result
from core.runs.evaluation import outcome
from core.usecases.rescore import scores_of
from tests.core.store_world import entry, submission

CELL = {"AVOS": {"value": 0.71239, "n": 100, "records": 130}}
SMALL = {"JIGSAWS": {"value": 0.61239, "n": 99, "records": 130}}


def values(n: dict[str, int]) -> dict[str, float | None]:
    cells = {name: DatasetScore(0.12345, count, 500) for name, count in n.items()}
    return {name: cell.value for name, cell in shown_cells({"nap_acc": cells})["nap_acc"].items()}


def results() -> Results:
    return Results(
        metrics={**dict.fromkeys(METRIC_KEYS), "nap_acc": 0.7123999},
        strict={"nap_acc": 0.7123999},
        by_dataset=msgspec.convert({"nap_acc": CELL, "sa_acc": SMALL}, type=_CELLS),
        scorer_version="1",
        ground_truth_sha256="a",
        predictions_sha256="b",
    )


_CELLS = dict[str, dict[str, DatasetScore]]


@pytest.mark.parametrize(
    ("n", "hidden"),
    [
        ({"a": 100, "b": 300}, set()),
        ({"a": 99}, {"a"}),
        ({"a": 60, "b": 70, "c": 200}, {"a", "b"}),  # 130 together: not distinguishable
        ({"a": 60, "b": 100, "c": 300}, {"a", "b"}),  # the whole minus b and c would be a
        ({"a": 60, "b": 30, "c": 100, "d": 101}, {"a", "b", "c"}),
    ],
)
def test_a_cell_of_few_records_has_no_value_nor_one_that_gives_it_away(
    n: dict[str, int], hidden: set[str]
) -> None:
    assert values(n) == {name: None if name in hidden else 0.123 for name in n}


@given(st.lists(st.integers(0, 300), min_size=1, max_size=8))
def test_what_is_left_out_is_nothing_or_at_least_100_records_or_all(n: list[int]) -> None:
    named = {str(place): count for place, count in enumerate(n)}
    out = [named[name] for name, value in values(named).items() if value is None]
    assert sum(out) == 0 or sum(out) >= LEAST_RECORDS or len(out) == len(n)
    shown = [named[name] for name, value in values(named).items() if value is not None]
    assert all(count >= LEAST_RECORDS for count in shown)


def test_the_count_of_a_cell_stays() -> None:
    small = shown_cells(results().by_dataset)["sa_acc"]["JIGSAWS"]
    assert (small.value, small.n, small.records) == (None, 99, 130)


def test_no_way_out_of_the_server_has_a_small_cell() -> None:
    """What an entry keeps, after re-scoring and in earlier versions too; and its owner's file."""
    found = results()
    kept = outcome.entry(submission(1), found, "2026-01-02")
    again = scores_of(entry(1), found)
    old = entry(2, by_dataset={"nap_acc": CELL, "sa_acc": SMALL})
    page = entry_result(made_state(community=(old,)), old)
    for data in (
        msgspec.json.encode(kept),
        msgspec.json.encode(again),
        msgspec.json.encode(page.by_dataset),
        owners_results(found),
    ):
        assert b"0.712" in data
        assert b"0.71239" not in data
        assert b"0.612" not in data
    assert b'"metrics"' in owners_results(found)


def test_cells_of_another_form_are_none() -> None:
    assert cells_of(entry(1, by_dataset={"x": "y"})) == {}


def test_one_module_reads_the_cells_of_entries() -> None:
    """Everything that shows or sends a cell uses core.publish.cells; re-scorings too."""
    root = Path(__file__).resolve().parents[2]
    places = ("core/ui", "core/publish", "core/usecases", "core/web", "pages")
    found = {
        str(path.relative_to(root))
        for place in places
        for path in (root / place).rglob("*.py")
        if "entry.by_dataset" in path.read_text(encoding="utf-8")
    }
    assert found == {"core/publish/cells.py", "core/usecases/rescore.py"}
