"""The admin page with AppTest: the inbox, with counts and one click to act."""

from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest
from streamlit.testing.v1 import AppTest

from core.benchmark import METRIC_KEYS
from core.changes import submitting
from core.errors import RefusedError
from core.files.ids import new_id
from core.model.entries import Job, Submission
from core.model.state import now
from core.runs.records import JobFiles, result_files
from core.usecases import inbox, moderate
from core.usecases.services import Services
from tests.pages.admin_pages import demo_server, first, opened, told
from tests.pages.published_upload import publish_upload
from tests.pages.visited import open_page, press


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Services:
    return demo_server(tmp_path, monkeypatch)


def failed(place: Services, name: str, **fields: Any) -> Job:
    """A job that ended with an error just now; its upload is kept."""
    made = Submission(
        submission_id=new_id(), model_name=name, organization="Lab", created=now(),
        key_hash="0" * 64, predictions_sha256=name, records=100,
    )  # fmt: skip
    files = result_files(place.settings.root, made.submission_id)
    files.folder.mkdir(parents=True)
    files.upload.write_bytes(b"kept")
    place.store.commit(submitting.submit(made, "participant"))
    job = place.jobs.enqueue("evaluation", made.submission_id)
    done = {"state": "failed", "ended": now(), "error": "The machine ended it.", **fields}
    change = msgspec.structs.replace(job, **done)
    return JobFiles(place.settings.root).change(job.job_id, lambda _job: change)


def surplus(place: Services) -> None:
    """An entry whose TAG@0.3 is held."""
    publish_upload(
        place, "grid-entry", "Grid", b"[]",
        metrics=dict.fromkeys(METRIC_KEYS) | {"tag_miou_03": 0.8},
        strict={"tag_miou_03": 0.001}, surplus={"tag_miou_03": {"answers": 90, "largest": 1400}},
    )  # fmt: skip


def tabs(app: AppTest) -> list[str]:
    (tab,) = [group for group in app.get("button_group") if group.proto.label == "Part"]
    return [option.content for option in tab.proto.options]


def headings(app: AppTest) -> list[str]:
    return [heading.value for heading in app.header]


def waiting(place: Services) -> inbox.Inbox:
    return inbox.waiting(place, place.store.read())


def test_an_empty_inbox_comes_first_and_says_so(place: Services) -> None:
    app = opened("")
    assert tabs(app)[0] == "Inbox"
    assert "Nothing is waiting for you." in [done.value for done in app.success]


def test_a_failed_job_is_counted_run_again_dismissed_and_listed_again_when_it_fails_again(
    place: Services,
) -> None:
    job = failed(place, "**Broken** <b>VLM</b>")
    app = opened("Inbox")
    assert (tabs(app)[0], headings(app)) == ("Inbox (1)", ["Failed jobs (1)"])
    assert "Evaluation failed: The machine ended it." in told(app)
    press(app, "Dismiss", f"dismiss_failed_{job.job_id}")
    assert (tabs(app)[0], headings(app)) == ("Inbox", [])
    press(app, "Dismiss", next(b.key for b in app.button if b.label == "Dismiss"))  # the bar
    place.jobs.rerun(job.job_id, actor="admin")
    with pytest.raises(RefusedError, match="This job is queued now"):
        inbox.dismiss(place, place.jobs.get(job.job_id), "admin")
    end = partial(msgspec.structs.replace, state="failed", ended=now(), error="Again.")
    JobFiles(place.settings.root).change(job.job_id, end)
    press(app.run(), "Run again", f"Run again_inbox_{job.job_id}")
    press(app, "Run again", "ask_confirm")
    assert place.jobs.get(job.job_id).attempt == 3
    assert headings(app) == []


def test_old_and_replaced_failures_are_not_listed(place: Services) -> None:
    old = (datetime.now(UTC) - timedelta(days=8)).isoformat()
    failed(place, "Old", ended=old)
    replaced = failed(place, "Replaced")
    place.jobs.enqueue("evaluation", replaced.submission_id)
    assert waiting(place).failed == ()


def test_held_scores_are_kept_held_or_hidden_and_come_back_when_that_is_undone(
    place: Services,
) -> None:
    surplus(place)
    app = opened("Inbox")
    assert headings(app) == ["Surplus segments (1)"]
    press(app, "Review", "Review_surplus_grid-entry")
    press(app, "Hide the entry")
    assert place.store.read().find("grid-entry")[1].hidden
    assert waiting(place).count == 0
    press(app, "Undo")
    assert not place.store.read().find("grid-entry")[1].hidden
    assert headings(app) == ["Surplus segments (1)"]
    press(app, "Review", "Review_surplus_grid-entry")
    press(app, "Keep held")
    assert waiting(place).count == 0
    assert place.store.read().find("grid-entry")[1].surplus_seen is None  # still not counted
    assert "stay held" in told(app)
    acts = [line.act["act"] for line in place.store.lines() if line.kind == "acted"]
    assert acts == [inbox.HIDE, inbox.KEEP_HELD]


def test_hiding_an_entry_that_is_hidden_already_offers_no_undo(place: Services) -> None:
    surplus(place)
    moderate.hide(place, "community", place.store.read().find("grid-entry")[1], "admin")
    app = press(opened("Inbox"), "Review", "Review_surplus_grid-entry")
    press(app, "Hide the entry")
    assert "is hidden already. Its scores stay held." in told(app)
    assert not [button for button in app.button if button.label == "Undo"]
    assert waiting(place).count == 0
    assert [line.kind for line in place.store.lines()].count("hide") == 1


@pytest.mark.parametrize("late", ["Keep held", "Hide the entry"])
def test_scores_that_another_admin_let_count_are_not_said_to_be_held(
    place: Services, late: str
) -> None:
    surplus(place)
    apps = [press(opened("Inbox"), "Review", "Review_surplus_grid-entry") for _ in range(2)]
    press(apps[0], "Let the scores count", "ask_confirm")
    press(apps[1], late)
    assert "stay held" not in told(apps[1])
    assert "This has changed. Close and reload." in told(apps[1])
    assert not place.store.read().find("grid-entry")[1].hidden
    press(apps[0], "Undo")
    assert waiting(place).count == 1  # it has to be decided again


def test_the_tab_is_in_the_address_without_its_count(place: Services) -> None:
    failed(place, "Broken")
    app = opened("Inbox")
    app.segmented_control(key="admin_tab").set_value("Community").run()
    assert app.query_params["part"] == "Community"
    assert first(place, "community").model_name in told(app)
    again = open_page("admin", part="Inbox (1)")  # no tab's name
    assert not again.exception


def test_a_dialog_does_not_open_again_over_another_tab_or_in_another_visit(
    place: Services,
) -> None:
    """Streamlit lost the click that closed it, or the browser went back meanwhile."""
    app = press(opened(), "Add an entry")
    assert [one.proto.dialog.title for one in app.get("dialog")] == [
        "Add an entry to the Official board"
    ]
    app.run()
    assert app.get("dialog")  # the same tab: it stays
    for part in ("Settings", "Official board"):
        app.segmented_control(key="admin_tab").set_value(part).run()
        assert app.get("dialog") == []
    press(app, "Add an entry")
    assert app.get("dialog")
    app.session_state["page_came"] = True  # as core.ui.navigation says
    app.run()
    assert app.get("dialog") == []
