"""Edges that a store, a server or a use case meets rarely: each by one example."""

import getpass
import io
import math
import os
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest

from core.access import __main__ as access_command
from core.access import attempts
from core.changes import auditing, judging, settings, submitting
from core.changes.effects import Effect
from core.errors import RefusedError, StoreError
from core.model.contracts.review import Review
from core.model.names import name_keys
from core.model.policy import Policy, Track
from core.model.state import made_state
from core.ranking.draws import weights
from core.settings import load
from core.store import journal
from core.store.lines import read_lines
from core.store.recent import recent_lines
from core.ui.session import VisitorSession
from core.usecases import audit, inbox, moderate, rank_moves, rescore, undo, whereabouts
from core.usecases.job_view import job_view
from core.usecases.judge_view import usual_rate
from core.usecases.services import Services
from core.usecases.submit import CheckedFile, _file_problem
from core.usecases.teams import may_be_one_team
from core.web.board_picture import BoardPictures
from core.web.closing import Closing
from core.web.figures import FiguresKeeper
from core.web.supervisor import TEMPORARY, TIDY_EVERY_S, Supervisor
from tests.core.services_world import world
from tests.core.store_world import entry, publish, submission
from tests.core.test_judge_changes import judgement


@pytest.fixture
def services(tmp_path: Path) -> Services:
    found = world(tmp_path)
    publish(found.store, 1)
    return found


def test_the_newest_lines_are_read_without_the_one_that_was_cut(services: Services) -> None:
    root = services.settings.root
    publish(services.store, 2)
    whole = services.store.lines()
    assert recent_lines(root) == whole
    assert recent_lines(root, 3000) == whole[-len(recent_lines(root, 3000)) :]
    assert 0 < len(recent_lines(root, 3000)) < len(whole)
    assert recent_lines(root / "none") == []


def test_a_line_of_another_form_is_none_of_ours(services: Services) -> None:
    data = (services.settings.root / "journal.jsonl").read_bytes()
    assert read_lines(data) is not None
    assert read_lines(data.replace(b'"schema":', b'"schema":9', 1)) is None


def test_an_id_is_found_as_such_and_not_in_an_incomplete_line(services: Services) -> None:
    path = services.settings.root / "journal.jsonl"
    data = path.read_bytes()
    wanted = services.store.lines()[-1].id
    assert [line.id for line in journal.named(data, wanted, path)] == [wanted]
    assert list(journal.named(data[:-1], wanted, path)) == []
    assert list(journal.named(data, services.store.lines()[0].writer, path)) == []


def test_blanks_of_any_kind_look_alike_in_names() -> None:
    assert name_keys("A\u3000B") == name_keys("A B")


def test_the_only_unit_of_all_is_in_every_draw() -> None:
    assert weights([("A", 1)], 3, np.random.default_rng(1)).tolist() == [[1.0, 1.0, 1.0]]


