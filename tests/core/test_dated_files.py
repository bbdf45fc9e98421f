"""Files of a day's board: the same bytes regardless of later changes."""

from datetime import date
from pathlib import Path

import msgspec

from core.changes import forgetting, placing, submitting
from core.changes.act import Change
from core.publish import cite, every_eval, model_cards
from core.publish.address import View
from core.publish.board.table import TableOptions, missing_reason, table_html
from core.publish.explore import files, ranks
from core.publish.explore.models import models_of
from core.publish.exports import FORMATS, Table
from core.publish.moment import Moment, board_sha256
from core.ranking.board import shown_board
from core.settings import Settings
from core.store.as_of import state_at
from core.store.store import Store
from tests.core.store_world import entry, many_changes, submission

DAYS = (date(2026, 3, 1), date(2026, 3, 2), date(2026, 3, 3))


def at(change: Change, day: date) -> Change:
    return msgspec.structs.replace(change, time=f"{day}T23:59:59.999Z")


def everything(settings: Settings, store: Store, day: date) -> dict[str, bytes]:
    """Every file that the pages offer for that day's Community board, by name."""
    found = state_at(settings, day, store.revision())
    moment = Moment(day.isoformat(), found.revision, "https://board.example.org")
    board = shown_board(found.state, "community")
    cited = cite.Cited("community", moment, board_sha256(board))
    table = Table("community", board.standings, "by rank", moment, cited.url, cited.sha256)
    made = {form.ending: form.data(table) for form in FORMATS}
    made |= {name: write(cited).encode() for name, write in cite.FORMS.items()}
    for one in board.standings:
        name = one.entry.entry_id
        made |= {
            f"{name} index": model_cards.model_index(one, "community", moment).encode(),
            f"{name} results": model_cards.eval_results(one, "community", moment).encode(),
            f"{name} every": every_eval.every_eval(one, "community", moment).encode(),
        }
    models = models_of(board, None, missing_reason)
    for name, chart in (
        ("ranks", ranks.matrix(models, {}, len(models))),
        ("lines", ranks.lines(models, {}, len(models))),
    ):
        made[f"{name} csv"] = files.csv_file(chart.data, moment, cited.url)
    view = View(board="community", as_of=day.isoformat())
    made["page"] = table_html(board, board.standings, view, TableOptions("")).encode()
    return made


def test_every_file_of_a_day_stays_the_same_after_a_thousand_changes(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, ground_truth=tmp_path / "truth.json")
    settings.root.mkdir(exist_ok=True)
    store = Store(settings.root)
    for number, day in enumerate(DAYS):
        made = submission(number)
        store.commit(at(submitting.submit(made, "participant"), day))
        row = entry(number, (number + 1) / 10, model_name=made.model_name)
        store.commit(at(submitting.add(made.submission_id, row), day))
    before = [everything(settings, store, day) for day in DAYS]
    assert [one["csv"].count(b"\r\n") for one in before] == [2, 3, 4]  # to the last millisecond
    assert len({one["Plain text"] for one in before}) == 3
    many_changes(store, settings.root, store.read().community[0], 1000)
    gone = store.read().community[0]
    store.commit(placing.delete(gone, "admin"))
    assert [everything(settings, store, day) for day in DAYS] == before
    for one in before:
        for name, data in one.items():
            assert b"2026-03-0" in data, name
    # Purged data disappears from the boards of all days.
    store.commit(forgetting.purge(gone.entry_id, [], "admin"))
    made = [everything(settings, store, day) for day in DAYS]
    assert not any(gone.model_name.encode() in one["csv"] for one in made)
    assert [one["csv"].count(b"\r\n") for one in made] == [1, 2, 3]
