"""Sample scores stay on the server: not in pages, exports or logs, unlike their statistics."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.publish.every_eval import every_eval
from core.publish.exports import FORMATS, Table
from core.publish.moment import Moment
from core.ranking.board import shown_board
from core.usecases.statistics import statistics_of
from tests.core.statistics_world import ODD, StatisticsWorld

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]
SIGN = str(ODD)[:6]
AT = Moment("2026-11-26", "0123456789abcdef")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> StatisticsWorld:
    made = StatisticsWorld(tmp_path_factory.mktemp("statistics"))
    for number in range(3):
        made.add(number)
    made.update()
    return made


def shown(world: StatisticsWorld, page: str, **query: str) -> str:
    """All that is sent to the browser."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in world.settings.environment("jobs").items():
            patch.setenv(name, value)
        app = AppTest.from_file(str(ROOT / "pages" / f"{page}.py"), default_timeout=240)
        for name, value in query.items():
            app.query_params[name] = value
        app.run()
    assert not app.exception

    def of(node: Any) -> Iterator[str]:
        for child in getattr(node, "children", {}).values():
            yield from of(child)
        if getattr(node, "proto", None) is not None:
            yield str(node.proto)

    return "\n".join(of(app._tree))


@pytest.mark.parametrize(
    ("page", "query", "figure"),
    [
        ("leaderboard", {"board": "Community"}, "(1)"),
        ("model", {"id": "submission-2"}, "Model 2"),
        ("compare", {"ids": "submission-1,submission-2"}, "Model 2"),
    ],
)
def test_no_page_shows_one(
    world: StatisticsWorld,
    caplog: pytest.LogCaptureFixture,
    page: str,
    query: dict[str, str],
    figure: str,
) -> None:
    sent = shown(world, page, **query)
    assert figure in sent
    assert SIGN not in sent
    assert SIGN not in caplog.text


def test_no_export_has_one(world: StatisticsWorld) -> None:
    board = shown_board(world.store.read(), "community")
    table = Table("community", board.standings, "by rank", AT)
    for form in FORMATS:
        assert SIGN.encode() not in form.data(table)
    figures = statistics_of(world.settings.root, board)
    assert figures is not None
    for one in table.rows:
        assert SIGN not in every_eval(one, "community", AT, figures.entries[one.entry.entry_id])
