"""The Judge status page with AppTest: every state, for the owner and for others."""

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest
from streamlit.testing.v1 import AppTest

from core.access.submission_keys import hash_key, make_key
from core.benchmark import JUDGE_ASPECTS, JUDGE_KEYS
from core.changes import editing, judging
from core.model.contracts.judge import JudgeProgress
from core.model.entries import Job, Judgement
from core.model.state import now
from core.runs.records import JobFiles
from core.ui.session import current_services
from core.usecases.services import Services
from tests.pages.published_upload import publish_upload
from tests.pages.visited import PARITY, open_page, press, shown, tables

page = partial(open_page, "judge_status")

KEY, SECRET, CANARY = make_key(), "sk-canary-secret", "zebracanary"
NAME = "<img src=x onerror=alert(1)> **Model**"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    """A data folder with one published model, and a judge's key; the truth holds a canary."""
    parity = json.loads(PARITY.read_text(encoding="utf-8"))
    truth = parity["ground_truth"]
    for record in truth:
        for turn in record["conversations"]:
            turn["value"] += f" {CANARY}"
    (tmp_path / "truth.json").write_text(json.dumps(truth), encoding="utf-8")
    monkeypatch.setenv("MEDVIDBENCH_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("MEDVIDBENCH_GROUND_TRUTH", str(tmp_path / "truth.json"))
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    monkeypatch.setenv("MEDVIDBENCH_JUDGE_MODEL", "judge-x")
    found = current_services()
    data = json.dumps(parity["predictions"]).encode()
    publish_upload(found, "submission-1", NAME, data, hash_key(KEY))
    yield found
    for job in found.jobs.list():
        found.jobs.cancel(job.job_id)


def owner(place: Services) -> AppTest:
    app = page(model="submission-1")
    if not app.text_input:
        return app
    app.text_input(key="judge_key").set_value(f" {KEY} ")
    return press(app, "Open")


def labels(app: AppTest) -> list[str]:
    return [button.label for button in app.button]


def put(place: Services, state: str, **changes: Any) -> Job:
    """A judge run with this record, without a process."""
    job = place.jobs.enqueue("judge", "submission-1", "participant")
    files = JobFiles(place.settings.root)
    files.log(job.job_id, *(f"line {number}" for number in range(80)))
    changed = files.change(
        job.job_id, lambda found: msgspec.structs.replace(found, state=state, **changes)
    )
    if changed.done:
        place.store.commit(judging.close_run("submission-1", job.job_id, "ended"))
    return changed


PROGRESS = JudgeProgress(done=1000, total=2487, rate=12.4, cost_usd=0.42)


def judged(
    place: Services, run_id: str = "run-00001", *, flagged: int = 0, **metrics: float
) -> None:
    values: dict[str, float | None] = {"dvc_llm": 2.5, "vs_llm": 3.25, "rc_llm": 4.0}
    made = Judgement(
        run_id=run_id,
        date="2026-11-20",
        model="judge-x-2026-01",
        metrics=values | metrics,
        aspects={key: dict.fromkeys(JUDGE_ASPECTS, 3.0) for key in JUDGE_KEYS},
        share=dict.fromkeys(JUDGE_KEYS, 0.9899),
        rubric_version="1",
        calls=2487,
        cost_usd=1.5,
        flagged=flagged,
    )
    submission = place.store.read().submissions["submission-1"]
    place.store.commit(judging.open_run("submission-1", run_id, "admin"))
    place.store.commit(
        judging.publish("submission-1", made, submission.predictions_sha256, "0" * 64)
    )


def test_nothing_chosen_and_an_unknown_model_are_reported(place: Services) -> None:
    app = page()
    assert "Choose a model" in app.info[0].value
    assert "what a run would take" in app.info[0].value
    assert [NAME in text for text in app.selectbox[0].options] == [True]
    strange = page(model="<script>alert(1)</script>")
    assert "no such model on the boards" in strange.info[0].value
    assert "<script>" not in shown(strange)
    app.selectbox[0].set_value("submission-1").run()
    assert not app.exception
    assert app.query_params["model"] in ("submission-1", ["submission-1"])
    assert NAME in [found.value for found in app.text]  # as plain text
    assert NAME not in "\n".join(e.value for e in app.markdown)


def test_not_started_tells_what_a_run_takes_and_the_owner_starts_it(place: Services) -> None:
    stranger = page(model="submission-1")
    for words in (
        "Not started",
        "Calls ",
        "Tokens, about",
        "Cost, about",
        "Paid by the maintainers",
    ):
        assert words in shown(stranger)
    assert "of today's 10,000 calls (10,000 calls are left today), about" in shown(stranger)
    assert "Start the judge run" not in labels(stranger)
    stranger.text_input(key="judge_key").set_value("mvb-wrong")
    press(stranger, "Open")
    assert "not the submission key" in shown(stranger)
    app, second = owner(place), owner(place)
    press(app, "Start the judge run")
    press(second, "Start the judge run")  # the same click in another tab: no effect
    assert "already" not in shown(second)
    assert "Waiting for its turn" in shown(second)
    (job,) = place.jobs.list()
    assert (job.kind, job.state) == ("judge", "queued")
    assert "Waiting for its turn**, place 1 in the queue" in shown(app)
    assert "You may close this tab" in shown(app)
    other = owner(place)  # a second tab
    assert "Start the judge run" not in labels(other)
    assert SECRET not in shown(app)
    assert CANARY not in shown(app)
    press(app, "Cancel")
    app.run()
    assert place.jobs.list()[0].state == "cancelled"
    assert "**Cancelled**" in shown(app)


def test_more_than_a_whole_day_has_is_not_the_owners_to_start(
    place: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEDVIDBENCH_JUDGE_BUDGET", "20")
    app = owner(place)
    assert "more than the 20 allowed per day for all models together" in shown(app)
    assert "Ask the maintainers" in shown(app)
    assert "The run would stop at the cap" not in shown(app)
    assert "Start the judge run" not in labels(app)


def test_without_a_key_it_says_what_is_missing(
    place: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY")
    app = owner(place)
    assert "No judge is set up here yet" in app.info[0].value
    assert "judge pending" in app.info[0].value
    assert "Start the judge run" not in labels(app)
    assert "A run would take" not in shown(app)
    stranger = page(model="submission-1")
    assert not stranger.text_input  # a key would open nothing


def test_running_shows_numbers_to_all_and_the_log_to_the_owner(place: Services) -> None:
    put(place, "running", judged=PROGRESS, progress=0.4, cost_usd=0.08)
    stranger = page(model="submission-1")
    for words in ("1,000 of 2,487 pairs", "12.4 calls/s", "2 min", "0.50 USD", "close this tab"):
        assert words in shown(stranger)
    assert "line 79" not in shown(stranger)
    assert "Cancel" not in labels(stranger)
    app = owner(place)
    assert "Cancel" in labels(app)
    assert "line 50\n" in shown(app)
    assert "line 49\n" not in shown(app)


@pytest.mark.parametrize("state", ["failed", "interrupted", "incomplete", "cancelled"])
def test_an_end_without_a_result_says_why_and_offers_resume(place: Services, state: str) -> None:
    reason = "incomplete: 2,391 of 2,487 scored, 96 failed (time-out 90, unreadable 6)"
    put(place, state, error=reason, judged=PROGRESS, calls=1000, ended=now())
    stranger = page(model="submission-1")
    assert f"**{state.capitalize()}**" in shown(stranger)
    assert "nothing was published" in shown(stranger).lower()
    assert "Resume" not in labels(stranger)
    assert (reason[1:] in shown(stranger)) is (state == "incomplete")
    app = owner(place)
    assert (reason[1:] in shown(app)) is (state != "cancelled")
    assert "line 30\n" in shown(app)
    assert "line 29\n" not in shown(app)
    press(app, "Resume")
    (job,) = place.jobs.list()
    assert (job.state, job.attempt, job.calls) == ("queued", 2, 1000)
    assert "Waiting for its turn" in shown(app)


def test_an_owner_reads_that_a_setting_is_the_servers_to_change(place: Services) -> None:
    reason = "failed: The judge's endpoint does not accept the key (401). Set OPENAI_API_KEY to a"
    put(place, "failed", error=reason, judged=PROGRESS, ended=now())
    assert "The settings and the key named there are this server’s" in shown(owner(place))
    assert "this server’s" not in shown(page(model="submission-1"))


def test_completed_shows_scores_aspects_share_model_and_ranks(place: Services) -> None:
    publish_upload(place, "submission-2", "Another", b"[]", hash_key(KEY))
    judged(place)
    app = page(model="submission-1")
    for words in (
        "DVC_llm 2.500 98.9 % graded",
        "VS_llm 3.250",
        "RC_llm 4.000",
        "judge-x-2026-01, 20 Nov 2026",
        "Among today’s 2 models of the Community board: **1st** now",
        "Where are the captions strong",
        "Rubric version: 1",
        "Calls: 2,487",
    ):
        assert words in shown(app)
    assert len(app.get("vega_lite_chart")) == 1
    assert not app.text_input
    assert "Start the judge run" not in labels(app)
    judged(place, "run-00002", vs_llm=1.0)
    again = page(model="submission-1")
    assert "Earlier judge runs" in shown(again)
    assert "3.250" in str(tables(again)[0])
    assert "VS_llm 1.000" in shown(again)


def test_the_board_says_who_graded_an_entry(place: Services) -> None:
    address = {"id": "submission-1"}
    assert "Judge pending: the captions are not graded yet." in shown(open_page("model", **address))
    judged(place)
    app = open_page("model", **address)
    assert "judge-x-2026-01" in [found.value for found in app.text]  # as plain text
    assert (
        "rubric version 1 · on 20 Nov 2026 · graded 98.9 % for DVC_llm, 98.9 % for VS_llm, "
        "98.9 % for RC_llm · 2,487 calls · 1.50 USD"
    ) in [found.value for found in app.caption]
    judged(place, "run-00002", vs_llm=1.0)
    (told,) = [c.value for c in open_page("model", **address).caption if "2,487 calls" in c.value]
    assert told.endswith("after 1 earlier run")
    (entry,) = place.store.read().community
    edit = editing.edit("community", entry, {"metrics.vs_llm": 2.0}, "admin")
    place.store.commit(edit)
    assert "edited by the maintainers since" in shown(open_page("model", **address))


def test_a_run_on_another_machine_is_reported_and_not_started_again(place: Services) -> None:
    place.store.commit(judging.open_run("submission-1", "elsewhere-1", "participant"))
    app = owner(place)
    assert "in progress on another machine" in shown(app)
    assert "Start the judge run" not in labels(app)


def test_a_published_result_without_an_upload_says_so(
    place: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MEDVIDBENCH_GROUND_TRUTH")
    monkeypatch.delenv("OPENAI_API_KEY")
    demo = current_services()
    app = page()
    assert "Demo data" in shown(app)
    assert "No judge is set up here yet" in shown(app)
    official = next(iter(demo.store.read().official))
    app = page(model=official.entry_id)
    assert "came with the published results" in shown(app)
    assert not app.button
    # Neither graded nor gradable: listed only if named in the address.
    gone = dict.fromkeys([f"metrics.{key}" for key in JUDGE_KEYS])
    demo.store.commit(editing.edit("official", official, gone, "admin"))
    others = page().selectbox[0].options
    assert not [text for text in others if text.startswith(official.model_name)]
    asked = page(model=official.entry_id).selectbox[0].options
    assert f"{official.model_name} · Official · not judged" in asked
    assert len(asked) == len(others) + 1


@pytest.mark.parametrize("flagged", [0, 2])
def test_an_owner_reads_the_log_of_a_run_whose_scores_arrived(
    place: Services, flagged: int
) -> None:
    app = owner(place)
    put(place, "completed", judged=PROGRESS, ended=now())
    judged(place, flagged=flagged)
    told = shown(app.run())
    assert ("the maintainers need to review them" in told) is (flagged > 0)
    assert ("judge-x-2026-01, 20 Nov 2026" in told) is (flagged == 0)
    assert "line 79" in told
    assert "line 79" not in shown(page(model="submission-1"))


def test_a_model_of_another_truth_is_not_started_and_says_why(place: Services) -> None:
    publish_upload(
        place, "submission-3", "Other", b"[]", hash_key(KEY), ground_truth_sha256="0" * 64
    )
    app = page(model="submission-3")
    app.text_input(key="judge_key").set_value(KEY)
    press(app, "Open")
    assert "scored against a different ground truth" in shown(app)
    assert "Start the judge run" not in labels(app)
    assert "A run would take" not in shown(app)


def test_values_that_the_maintainers_edited_are_marked(place: Services) -> None:
    judged(place)
    (entry,) = place.store.read().community
    place.store.commit(editing.edit("community", entry, {"metrics.vs_llm": 2.0}, "admin"))
    assert "The maintainers edited these values after the run." in shown(page(model="submission-1"))
