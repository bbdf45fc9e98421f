"""What happens rarely in the records and use cases: each by one example."""

import asyncio
import logging
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from core.access.session import Door, Session
from core.access.submission_keys import Proof, hash_key
from core.benchmark import METRIC_BY_KEY, METRIC_KEYS
from core.changes import submitting, taken_names, undoing
from core.changes.effects import Effect, between
from core.cluster import worker
from core.errors import ChangedError, RefusedError
from core.mirror import paths
from core.model.entries import Job, JudgeProgress
from core.model.names import same_name
from core.model.policy import DEFAULT
from core.model.state import made_state
from core.model.statistics import BoardStatistics, EntryFigures, MetricFigures
from core.publish.board.figures import metric_words
from core.publish.board.words import ROWS_AT_ONCE
from core.publish.explore import over_time
from core.publish.plain import first
from core.ranking.board import rank_board
from core.runs.records import JobFiles
from core.settings import load
from core.store.store import Store
from core.usecases import (
    audit,
    audit_words,
    contact_warning,
    forget,
    own_versions,
    rank_moves,
    report_problem,
    server_state,
    sign_in,
    statistics,
    submit,
    whereabouts,
)
from core.usecases.job_view import job_view
from core.usecases.judge_view import usual_rate
from core.usecases.report_problem import Complaint
from core.usecases.services import Services
from core.usecases.teams import may_be_one_team
from core.web.addresses import Addresses
from core.web.stranger_log import OnceAMinute
from tests.core import explore_world
from tests.core.rules_world import nothing
from tests.core.services_world import world
from tests.core.store_world import entry, many_changes, publish, submission


@pytest.fixture
def services(tmp_path: Path) -> Services:
    found = world(tmp_path)
    publish(found.store, 1)
    return found


def job(number: int, **more: Any) -> Job:
    given: dict[str, Any] = {
        "job_id": f"job-{number:018}",
        "kind": "judge",
        "submission_id": "submission-1",
        "state": "completed",
        "created": f"2026-11-2{number}T12:00:00Z",
    }
    return Job(**{**given, **more})


def test_names_of_blanks_only_are_refused_and_blanks_of_any_script_look_alike() -> None:
    assert same_name("Alpha 7B", "Alpha\u16807B")  # the blank of the Ogham script
    state = made_state(community=(entry(1),))
    assert taken_names.name_problem(state, "\u200b\u2060") == taken_names.name_problem(state, " ")
    assert taken_names.name_problem(state, " ") is not None


def test_a_submission_that_is_there_is_not_given_up_by_a_second_one(services: Services) -> None:
    state = services.store.read()
    act = submitting.submit(submission(1), "participant").act
    at = submitting.At("again", "participant", "2026-11-27T00:00:00.000Z", nothing)
    assert act.refused(state, at, "The name is taken.") is state


def test_a_row_that_is_written_again_as_it_was_is_no_effect(services: Services) -> None:
    state = services.store.read()
    row = dict(state.entries.rows["entry-1"])
    same = replace(state, entries=state.entries.with_rows({"entry-1": row}))
    assert list(between(state, same, forget=False)) == []


def test_undo_of_a_change_that_nobody_made_is_refused(services: Services) -> None:
    before = services.store.read()
    with pytest.raises(RefusedError):
        services.store.commit(undoing.undo("no-such-change", "admin"))
    assert services.store.read() == before


def test_the_rate_is_of_the_last_complete_run_and_a_failed_one_is_a_trouble(
    services: Services,
) -> None:
    files = JobFiles(services.settings.root)
    for number, rate in ((1, 2.0), (2, 4.0), (3, 0.0)):
        files.create(job(number, judged=JudgeProgress(done=1, total=1, rate=rate, cost_usd=0)))
    assert usual_rate(services) == 4.0
    assert "the last judge run failed" not in server_state.troubles(services)
    files.create(job(4, state="failed", error="It failed."))
    assert "the last judge run failed" in server_state.troubles(services)


