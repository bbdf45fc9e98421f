"""A large board: its first rows come with the controls, which a browser draws only after them."""

from pathlib import Path

from core.changes import placing
from core.model.published import published_state
from core.publish.board.words import ROWS_AT_ONCE
from core.store.store import Store
from tests.browser.browser_site import serve
from tests.core.store_world import entry
from tests.server.web_session import run_page, session

MORE = 30


def rows(data: bytes) -> list[int]:
    """The numbers of rows of the tables that a run sent, in order."""
    return [part.count(b'<th scope="row"') for part in data.split(b"<table")[1:]]


def test_whoever_comes_back_to_a_large_board_gets_its_first_rows_first(tmp_path: Path) -> None:
    with serve(tmp_path) as site, session(site.url) as reader:
        store = Store(site.root, published_state())
        for number in range(ROWS_AT_ONCE + MORE):
            made = entry(f"many-{number}", None, model_name=f"Many {number}")
            store.commit(placing.add_official(made, "admin"))
        size = len(store.read().official)
        assert rows(run_page(reader)) == [ROWS_AT_ONCE, size]
        assert rows(run_page(reader)) == [size]
        run_page(reader, "submit")
        assert rows(run_page(reader)) == [ROWS_AT_ONCE, size]
        assert rows(run_page(reader)) == [size]
