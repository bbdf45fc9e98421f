"""The Compare page with AppTest: by address, by choice, with hidden entries."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.benchmark import JUDGE_KEYS, SCORED_KEYS
from core.changes import editing
from core.usecases.services import Services
from core.usecases.whereabouts import HIDDEN, UNKNOWN
from tests.pages.published_upload import publish_upload
from tests.pages.visited import open_page, own_server, shown

NAMES = ("**One** <b>VLM</b>", "Two", "Three", "Four", "Five")
TRUTH = {"ground_truth_sha256": "0" * 64}


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Services:
    found = own_server(tmp_path, monkeypatch)
    for number, name in enumerate(NAMES):
        values = dict.fromkeys(SCORED_KEYS, 0.9 - number / 10) | dict.fromkeys(JUDGE_KEYS)
        cells = {"cvs_acc": {"AVOS": {"value": 0.5, "n": 200, "records": 200}}}
        publish_upload(
            found, f"entry-00{number}", name, f"[{number}]".encode(), metrics=values,
            by_dataset=cells, **TRUTH,
        )  # fmt: skip
    return found


def html(app: AppTest) -> str:
    return "\n".join(str(part.proto.body) for part in app.get("html"))


def chosen(app: AppTest) -> list[str]:
    return list(app.multiselect(key="compare_models").value)


def test_two_models_are_compared_in_a_sentence_and_in_tables(place: Services) -> None:
    app = open_page("compare", ids="entry-000,entry-001")
    markup = html(app)
    assert (
        "**One** &lt;b&gt;VLM&lt;/b&gt; scores higher than Two on 7 metrics, lower on none; 3 "
        "cannot be compared because a score is missing." in markup
    )
    assert "compare?ids=entry-000,entry-001)" in markup
    assert "<bdi>A: **One** &lt;b&gt;VLM&lt;/b&gt;</bdi>" in markup
    assert 'href="./model?id=entry-001"' in markup
    assert "+0.100" in markup
    assert "0.500 (200)" in markup
    # Beside the verdicts, so that no further column is cut off.
    assert markup.count(">not comparable</td>") == len(JUDGE_KEYS)
    assert "Note" not in markup
    assert NAMES[0] not in shown(app)
    assert not app.warning


def test_the_field_is_the_address_and_the_address_the_field(place: Services) -> None:
    app = open_page("compare", ids="entry-002,entry-000,entry-002")
    assert chosen(app) == ["entry-002", "entry-000"]
    app.multiselect(key="compare_models").set_value(["entry-002", "entry-000", "entry-004"]).run()
    assert app.query_params["ids"] == "entry-002,entry-000,entry-004"
    assert "A against C" in [header.value for header in app.header]
    # The links put another one first.
    assert "./compare?ids=entry-004,entry-002,entry-000" in html(app)
    app.query_params["ids"] = "entry-001,entry-003"  # like the browser's Back
    app.run()
    assert chosen(app) == ["entry-001", "entry-003"]
    app.multiselect(key="compare_models").set_value([]).run()
    assert "ids" not in app.query_params
    assert "Choose two to four models to see" in app.info[0].value


def test_at_most_four_are_compared_and_one_is_not_enough(place: Services) -> None:
    assert len(chosen(open_page("compare", ids=",".join(f"entry-00{n}" for n in range(5))))) == 4
    alone = open_page("compare", ids="entry-003")
    assert [info.value for info in alone.info] == ["Choose one more model."]
    assert not open_page("compare").multiselect(key="compare_models").value


def test_boards_without_two_models_have_nothing_to_choose(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own_server(tmp_path, monkeypatch)
    assert [info.value for info in open_page("compare").info] == [
        "There are no two models on the boards yet."
    ]


def test_entries_that_are_not_shown_are_named_as_such(place: Services) -> None:
    found = place.store.read().find("entry-000")
    assert found is not None
    app = open_page("compare", ids="entry-001,entry-000")
    place.store.commit(editing.hide(*found, "admin"))
    app.run()  # it was hidden while the page was open
    assert chosen(app) == ["entry-001"]
    for ids, told in (
        ("entry-000,entry-001,entry-002", HIDDEN),
        ("<b>,entry-001,entry-002", UNKNOWN),
    ):
        app = open_page("compare", ids=ids)
        assert chosen(app) == ["entry-001", "entry-002"]
        assert any(info.value.endswith(told) for info in app.info)
        assert "One" not in html(app)


def test_scores_of_other_truths_or_boards_carry_a_warning(place: Services) -> None:
    values = dict.fromkeys(SCORED_KEYS, 0.2) | dict.fromkeys(JUDGE_KEYS)
    publish_upload(place, "other-truth", "Other", b"[9]", metrics=values)
    (warning,) = open_page("compare", ids="entry-000,other-truth").warning
    assert "not scored against the same ground truth" in warning.value
