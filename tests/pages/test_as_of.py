"""The boards of a day on the pages: a notice, kept by links, invalid days refused."""

from pathlib import Path

import msgspec
import pytest
from streamlit.testing.v1 import AppTest

from core.benchmark import SCORER_VERSION
from core.changes import placing, submitting
from core.changes.act import Change
from core.usecases.services import Services
from tests.core.store_world import entry, submission
from tests.pages.visited import open_page, own_server, shown

DAYS = ("2026-03-01", "2026-03-02", "2026-03-03")


def at(change: Change, day: str) -> Change:
    return msgspec.structs.replace(change, time=f"{day}T12:00:00.000Z")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Services:
    """One model per day, each better than the previous ones; the first was deleted since."""
    found = own_server(tmp_path, monkeypatch)
    for number, day in enumerate(DAYS):
        made = submission(number)
        found.store.commit(at(submitting.submit(made, "participant"), day))
        scored = {"scorer_version": SCORER_VERSION, "ground_truth_sha256": "0" * 64}
        row = entry(number, (number + 1) / 10, model_name=made.model_name, **scored)
        found.store.commit(at(submitting.add(made.submission_id, row), day))
    found.store.commit(placing.delete(found.store.read().community[0], "admin"))
    return found


def html(app: AppTest) -> str:
    return "\n".join(str(part.proto.body) for part in app.get("html"))


def test_a_board_of_a_day_shows_that_day_s_models_and_its_links_keep_the_day(
    place: Services,
) -> None:
    app = open_page("leaderboard", board="Community", as_of=DAYS[1])
    assert "**Board as of 2 Mar 2026**" in shown(app)
    assert "2 models" in html(app)
    assert 'href="./model?id=entry-0&amp;as_of=2026-03-02"' in html(app)
    assert "Model 2" not in html(app)
    assert "Intervals are computed for today’s boards only." in html(app)
    now = html(open_page("leaderboard", board="Community"))
    assert "Model 2" in now
    assert "Model 0" not in now
    assert "as_of=" not in now
    # Scores of an earlier ground truth are stale, but were not then.
    assert ("↻" in now, "↻" in html(app)) == (True, False)


def test_pages_of_models_show_what_they_were_and_who_was_beside_them(place: Services) -> None:
    app = open_page("model", id="entry-0", as_of=DAYS[1])
    assert "**2nd of 2 models on the Community board" in shown(app)
    assert 'href="./model?id=entry-1&amp;as_of=2026-03-02"' in html(app)
    assert "#report" not in html(app)
    app = open_page("compare", ids="entry-0,entry-1", as_of=DAYS[1])
    assert "Model 0 scores higher than Model 1 on no metric, lower on 7;" in html(app)
    assert "compare?ids=entry-0,entry-1&amp;as_of=2026-03-02" in html(app)
    assert "The boards of 2026-03-01 do not show this entry." in shown(
        open_page("model", id="entry-2", as_of=DAYS[0])
    )
    app = open_page("compare", ids="entry-0,entry-2", as_of=DAYS[0])
    assert "The boards of 2026-03-01 do not show this entry." in app.info[0].value


def test_what_changed_since_a_day_is_reported_up_to_the_day_that_is_shown(place: Services) -> None:
    app = open_page("leaderboard", changed_since=DAYS[0], as_of=DAYS[1])
    said = "</bdi></a> is new on the Community board, at rank 1."
    link = 'href="./model?id=entry-1&amp;as_of=2026-03-02" target="_self" data-go="model-entry-1">'
    assert f"{link}<bdi>Model 1{said}" in html(app)
    assert "Model 2" not in html(app)
    now = html(open_page("leaderboard", changed_since=DAYS[0]))
    assert f"<bdi>Model 2{said}" in now
    assert "Model 0 left the Community board, where it had rank 1." in now
    app = open_page("leaderboard", changed_since=DAYS[2], as_of=DAYS[2])
    assert "Nothing changed" in shown(app)


def test_a_damaged_journal_leaves_the_boards_and_is_reported_in_a_sentence(place: Services) -> None:
    journal = place.settings.root / "journal.jsonl"
    journal.write_bytes(journal.read_bytes().replace(b'"effects":', b'"effect":', 1))
    app = open_page("leaderboard", board="Community", changed_since="2026-02-28")
    assert "Model 2" in html(app)  # the boards themselves can be read
    assert "The changes cannot be read." in shown(app)
    app = open_page("leaderboard", board="Community", as_of=DAYS[0])
    assert "**The boards of 1 Mar 2026 cannot be read.** Today’s boards are shown." in shown(app)
    assert "Model 2" in html(app)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("9999-01-01", "9999-01-01 is in the future. Choose today or an earlier day."),
        ("<b>x</b>", "Expected a day like 2026-11-26, got '&lt;b&gt;x&lt;/b&gt;'."),
    ],
)
def test_an_invalid_day_is_a_sentence_above_todays_board(
    place: Services, text: str, told: str
) -> None:
    for page, query in (("leaderboard", {"board": "Community"}), ("model", {"id": "entry-2"})):
        app = open_page(page, as_of=text, **query)
        (warning,) = app.warning
        assert warning.value == f"{told} Today’s boards are shown."
        assert "Model 2" in html(app)