@pytest.mark.parametrize(
    ("typed", "told", "status"),
    [
        (["one", "two"], "The passwords differ. Start again.", 1),
        ([" ", " "], "The password is empty. Type one.", 1),
        (["right", "right"], "ADMIN_PASSWORD='", 0),
    ],
)
def test_a_password_is_typed_twice(
    typed: list[str],
    told: str,
    status: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    answers = iter(typed)
    monkeypatch.setattr(sys, "stdin", Terminal())
    monkeypatch.setattr(getpass, "getpass", lambda _prompt: next(answers))
    assert access_command.main(["hash"]) == status
    said = capsys.readouterr()
    assert told in said.out + said.err
    assert access_command.main(["verify"]) == 2


def test_what_changed_nothing_is_not_undone_and_a_waiting_job_not_dismissed(
    services: Services,
) -> None:
    told = auditing.acted("x", "y", "admin")
    policy = services.store.read().policy
    same = settings.set_policy(policy, policy, "admin")
    services.store.commit(told)
    services.store.commit(same)
    with pytest.raises(RefusedError, match="This changed nothing"):
        undo.undo(services, same.id, "admin")
    services.store.commit(submitting.submit(submission(2), "participant"))
    job = services.jobs.enqueue("evaluation", "submission-2")
    with pytest.raises(RefusedError, match="This job is queued now"):
        inbox.dismiss(services, job, "admin")
    assert usual_rate(services) is None
    assert job_view(services, "no-such-job", None) is None


def test_a_long_change_is_cut_and_first_settings_tell_only_what_differs(
    services: Services,
) -> None:
    state = services.store.read()
    new = Policy(quota_per_day=7, tracks=(Track(name="Spring", required=("team",)),))
    services.store.commit(settings.set_policy(state.policy, new, "admin"))
    found = {what: (old, new) for what, old, new in audit.records(services.store)[0].changes}
    assert found["setting quota_per_day"] == ("3", "7")
    assert "Spring" in found["setting tracks"][1]
    assert audit._text([{"a": 1}, {"b": 2}]) == "2 items"
    assert audit._text([{"a": 1}]) == "1 item"
    before, after = ({f"field {n}": value for n in range(99)} for value in ("a", "b"))
    cut = list(audit._changes([Effect("entries", "entry-1", before, after)]))
    assert (len(cut), cut[-1]) == (41, ("more", "—", "not shown"))


def test_entries_that_were_not_submitted_here_are_not_scored_again(services: Services) -> None:
    state = services.store.read()
    (found,) = state.community
    assert rescore._blocked(services, state, found) == "it has no submission."
    made = msgspec.structs.replace(found, submission_id="submission-1")
    assert rescore._blocked(services, state, made) == "its upload is not kept here."
    with pytest.raises(RefusedError, match="no longer on the boards"):
        rescore._entry(state, "no-such-entry")


def test_models_of_one_contact_or_submitter_may_be_of_one_team(services: Services) -> None:
    for number, team in ((4, "One"), (5, "Two")):
        made = submission(number, submitter=f"address-{number}", organization=team)
        services.store.commit(submitting.submit(made, "p"))
        row = entry(number, organization=team)
        services.store.commit(submitting.add(made.submission_id, row))
    state = services.store.read()
    a, b = state.entries["entry-4"], state.entries["entry-5"]
    assert not may_be_one_team(services, state, a, b)
    theirs = msgspec.structs.replace(b, submission_id="submission-4")
    ours = msgspec.structs.replace(a, submission_id="submission-4")
    assert may_be_one_team(services, state, ours, theirs)


def test_a_model_that_went_back_to_the_community_board_is_found_there() -> None:
    state = made_state(community=(entry(1),), official=(entry(2, verified_date=None),))
    found = whereabouts.whereabouts(state, "entry-1", "official")
    assert isinstance(found, whereabouts.Found)
    assert found.note == "This model is now on the Community board."
    found = whereabouts.whereabouts(state, "entry-2", "community")
    assert isinstance(found, whereabouts.Found)
    assert found.note.startswith("The maintainers have verified this model: it has moved")


def test_a_file_that_was_not_checked_is_chosen_again(services: Services) -> None:
    unchecked = CheckedFile(b"x", False, 0, checked=False)
    wrong = replace(unchecked, checked=True)
    assert "Choose it again" in (_file_problem(unchecked, services.settings) or "")
    assert "correct it" in (_file_problem(wrong, services.settings) or "")


def test_ranks_move_by_a_judge_run_and_by_several_changes_at_once(services: Services) -> None:
    store = services.store
    made = submission(2, predictions_sha256="1" * 64)
    store.commit(submitting.submit(made, "p"))
    row = entry(2, 0.5, entry_id="submission-2", predictions_sha256="1" * 64)
    store.commit(submitting.add("submission-2", row))
    before = len(store.lines())
    store.commit(judging.open_run("submission-2", "run-00001", "participant"))
    store.commit(judging.publish("submission-2", judgement(), "1" * 64, "2" * 64))
    found = list(rank_moves.steps(store.read(), store.lines()[before:], "community"))
    assert [step.what for step in found] == ["judged"]
    several = replace(found[0], others=2)
    (move,) = rank_moves.moves(store.read(), (several,), "community", "submission-2")
    assert "(and 2 more)" in str(move)


def test_threads_that_were_never_started_stop_at_once(services: Services) -> None:
    FiguresKeeper(services).stop()
    assert BoardPictures(services).png("official") is None  # nobody is on it


def test_the_supervisor_removes_old_scratch_folders_and_reports_bugs_with_their_place(
    services: Services, caplog: pytest.LogCaptureFixture
) -> None:
    supervisor = Supervisor(services)
    temporary = services.settings.data_dir / TEMPORARY
    old, new = temporary / "old", temporary / "new"
    for folder in (old, new):
        folder.mkdir(parents=True)
    os.utime(old, (time.time() - TIDY_EVERY_S - 60,) * 2)
    supervisor._tidy()
    assert (old.exists(), new.exists()) == (False, True)
    supervisor._tell(StoreError("The disk is full."))
    supervisor._tell(ZeroDivisionError("a bug"))
    assert [bool(record.exc_info) for record in caplog.records] == [False, True]
    assert "The disk is full." in caplog.text
    supervisor._stop.set()
    supervisor._until_done("never said", lambda: None)
    assert "never said" not in caplog.text


@pytest.fixture
def handlers() -> Iterator[None]:
    before = {one: signal.getsignal(one) for one in (signal.SIGTERM, signal.SIGINT)}
    yield
    for one, handler in before.items():
        signal.signal(one, handler)


def test_a_signal_whose_default_was_to_end_still_closes_in_good_order(handlers: None) -> None:
    closed: list[bool] = []
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    closing = Closing(lambda: closed.append(True))
    closing.listen()
    signal.raise_signal(signal.SIGTERM)  # no handler before: only noted
    assert closing.asked
    closing.close()
    assert closed == [True]


def test_a_session_keeps_the_last_checks_and_each_key_once() -> None:
    session, ran = VisitorSession(), list[int]()

    def check(number: int) -> Review:
        def run() -> Review:
            ran.append(number)
            return Review("ready", True, 1, "", (), (), (), ())

        return session.check(f"file-{number}", b"%d" % number, run)

    for number in (0, 1, 2, 3, 0, 4, 0):
        check(number)
    assert ran == [0, 1, 2, 3, 4, 0]  # the first was forgotten for the fifth
    for key in ("mvb-a", "", "mvb-a", "mvb-b"):
        session.add_key(key)
    assert session.keys == ["mvb-a", "mvb-b"]


def test_notes_of_an_admin_are_short_and_plain() -> None:
    assert moderate._note("reason", "  two\n words ") == "two words"
    for text in ("x" * 5000, "a\x00b"):
        with pytest.raises(RefusedError) as refused:
            moderate._note("reason", text)
        assert list(refused.value.problems) == ["reason"]


def test_a_space_knows_its_own_address() -> None:
    assert load({}, {"SPACE_HOST": "Lab-Board.hf.space"}).url == "https://lab-board.hf.space"
    own = {"SPACE_HOST": "lab-board.hf.space", "MEDVIDBENCH_URL": "https://board.example.org"}
    assert load({}, own).url == "https://board.example.org"


def test_a_failed_sign_in_that_cannot_be_is_not_read(tmp_path: Path) -> None:
    file = tmp_path / "admin_attempts.json"
    fine = {"addresses": {"a": [3, 1.0]}, "all_count": 3, "all_last": 1.0}
    assert attempts._attempts(fine).addresses == {"a": (3, 1.0)}
    for wrong in (math.inf, math.nan):
        with pytest.raises(ValueError):
            attempts._attempts({**fine, "all_last": wrong})
    assert not file.exists()
