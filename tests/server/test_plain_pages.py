"""Plain pages: complete, small, cacheable, escaped; robots.txt, sitemap.xml, pictures."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as Xml

import msgspec
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from core.benchmark import METRIC_KEYS
from core.changes import editing, placing, submitting
from core.changes.act import Change
from core.model.entries import API_VERIFIED
from core.model.state import made_state
from core.model.statistics import BoardStatistics, EntryFigures, MetricFigures
from core.publish.address import View
from core.publish.plain.board import Boards, board_page, ranked_boards
from core.publish.plain.markup import plain
from core.publish.plain.page import page
from core.usecases.services import services_with
from core.web import plain_pages, read_api
from core.web.addresses import better_address
from core.web.board_picture import job
from tests.core.job_world import World
from tests.core.store_world import entry, submission

HOSTILE = '"><img src=x onerror=alert(1)> data-go="x" href="./model?id=y'
CONTACT = "canary@example.org"
DAYS = ("2026-03-01", "2026-03-02", "2026-03-03")


def at(change: Change, day: str) -> Change:
    return msgspec.structs.replace(change, time=f"{day}T12:00:00.000Z")


def scores(tenths: int) -> dict[str, float | None]:
    """Valid in each metric; the captions are not graded."""
    return {key: None if key.endswith("llm") else tenths / 10 for key in METRIC_KEYS}


def published(folder: Path) -> World:
    made = World(folder)
    store = made.store
    official = entry("x", 1.0, model_name=HOSTILE, organization="A & B <i>", verified_date=DAYS[0])
    store.commit(at(placing.add_official(official, "admin"), DAYS[0]))
    for number, day in enumerate(DAYS):
        sent = submission(number, contact_ref=store.add_personal({"contact": CONTACT}))
        store.commit(at(submitting.submit(sent, "participant"), day))
        row = entry(number, metrics=scores(number + 1), model_name=sent.model_name)
        store.commit(at(submitting.add(sent.submission_id, row), day))
    return made


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return published(tmp_path_factory.mktemp("plain"))


@pytest.fixture(scope="module")
def client(world: World) -> Iterator[TestClient]:
    with visiting(world) as found:
        yield found


@contextmanager
def visiting(world: World) -> Iterator[TestClient]:
    services = services_with(world.settings, world.store)
    app = Starlette(routes=plain_pages.routes(services, font="/static/media/font.woff2"))
    with TestClient(app, base_url="https://board.example.org") as found:
        yield found


class Read(HTMLParser):
    """A page's content: tags with their attributes, and text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def meta(self, name: str) -> str | None:
        return next(
            (a["content"] for _, a in self.tags if name in (a.get("property"), a.get("name"))), None
        )

    @property
    def links(self) -> set[str | None]:
        return {attrs.get("href") for tag, attrs in self.tags if tag == "a"}


def test_a_board_is_whole_without_scripts(client: TestClient) -> None:
    answer = client.get("/board/community")
    read = Read(answer.text)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert not any(tag == "script" or "onerror" in attrs for tag, attrs in read.tags)
    assert {f"../model/entry-{number}" for number in range(3)} <= read.links
    assert "./community?sort=SA_acc" in {f".{str(link)[8:]}" for link in read.links}
    assert read.meta("og:image") == "https://board.example.org/board/community.png"
    assert "Best: Model 2, Model 1, Model 0." in (read.meta("description") or "")
    assert "data-" not in answer.text
    assert 'class="pin"' not in answer.text


def test_links_and_addresses_lead_to_existing_pages(client: TestClient) -> None:
    seen, todo = set(), ["/board/official"]
    while todo:
        path = todo.pop()
        if path in seen:
            continue
        seen.add(path)
        answer = client.get(path)
        assert answer.status_code == 200, path
        links = [str(link) for link in Read(answer.text).links]
        todo += [link[2:] for link in links if link.startswith(("../board/", "../model/"))]
    assert {"/board/community", "/model/entry-x", "/model/entry-2"} < seen
    assert "/board/official?sort=SA_acc" in seen


def test_a_model_s_plain_page_has_the_content_of_the_app_s(client: TestClient) -> None:
    read = Read(client.get("/model/entry-1").text)
    assert "2nd of 3 models on the Community board" in read.text
    assert "One rank above: Model 2" in read.text
    assert "The ranks in all metrics" in read.text
    assert read.meta("og:url") == "https://board.example.org/model/entry-1"
    assert read.meta("og:title") == "Model 1 · MedVidBench"


def test_on_a_phone_the_numbers_of_a_model_s_plain_page_have_names(client: TestClient) -> None:
    text = client.get("/model/entry-0").text
    assert "content:attr(data-label)" in text
    for name in ("Score", "Rank", "To the best"):
        assert f'data-label="{name}"' in text


