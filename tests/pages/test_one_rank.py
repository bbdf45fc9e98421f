"""All displays of a rank agree: with minimum coverage enforced, ties, gaps, hidden entries.

No other code ranks (tests/test_architecture.py); this compares pages, files and use cases.
"""

import csv
import io
import json
import re
from html import unescape
from pathlib import Path
from typing import Any

import msgspec
import pytest
from humanize import ordinal

from core.access.submission_keys import hash_key, make_key
from core.benchmark import JUDGE_KEYS, METRIC_KEYS, SCORED_KEYS
from core.changes import judging
from core.model.entries import BoardName, Entry, Judgement
from core.model.policy import Policy
from core.publish.exports import Table, to_csv, to_json
from core.publish.moment import Moment
from core.publish.result import entry_result
from core.ranking.board import shown_board
from core.ranking.what_if import RankOf
from core.runs.records import JobFiles, result_files
from core.usecases import board_settings, moderate, rescore
from core.usecases.job_view import job_view
from core.usecases.judge_view import judge_view
from core.usecases.services import Services
from tests.pages.admin_pages import PASSWORD, field, listed, opened, told
from tests.pages.published_upload import publish_upload
from tests.pages.visited import open_page, own_server, press, shown

KEY = make_key()
WHOLE, HALF = (
    {
        key: {"records": 9, "answered": n, "scored": n, "coverage": n / 9, "unscored": {}}
        for key in METRIC_KEYS
    }
    for n in (9, 4)
)
# Best first. "Twin" and "Twin B" differ only in their names, "Gaps" is best in the two metrics
# that it has. "Easy" and "Third" have the highest values of their boards, which do not count: they
# answer half of the questions.
COMMUNITY = ("Good", "Twin", "Twin B", "Gaps", "Easy")
OFFICIAL = ("Second", "Third")
HIDDEN = "Hidden"  # on the Community board; if shown, it would be first


def published(place: Services, name: str, value: float, **fields: Any) -> None:
    values = {"metrics": dict.fromkeys(METRIC_KEYS, value), "coverage": WHOLE, **fields}
    entry_id = f"entry-{name.replace(' ', '-')}"
    publish_upload(place, entry_id, name, b"[]", hash_key(KEY), **values)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Services:
    monkeypatch.setenv("ADMIN_PASSWORD", PASSWORD)
    found = own_server(tmp_path, monkeypatch)
    gaps = {**dict.fromkeys(METRIC_KEYS), **dict.fromkeys(SCORED_KEYS[:2], 0.8)}
    published(found, "Easy", 0.9, coverage=HALF)
    published(found, "Twin B", 0.5)
    published(found, "Gaps", 0.8, metrics=gaps)
    published(found, "Good", 0.6)
    published(found, HIDDEN, 0.95)
    published(found, "Twin", 0.5)
    for name, value, coverage in (("Third", 0.9, HALF), ("Second", 0.55, WHOLE)):
        published(found, name, value, coverage=coverage)
        moderate.promote(found, entry(found, name), "admin", verified_date="2026-01-01", note="")
    moderate.hide(found, "community", entry(found, HIDDEN), "admin")
    grades = dict.fromkeys(JUDGE_KEYS, 5.0)
    judge = Judgement(run_id="run-00001", date="2026-01-01", model="j", metrics=grades)
    easy = entry(found, "Easy")
    found.store.commit(judging.open_run(easy.entry_id, judge.run_id, "admin"))
    digest = str(easy.predictions_sha256)
    found.store.commit(judging.publish(easy.entry_id, judge, digest, "0" * 64))
    enforced = Policy(enforce_min_coverage=True)
    board_settings.set_policy(found, Policy(), enforced, "admin")
    return found


def entry(place: Services, name: str) -> Entry:
    found = place.store.read().find(f"entry-{name.replace(' ', '-')}")
    assert found is not None
    return found[1]


def by_rank(numbered: list[tuple[str, str]]) -> tuple[str, ...]:
    """The names in order, if their ranks are 1, 2, 3 and so on."""
    assert [rank for rank, _name in numbered] == [str(n) for n in range(1, len(numbered) + 1)]
    return tuple(name for _rank, name in numbered)


@pytest.mark.parametrize(("board", "order"), [("Community", COMMUNITY), ("Official", OFFICIAL)])
def test_the_board_its_details_its_files_and_exports(
    place: Services, board: str, order: tuple[str, ...]
) -> None:
    page = open_page("leaderboard", board=board)
    table = "".join(str(part.proto.body) for part in page.get("html")).split("<tbody>")[1]
    rows = re.findall(
        r"<tr[^>]*><td[^>]*>(?:<u><i>.</i>|<b>)?(\d+).*?class=\"nm cut\"[^>]*>([^<]*)",
        table,
        re.DOTALL,
    )
    assert by_rank([(rank, unescape(name).strip()) for rank, name in rows]) == order
    for rank, model in ((1, order[0]), (len(order), order[-1])):
        details = shown(open_page("model", id=entry(place, model).entry_id))
        assert f"**{ordinal(rank)} of {len(order)} models on the {board} board" in details
    path = {"Community": "leaderboard.json", "Official": "official_leaderboard.json"}[board]
    stored = json.loads((place.settings.root / path).read_bytes())
    assert by_rank([(str(row["rank"]), row["model_name"]) for row in stored]) == order
    name: BoardName = "community" if board == "Community" else "official"
    at = Moment("2026-11-26", place.store.revision())
    exported = Table(name, shown_board(place.store.read(), name).standings, "by rank", at)
    lines = csv.DictReader(io.StringIO(to_csv(exported)))
    assert by_rank([(line["rank"], line["model_name"]) for line in lines]) == order
    rows = json.loads(to_json(exported))["entries"]
    assert by_rank([(str(row["rank"]), row["model_name"]) for row in rows]) == order