def test_a_full_disk_is_a_trouble(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "disk space is low" not in server_state.troubles(services)
    monkeypatch.setattr(server_state.health, "LOW_BYTES", 1 << 62)
    assert "disk space is low" in server_state.troubles(services)


def test_a_job_whose_submission_was_erased_has_no_page(services: Services) -> None:
    JobFiles(services.settings.root).create(job(1, submission_id="submission-9"))
    assert job_view(services, job(1).job_id, None) is None


def test_nothing_is_erased_while_its_job_runs() -> None:
    with pytest.raises(RefusedError, match="Cancel it, or wait"):
        forget._refuse_running([job(1), job(2, state="running")])
    forget._refuse_running([job(1)])


def test_only_the_last_changes_of_an_order_are_looked_at(services: Services) -> None:
    publish(services.store, 2)
    found = services.store.read().entries["entry-1"]
    many_changes(services.store, services.settings.root, found, rank_moves._LOOKED_AT + 10)
    lines = services.store.lines()
    steps = list(rank_moves.steps(services.store.read(), lines, "community"))
    assert len(steps) == rank_moves._LOOKED_AT


def test_reports_of_many_readers_are_limited_too(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = Complaint("entry-1", report_problem.REASONS[0], "This is a copy of another model.", "")
    monkeypatch.setattr(report_problem, "IN_ALL", 1)
    report_problem.send(services, told, "reader-1")
    with pytest.raises(RefusedError, match="Too many reports came in today"):
        report_problem.send(services, told, "reader-2")
    assert len(services.store.read().reports) == 1


def test_an_account_that_is_no_admin_s_opens_nothing_and_leaves_no_trace(tmp_path: Path) -> None:
    found = load({"MEDVIDBENCH_ADMINS": "4711"}, {"MEDVIDBENCH_DATA_DIR": str(tmp_path)})
    store, session = Store(found.root), Session()
    eve = {"is_logged_in": True, "sub": "4712"}
    assert not sign_in.enter(store, Door(found), session, eve, None)
    assert (session.actor, store.lines()) == ("", [])


def test_what_is_not_on_a_board_is_not_compared_or_replaced(services: Services) -> None:
    state = services.store.read()
    assert statistics.pair_differences(state, "entry-1", "entry-9") is None
    assert statistics.pair_differences(state, "entry-9", "entry-1") is None
    official = made_state(official=(entry(2),))
    assert submit._version_problems(official, "entry-2") == {}
    found = state.entries["entry-1"]
    assert whereabouts._version_note(state, found.upload_id, "entry-1") == ""
    assert "earlier version" in whereabouts._version_note(state, "submission-0", "entry-1")


def test_teams_without_a_submitter_or_contact_are_told_apart_by_name(services: Services) -> None:
    for number, team in ((2, "One"), (3, "Two"), (4, "one")):
        made = submission(number, organization=team)
        services.store.commit(submitting.submit(made, "p"))
        row = entry(number, organization=team, submission_id=made.submission_id)
        services.store.commit(submitting.add(made.submission_id, row))
    found = services.store.read().entries
    assert not may_be_one_team(services, services.store.read(), found["entry-2"], found["entry-3"])
    assert may_be_one_team(services, services.store.read(), found["entry-2"], found["entry-4"])


def test_many_tries_under_one_contact_are_reported_with_their_names(services: Services) -> None:
    store = services.store
    created = datetime.now(UTC).isoformat()
    for number in range(10, 15):
        ref, own = f"contact-0000{number}", f"submission-{number}"
        store.add_personal({"contact": "Ada@x.example "}, ref)
        made = submission(number, contact_ref=ref, submitter=f"address-{number}", created=created)
        store.commit(submitting.submit(made, "p"))
        store.commit(submitting.add(own, entry(number, entry_id=own)))
    contact_warning.report_shared(store, "submission-14")
    (report,) = store.read().reports
    said = store.personal(report.contact_ref)["text"]
    assert "5 tries of different submitters" in said
    assert "“Model 10”" in said
    assert "x.example" not in said


def test_going_back_from_a_version_that_was_replaced_meanwhile_is_refused(
    services: Services,
) -> None:
    made = submission(5, key_hash=hash_key("mvb-mine"))
    services.store.commit(submitting.submit(made, "p"))
    services.store.commit(submitting.add("submission-5", entry(5, entry_id="submission-5")))
    with pytest.raises(ChangedError, match="another version now"):
        own_versions.keep_old(services, "submission-5", "submission-4", Proof(("mvb-mine",)))


def test_the_audit_names_settings_that_came_and_texts_that_look_the_same() -> None:
    (came,) = audit._came_or_went(Effect("settings", "policy", None, {"a": 1}))
    (went,) = audit._came_or_went(Effect("settings", "policy", {"a": 1}, None))
    assert (came, went) == (
        ("settings", "the defaults", "set"),
        ("settings", "set", "the defaults"),
    )
    assert audit_words._changed("setting quota", "3", "3") == "setting quota 3"


def test_a_redirect_keeps_what_was_asked() -> None:
    sent: list[Any] = []

    async def nobody(*_arguments: Any) -> None:
        raise AssertionError("the request was passed on")

    async def send(message: Any) -> None:
        sent.append(message)

    def goes_to(query: bytes) -> bytes:
        scope = {"type": "http", "method": "GET", "path": "/Model", "query_string": query}
        sent.clear()
        asyncio.run(Addresses(nobody, ["model"], "leaderboard")(scope, nobody, send))
        return dict(sent[0]["headers"])[b"location"]

    assert goes_to(b"id=entry-1") == b"./model?id=entry-1"
    assert goes_to(b"") == b"./model"


def test_the_log_forgets_the_oldest_kinds_of_strangers_messages() -> None:
    once = OnceAMinute(clock=lambda: 0.0)

    def passes(text: str) -> bool:
        return once.filter(logging.LogRecord("x", logging.WARNING, "x", 1, text, (), None))

    assert all(passes(f"kind {number}") for number in range(150))
    assert len(once._last) == 100
    assert not passes("kind 149")
    assert passes("kind 0")


def test_a_long_table_of_the_first_answer_has_the_rows_of_a_screen_first() -> None:
    def table(rows: int) -> str:
        return "<table><tbody>" + "<tr><td>x</td></tr>" * rows + "</tbody></table>"

    assert first._parted(table(ROWS_AT_ONCE)) == table(ROWS_AT_ONCE)
    parted = first._parted(table(ROWS_AT_ONCE + 3))
    before, after = parted.split('</tbody><tbody class="rest">')
    assert (before.count("<tr>"), after.count("<tr>")) == (ROWS_AT_ONCE, 3)
    assert parted.replace('</tbody><tbody class="rest">', "") == table(ROWS_AT_ONCE + 3)


def test_one_commit_to_the_mirror_takes_so_many_files_and_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    local = paths.Local({f"results/{n}/scores.json": f"1.{100}" for n in range(5)}, frozenset())
    assert len(paths.to_push(tmp_path, local, {}, most=3)) == 3
    monkeypatch.setattr(paths, "MOST_BYTES", 150)
    assert len(paths.to_push(tmp_path, local, {})) == 2  # the one that goes over is the last


def test_a_worker_ends_only_its_own_tasks() -> None:
    worker.end("job-x.1")
    assert worker._running == {}


def test_real_boards_in_the_demo_s_folder_are_named_at_the_start(tmp_path: Path) -> None:
    found = load({}, {"MEDVIDBENCH_DATA_DIR": str(tmp_path)})
    assert found.demo
    assert "are not shown" not in str(found.in_words())
    (tmp_path / "leaderboard.json").write_text("[]")
    assert "are not shown" in str(found.in_words())


def test_a_note_of_the_statistics_is_beside_its_value() -> None:
    one = MetricFigures(n=648, units=40, reason="Too few recordings.", note="One dataset only.")
    figures = BoardStatistics(
        schema=1,
        board="official",
        stands_for="",
        entries={"entry-1": EntryFigures(metrics=dict.fromkeys(METRIC_KEYS, one))},
    )
    (standing,) = rank_board("official", (entry(1),), DEFAULT).standings
    said = metric_words(figures, standing, METRIC_BY_KEY["cvs_acc"])
    assert said == "Too few recordings. One dataset only."


def test_where_no_entry_has_a_date_no_line_leads_to_one() -> None:
    found = explore_world.models(
        *(explore_world.entry(n, 0.5, verified_date=None, date=None) for n in range(2))
    )
    chart = over_time.over_time(found, METRIC_KEYS[0], {})
    assert len(over_time.moments(found, METRIC_KEYS[0])) == 2
    assert over_time.best_so_far(over_time.moments(found, METRIC_KEYS[0]), METRIC_KEYS[0]) == ()
    assert '"rule"' not in str(chart.spec)