def test_hostile_names_stay_text_and_nothing_private_is_reported(client: TestClient) -> None:
    for path in ("/board/official", "/model/entry-x", "/board/community", "/model/entry-1"):
        answer = client.get(path)
        read = Read(answer.text)
        assert not [tag for tag, _ in read.tags if tag in ("img", "script")]
        assert not any("onerror" in attrs for _, attrs in read.tags)
        assert CONTACT not in answer.text
        assert "contact" not in answer.text.casefold()
        if path.endswith(("official", "-x")):
            assert HOSTILE in read.text
            assert HOSTILE in (read.meta("og:description") or "") + (read.meta("og:title") or "")


def test_answers_are_kept_until_something_changes(tmp_path: Path) -> None:
    world = published(tmp_path)
    with visiting(world) as client:
        for path in ("/board/official", "/model/entry-x", "/robots.txt", "/sitemap.xml"):
            answer = client.get(path)
            assert "public" in answer.headers["cache-control"]
            again = client.get(path, headers={"If-None-Match": answer.headers["etag"]})
            assert (again.status_code, again.content) == (304, b"")
            assert client.head(path).headers["content-length"] == answer.headers["content-length"]
            assert client.post(path).status_code == 405
        kept = client.get("/board/community")
        sent = submission("new")
        world.store.commit(submitting.submit(sent, "participant"))
        world.store.commit(submitting.add(sent.submission_id, entry("new", metrics=scores(0))))
        changed = client.get("/board/community", headers={"If-None-Match": kept.headers["etag"]})
        assert changed.status_code == 200


def test_a_day_stays_the_same_bytes_and_keeps_to_its_pages(
    client: TestClient, world: World
) -> None:
    paths = [f"/board/community?as_of={day}" for day in DAYS] + [f"/model/entry-0?as_of={DAYS[1]}"]
    before = [client.get(path).content for path in paths]
    read = Read(before[1].decode())
    assert f"../model/entry-1?as_of={DAYS[1]}" in read.links
    assert "../model/entry-2" not in {str(link).partition("?")[0] for link in read.links}
    assert read.meta("robots") == "noindex"
    own = f"https://board.example.org/board/community?as_of={DAYS[1]}"
    assert read.meta("og:url") == own
    assert read.meta("og:image") == own.replace("?", ".png?")
    assert f"Community board as of {DAYS[1]} · " in (read.meta("og:title") or "")
    assert f"Model 0 as of {DAYS[1]} · " in before[-1].decode()
    told = client.get(f"/model/entry-2?as_of={DAYS[1]}")
    assert (told.status_code, f"The boards of {DAYS[1]} do not show" in told.text) == (404, True)
    for number in range(5):
        world.store.commit(submitting.submit(submission(f"later-{number}"), "participant"))
    assert [client.get(path).content for path in paths] == before
    today = datetime.now(UTC).date().isoformat()
    assert f"As of {today} (UTC)." in client.get(f"/board/community?as_of={today}").text
    for wrong in ("yesterday", "9999-01-01"):
        answer = client.get(f"/board/community?as_of={wrong}")
        assert answer.status_code == 404
        assert wrong in answer.text


def test_hidden_content_is_reported_in_a_sentence(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    world = World(tmp_path_factory.mktemp("gone"))
    for number in range(4):
        sent = submission(number)
        world.store.commit(submitting.submit(sent, "participant"))
        world.store.commit(
            submitting.add(sent.submission_id, entry(number, metrics=scores(number)))
        )
    state = world.store.read()
    hidden, deleted, verified, _ = state.community
    world.store.commit(editing.hide("community", hidden, "admin"))
    world.store.commit(placing.delete(deleted, "admin"))
    world.store.commit(placing.promote(verified, "admin", verified_date=DAYS[0]))
    services = services_with(world.settings, world.store)
    client = TestClient(Starlette(routes=plain_pages.routes(services)))
    for path, told in (
        (f"/model/{hidden.entry_id}", "do not show this entry"),
        (f"/model/{deleted.entry_id}", "removed from the boards"),
        ("/model/<b>", "No entry has this address"),
        ("/board/other", "There is no board"),
    ):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["cache-control"]) == (404, "no-store")
        assert told in answer.text
    for path in ("/board/community", "/board/official", "/sitemap.xml"):
        text = client.get(path).text
        assert hidden.entry_id not in text
        assert deleted.entry_id not in text
    moved = client.get(f"/model/{verified.entry_id}?board=Community")
    assert "has moved from the Community to the Official board" in moved.text


def test_search_engines_get_whole_addresses_or_none(client: TestClient, world: World) -> None:
    found = Xml.fromstring(client.get("/sitemap.xml").content)  # noqa: S314
    places = [str(place.text) for place in found.iterfind(".//{*}loc")]
    assert "https://board.example.org/model/entry-x" in places
    assert "Sitemap: https://board.example.org/sitemap.xml" in client.get("/robots.txt").text
    hostile = {"Host": 'x"><script>'}
    assert client.get("/sitemap.xml", headers=hostile).status_code == 404
    assert "<script" not in client.get("/board/official", headers=hostile).text
    named = replace(world.settings, url="https://named.example.org/below")
    services = services_with(named, world.store)
    below = TestClient(Starlette(routes=plain_pages.routes(services, "below")))
    assert "Disallow: /below/admin" in below.get("/below/robots.txt").text
    assert "https://named.example.org/below/board/official" in below.get("/below/sitemap.xml").text