@pytest.mark.parametrize(
    ("board", "order", "unranked"),
    [("Community", COMMUNITY, [HIDDEN]), ("Official board", OFFICIAL, [])],
)
def test_the_admin_s_list(
    place: Services, board: str, order: tuple[str, ...], unranked: list[str]
) -> None:
    page = opened(board)
    ranked = listed(page)
    in_menus = [e.value for e in page.text if e.value in {*order, *unranked}]
    assert [name for _rank, name in ranked] == in_menus  # whole
    assert by_rank(ranked[: len(order)]) == order
    assert ranked[len(order) :] == [("—", name) for name in unranked]


def test_the_dialogs_of_the_admin(place: Services) -> None:
    easy, hidden = entry(place, "Easy").entry_id, entry(place, HIDDEN).entry_id
    page = opened("Community")
    assert "rank 5 of 5 on the Community board" in told(press(page, "Hide", f"Hide_{easy}"))
    press(page, "Cancel")
    assert "rank 5 of 5 on the Community board" in told(press(page, "Delete", f"Delete_{easy}"))
    press(page, "Cancel")
    would_be = "without a rank; shown, it would be rank 1 of 6 on the Community board"
    assert would_be in told(press(page, "Delete", f"Delete_{hidden}"))
    press(page, "Cancel")
    page = press(page, "Show", f"Show_{hidden}")
    assert "not shown, without a rank" in told(page)
    assert "rank 1 of 6 on the Community board" in told(page)
    press(page, "Cancel")
    page = press(page, "Promote", f"Promote_{easy}")
    assert "rank 5 of 5 on the Community board" in told(page)
    assert "**rank 2 of 3** on the Official board" in told(page)  # before "Third", by name
    page = press(opened("Official board"), "Promote a community entry")
    choices = page.selectbox(key=field(page, "entry")).options
    assert by_rank([tuple(option.split(". ", 1)) for option in choices]) == COMMUNITY


def test_the_result_card_of_every_entry_and_of_a_run_that_is_not_shown(place: Services) -> None:
    state = place.store.read()
    for board, order in (("community", COMMUNITY), ("official", OFFICIAL)):
        for rank, name in enumerate(order, start=1):
            found = entry_result(state, entry(place, name))
            assert (found.published, found.ranks.board) == (True, board)
            assert found.ranks.on_board == RankOf(rank, len(order)), name
    assert entry_result(state, entry(place, "Second")).ranks.judge_free == RankOf(2, 7)
    hidden = entry(place, HIDDEN)
    job = place.jobs.enqueue("evaluation", hidden.entry_id)
    result_files(place.settings.root, hidden.entry_id).evaluation.write_text(
        json.dumps(
            {"metrics": hidden.metrics, "coverage": HALF, "scorer_version": "1",
             "ground_truth_sha256": "0", "predictions_sha256": "0"}
        )
    )  # fmt: skip
    done = msgspec.structs.replace(job, state="completed", ended="2026-01-01T00:00:00Z")
    JobFiles(place.settings.root).change(job.job_id, lambda _job: done)
    view = job_view(place, job.job_id, KEY)
    assert view is not None and view.result is not None
    assert not view.result.published  # so the card says “Would be”
    assert view.result.ranks.on_board == RankOf(6, 6)  # its coverage counts too: after "Easy"


def test_the_preview_of_a_re_scoring(place: Services) -> None:
    state = place.store.read()
    chosen = [
        (board, entry(place, name), {"metrics": entry(place, name).metrics, "coverage": coverage})
        for board, name, coverage in (
            ("community", "Easy", WHOLE), ("community", "Twin", WHOLE),
            ("community", HIDDEN, WHOLE), ("official", "Third", WHOLE),
        )
    ]  # fmt: skip
    ranks = [(one.rank_before, one.rank_after) for one in rescore.compare(state, chosen)]
    assert ranks == [(5, 1), (2, 3), (None, None), (2, 1)]


def test_the_judge_page(place: Services) -> None:
    """The best grades of all, on answers to half of the questions."""
    easy = entry(place, "Easy").entry_id
    view = judge_view(place, easy, None)
    assert view is not None
    assert (view.before, view.after) == (RankOf(5, 5), RankOf(5, 5))
    page = shown(open_page("judge_status", model=easy))
    assert "Among today’s 5 models of the Community board: **5th** now, as before." in page
    assert judge_view(place, entry(place, HIDDEN).entry_id, None) is None
