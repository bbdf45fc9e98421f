"""The table that `make bench` makes of its figures."""

import importlib.util
import math
from pathlib import Path

import pytest

from scripts import bench, figures


def test_a_figure_is_within_its_target_or_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = tmp_path / "figures"
    monkeypatch.setenv(figures.KEPT, str(kept))
    assert figures.note("sorting", 1.234, "×", 2, "of an empty rerun")
    assert not figures.note("memory", 501, "MB", 500)
    assert not figures.note("against another", math.nan, "×", 0.3)  # not measured is not met
    assert figures.note("without a target", 12.34, "ms")
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "sorting: 1.23 × (at most 2 ×: met); of an empty rerun"
    assert said[1] == "memory: 501 MB (at most 500 MB: MISSED)"
    assert said[2] == "against another: not measured (at most 0.30 ×: MISSED)"
    assert said[3] == "without a target: 12.3 ms (no target)"
    assert len(kept.read_text().splitlines()) == 4


def test_the_table_has_a_line_for_each_figure() -> None:
    found = figures.Figure(what="sorting", value=1.5, unit="×", most=2, how="of an empty rerun")
    made = bench.table({"readers": [found]})
    assert "| **Many readers** | | | |" in made
    assert "| sorting | 1.50 × | at most 2 ×: met | of an empty rerun |" in made


def test_each_bench_is_there_and_the_page_has_its_place() -> None:
    for _, module in bench.BENCHES.values():
        assert importlib.util.find_spec(module)
    page = bench.PAGE.read_text(encoding="utf-8")
    assert page.count(bench.BEGIN) == page.count(bench.END) == 1