@pytest.mark.parametrize(
    ("name", "places"),
    [
        ("leaderboard.json", ("/board/official", "/api/v1/boards/official")),
        ("statistics", ("/board/official",)),
    ],
)
def test_a_folder_that_cannot_be_read_is_reported(
    tmp_path: Path, name: str, places: tuple[str, ...]
) -> None:
    world = World(tmp_path)
    (world.settings.root / name).write_text("[{broken", encoding="utf-8")
    services = services_with(world.settings, world.store)
    both = [*plain_pages.routes(services), *read_api.routes(services)]
    client = TestClient(Starlette(routes=both))
    for place in places:
        answer = client.get(place)
        assert (answer.status_code, answer.headers["cache-control"]) == (503, "no-store")
        assert answer.headers["retry-after"] == "60"
        assert str(world.settings.root) not in answer.text


def crowded(size: int) -> Boards:
    """A board of entries with long names, many marks, rank sets, and a value of low coverage."""
    pending = dict.fromkeys(METRIC_KEYS, 0.5) | dict.fromkeys(("dvc_llm", "vs_llm", "rc_llm"))
    made = tuple(
        entry(
            number, model_name=f"Some-Quite-Long-Name-Of-A-Model-72B-Instruct-{number}",
            metrics=pending,
            organization=f"University of Somewhere, Department {number}", status=API_VERIFIED,
            model_url=f"https://example.org/models/{number}", off_the_shelf=True,
            coverage={"nap_acc": {"records": 100, "answered": 50, "scored": 50}},
        )
        for number in range(size)
    )  # fmt: skip
    state = made_state(community=made)
    metric = MetricFigures(interval=(0.4, 0.6), rank_set=(1, 50), n=1000, units=50)
    one = EntryFigures(rank_set=(1, 50), tier=1, metrics=dict.fromkeys(METRIC_KEYS, metric))
    entries = {row.entry_id: one for row in made}
    figures = BoardStatistics(schema=1, board="community", stands_for="x", entries=entries)
    ranked = ranked_boards(state)
    return Boards(state, ranked, {"official": None, "community": figures}, demo=True, truth="0")


def test_a_hundred_models_take_100_kb() -> None:
    whole = page(board_page(crowded(100), View("community")), "https://leaderboard.example.org")
    assert whole.count(b'<th scope="row"') == 100
    assert len(whole) <= 100_000


def test_a_picture_names_its_board_its_day_and_a_demo() -> None:
    boards = crowded(20)
    told = job(boards, "community")
    today = datetime.now(UTC).date().isoformat()
    name = "MedVidBench (demo with synthetic rows), Community board as of "
    assert told["title"] in (f"{name}{today}", f"{name}{datetime.now(UTC).date().isoformat()}")
    assert told["subtitle"] == "Rank in each metric, of 20 models; the best 12 are shown"
    past = job(replace(boards, day="2026-11-20", demo=False), "community")
    assert past["title"] == "MedVidBench, Community board as of 2026-11-20"


@pytest.mark.slow
def test_the_picture_of_a_day_stays_whatever_happens_later(tmp_path: Path) -> None:
    world = published(tmp_path)
    with visiting(world) as client:
        of_the_day = f"/board/community.png?as_of={DAYS[1]}"
        before, now = client.get(of_the_day).content, client.get("/board/community.png").content
        assert before.startswith(b"\x89PNG")
        assert before != now
        row = world.store.read().entries["entry-0"]
        world.store.commit(editing.hide("community", row, "admin"))
        assert client.get(of_the_day).content == before
        assert client.get("/board/community.png").content not in (before, now)
        assert client.get("/board/community.png?as_of=2020-01-01").status_code == 404
        assert client.get("/board/community.png?as_of=soon").status_code == 404


@pytest.mark.slow
def test_the_picture_is_drawn_once_for_a_change(client: TestClient) -> None:
    answer = client.get("/board/official.png")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
    assert answer.content.startswith(b"\x89PNG")
    again = client.get("/board/official.png", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304
    assert client.get("/board/nobody.png").status_code == 404


@pytest.mark.parametrize(
    ("path", "better"),
    [
        ("/board/official", None),
        ("/board/official/", "../../board/official"),
        ("/board", "./board/official"),
        ("/board/a/b", "../../no_page?address=%2Fboard%2Fa%2Fb"),
        ("/model/x", None),
        ("/model/x/", "../../model/x"),
        ("/model/\r\nx/", "../../model/%0D%0Ax"),
        ("/model", None),
    ],
)
def test_where_addresses_of_plain_pages_lead(path: str, better: str | None) -> None:
    assert better_address(path, ["model"], "leaderboard") == better


def test_text_that_looks_like_an_attribute_stays() -> None:
    text = "a data-tip b target=&#34;_self&#34; href=&#34;./x&#34;"
    assert plain(f"<p>{text}</p>", "official") == f"<p>{text}</p>"
