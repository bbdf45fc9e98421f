"""The page of one model with AppTest: its content, for visible and hidden entries."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.benchmark import JUDGE_KEYS, METRIC_KEYS, SCORED_KEYS
from core.changes import editing, judging, placing
from core.model.entries import API_VERIFIED, Declared, Entry, Judgement
from core.usecases.services import Services
from core.usecases.whereabouts import DELETED, HIDDEN, UNKNOWN
from tests.pages.published_upload import publish_upload
from tests.pages.visited import open_page, own_server, shown

NAME = "**Bold** <b>VLM</b> [x](//y)"
COVERAGE = {
    key: {"records": 1479, "answered": 1479, "scored": 0, "unscored": {"not_judged": 1479},
          "coverage": None}
    for key in JUDGE_KEYS
}  # fmt: skip


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Services:
    found = own_server(tmp_path, monkeypatch)
    publish_upload(found, "first-entry", NAME, b"[1]", coverage=COVERAGE, date="2026-01-02")
    low = dict.fromkeys(SCORED_KEYS, 0.4) | dict.fromkeys(JUDGE_KEYS)
    url = "https://models.example.org/second"
    publish_upload(
        found, "second-entry", "Second", b"[2]", metrics=low, model_url=url, date="2026-01-03",
        declared=Declared(parameters="7B", weights="open", code_url="javascript:alert(1)"),
    )  # fmt: skip
    return found


def html(app: AppTest) -> str:
    return "\n".join(str(part.proto.body) for part in app.get("html"))


def entry(place: Services, entry_id: str) -> Entry:
    found = place.store.read().find(entry_id)
    assert found is not None
    return found[1]


def test_a_model_is_explained_with_rank_neighbours_and_links_and_names_are_text(
    place: Services,
) -> None:
    app = open_page("model", id="second-entry")
    told, markup = shown(app), html(app)
    assert "**2nd of 2 models on the Community board, average rank 1.70.**" in told
    assert "Equally placed in all 7 metrics that count: 2nd of 2." in told
    assert "2 + 2 + 2 + 2 + 2 + 2 + 2 + 1 + 1 + 1 = 17; 17 / 10 = 1.70." in markup
    name = (
        "<bdi>**Bold** &lt;b&gt;VLM&lt;/b&gt; [x](//y)</bdi></a>, whose average rank is 0.70 lower."
    )
    assert name in markup
    assert 'href="./model?id=first-entry"' in markup
    assert 'href="https://models.example.org/second"' in markup
    assert "javascript:" not in markup
    assert "7B · open weights" in markup
    assert NAME not in told


def judge(place: Services, entry_id: str, share: float) -> None:
    """Publish grades of this share of the entry's captions."""
    run = Judgement(
        run_id=f"run-{entry_id}", date="2026-01-04", model="<i>judge</i>",
        metrics=dict.fromkeys(JUDGE_KEYS, 3.2), share=dict.fromkeys(JUDGE_KEYS, share),
        aspects={key: {"R2": 3.456} for key in JUDGE_KEYS},
    )  # fmt: skip
    digest = str(entry(place, entry_id).predictions_sha256)
    place.store.commit(judging.open_run(entry_id, run.run_id, "admin"))
    place.store.commit(judging.publish(entry_id, run, digest, "0" * 64))


def test_the_coverage_of_grades_is_of_all_questions_not_of_the_captions_sent(
    place: Services,
) -> None:
    few = {key: {**COVERAGE[key], "answered": 148} for key in JUDGE_KEYS}
    publish_upload(place, "few-entry", "Few", b"[3]", coverage=few)
    judge(place, "few-entry", 1.0)
    markup = html(open_page("model", id="few-entry"))
    assert markup.count(">10 %<") == len(JUDGE_KEYS)
    assert "Scored on 10 % of this metric" in markup


def test_a_judged_entry_does_not_say_that_it_is_not_judged(place: Services) -> None:
    assert "judge pending" in html(open_page("model", id="first-entry"))
    judge(place, "first-entry", 0.99)
    app = open_page("model", id="first-entry")
    told = shown(app) + html(app)
    assert "1,479" not in told
    assert "not judged" not in told
    assert "judge pending" not in told
    assert "99 %" in html(app)
    assert "3.456" in html(app)
    assert "<i>judge" not in html(app)
    assert "had its captions graded" not in told  # it was first before, and still is


def test_an_entry_added_by_hand_does_not_say_that_its_judge_is_pending(place: Services) -> None:
    values = {**dict.fromkeys(METRIC_KEYS), "cvs_acc": 0.5}
    made = Entry(
        entry_id="by-hand", model_name="By hand", organization="O", metrics=values,
        status=API_VERIFIED, verified_date="2026-01-02",
    )  # fmt: skip
    place.store.commit(placing.add_official(made, "admin"))
    app = open_page("model", id="by-hand")
    assert "pending" not in (shown(app) + html(app)).casefold()
    assert "nor an upload" in shown(app)


def test_of_entries_that_are_not_shown_the_page_tells_that_and_no_more(place: Services) -> None:
    place.store.commit(editing.hide("community", entry(place, "first-entry"), "admin"))
    place.store.commit(placing.delete(entry(place, "second-entry"), "admin", "zebra"))
    for wanted, told in (
        ("first-entry", HIDDEN), ("second-entry", DELETED), ("<b>", UNKNOWN), ("x" * 5000, UNKNOWN),
    ):  # fmt: skip
        app = open_page("model", id=wanted)
        assert [info.value for info in app.info] == [told]
        text = shown(app) + html(app)
        assert "VLM" not in text
        assert "Second" not in text
        assert "zebra" not in text


def test_without_an_address_a_model_is_chosen_from_a_list(place: Services) -> None:
    app = open_page("model")
    assert not app.info
    app.selectbox(key="model_choice").set_value("second-entry").run()
    assert app.query_params["id"] == "second-entry"
    assert "2nd of 2 models" in shown(app)


def test_a_promoted_entry_is_reported_to_who_comes_by_the_old_link(place: Services) -> None:
    place.store.commit(
        placing.promote(entry(place, "first-entry"), "admin", verified_date="2026-05-03")
    )
    (info,) = open_page("model", id="first-entry", board="Community").info
    assert info.value.startswith("The maintainers have verified this model on 2026-05-03")
    assert not open_page("model", id="first-entry").info
