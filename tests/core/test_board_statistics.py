"""What pages read of the statistics: figures of the current board, or none."""

from pathlib import Path

import msgspec
import pytest

from core.model.statistics import SCHEMA, BoardStatistics, EntryFigures, MetricFigures
from core.ranking.board import Board, shown_board
from core.runs.statistics.folder import StatisticsFolder
from core.runs.statistics.marks import of_board
from core.store.store import Store
from core.usecases.statistics import file_mark, statistics_of
from tests.core.store_world import publish


def figures(board: Board) -> BoardStatistics:
    metrics = {"nap_acc": MetricFigures(n=9, units=7, interval=(0.4, 0.6), rank_set=(1, 2), tier=1)}
    entries = {one.entry_id: EntryFigures(metrics=metrics) for one in board.entries}
    return BoardStatistics(
        schema=SCHEMA, board=board.name, stands_for=of_board(board), entries=entries
    )


@pytest.fixture
def written(tmp_path: Path) -> tuple[Store, Board, BoardStatistics]:
    store = Store(tmp_path)
    publish(store, 1)
    board = shown_board(store.read(), "community")
    path = StatisticsFolder(tmp_path).board("community")
    assert (statistics_of(tmp_path, board), file_mark(tmp_path, "community")) == (None, "")
    path.parent.mkdir()
    path.write_bytes(msgspec.json.encode(figures(board)))
    return store, board, figures(board)


def test_figures_are_shown_while_the_board_is_the_one_they_were_made_from(
    tmp_path: Path, written: tuple[Store, Board, BoardStatistics]
) -> None:
    store, board, made = written
    assert statistics_of(tmp_path, board) == made
    assert file_mark(tmp_path, "community")
    assert statistics_of(tmp_path, shown_board(store.read(), "official")) is None
    publish(store, 2)
    assert statistics_of(tmp_path, shown_board(store.read(), "community")) is None


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[]", b'{"schema": 1}'])
def test_a_damaged_file_is_no_figures(
    tmp_path: Path, written: tuple[Store, Board, BoardStatistics], content: bytes
) -> None:
    StatisticsFolder(tmp_path).board("community").write_bytes(content)
    assert statistics_of(tmp_path, written[1]) is None


def test_a_file_of_another_form_is_no_figures(
    tmp_path: Path, written: tuple[Store, Board, BoardStatistics]
) -> None:
    other = msgspec.structs.replace(written[2], schema=SCHEMA + 1)
    StatisticsFolder(tmp_path).board("community").write_bytes(msgspec.json.encode(other))
    assert statistics_of(tmp_path, written[1]) is None
