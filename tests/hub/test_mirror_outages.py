"""The mirror while the Hub fails, is slow or forgets: waiting changes are sent in the end."""

import resource
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from core.errors import HeadMovedError, MirrorError, StoreError
from core.mirror.status import mirror_status
from tests.hub.emulator import Emulator
from tests.hub.emulator_repo import Repo
from tests.hub.emulator_traffic import READ
from tests.hub.mirror_world import Make, committed, put, remote

pytestmark = pytest.mark.slow

COMMIT = r"POST .*/commit/main"


def test_a_race_that_is_always_lost_is_given_up_and_waits(make: Make, server: Emulator) -> None:
    one = make("one")
    one.publish(1)
    server.fault(COMMIT, status=412, times=-1)
    with pytest.raises(HeadMovedError):
        one.mirror.sync()
    assert mirror_status(one.settings).waiting_changes == 2
    assert one.mirror.backing_off()
    server.heal()
    assert one.mirror.sync(force=True)
    assert mirror_status(one.settings).waiting_changes == 0


@pytest.mark.parametrize("how", [{"drop": True}, {"status": 503}, {"status": 500}])
def test_an_answer_that_is_lost_after_the_commit_landed(
    make: Make, server: Emulator, repo: Repo, how: dict[str, int]
) -> None:
    one = make("one")
    one.publish(1)
    server.fault(COMMIT, after=True, **how)
    with pytest.raises(MirrorError) as raised:
        one.mirror.sync()
    assert raised.value.unknown_outcome
    landed = len(repo.commits)
    one.restart()
    assert one.mirror.sync()
    assert len(repo.commits) == landed
    assert mirror_status(one.settings).waiting_changes == 0
    assert remote(repo) == one.shared()


@pytest.mark.parametrize("how", [{"drop": True}, {"status": 503}, {"status": 429}])
@pytest.mark.parametrize("where", [COMMIT, r"POST .*/preupload/", r"GET /api/datasets/"])
def test_what_could_not_be_sent_waits_and_survives_a_restart(
    make: Make, server: Emulator, repo: Repo, where: str, how: dict[str, int]
) -> None:
    one = make("one")
    one.publish(1)
    server.fault(where, times=-1, **how)
    with pytest.raises(MirrorError):
        one.mirror.sync()
    assert len(repo.commits) == 1
    one.publish(2)
    one.restart()
    assert mirror_status(one.settings).waiting_changes == 4
    assert mirror_status(one.settings).error
    server.heal()
    assert one.mirror.sync(force=True)
    assert remote(repo) == one.shared()
    assert mirror_status(one.settings).error == ""


def test_nothing_is_pushed_before_the_head_was_read(
    make: Make, server: Emulator, repo: Repo
) -> None:
    """An older machine that starts during an outage does not overwrite newer data."""
    old, new = make("old"), make("new")
    old.publish(1)
    old.mirror.sync()
    new.mirror.sync(force=True)
    new.publish(2)
    new.mirror.sync(force=True)
    newer = repo.head
    old.publish(3)
    old.restart()
    server.fault(r"GET /api/datasets/", status=503)
    with pytest.raises(MirrorError):
        old.mirror.sync()
    assert repo.head is newer
    old.mirror.sync(force=True)
    assert old.names() == ["Model 1", "Model 2", "Model 3"]
    assert remote(repo) == old.shared()


def test_slow_answers_end_as_an_error_and_later_go_through(
    make: Make, server: Emulator, repo: Repo
) -> None:
    one = make("one")
    one.publish(1)
    one.mirror.hub._timeout_s = 0.3
    server.fault(COMMIT, delay_s=2.0, after=True)
    with pytest.raises(MirrorError, match="no response in time"):
        one.mirror.sync()
    one.mirror.hub._timeout_s = 10
    one.mirror.sync(force=True)
    one.mirror.sync(force=True)
    assert remote(repo) == one.shared()


def test_a_repo_that_lost_commits_gets_them_again(make: Make, repo: Repo) -> None:
    one = make("one")
    one.publish(1)
    one.mirror.sync()
    one.publish(2)
    one.mirror.sync()
    del repo.commits[-1]
    one.mirror.sync(force=True)
    assert one.names() == ["Model 1", "Model 2"]
    assert remote(repo) == one.shared()


@pytest.mark.parametrize("damage", [None, b"{", b"[]"])
def test_a_lost_or_damaged_record_is_made_again(
    make: Make, server: Emulator, repo: Repo, damage: bytes | None
) -> None:
    one = make("one")
    one.write("results/submission-1/eval_output.txt", b"log")
    one.publish(1)
    one.mirror.sync()
    (one.root / "mirror.json").unlink()
    if damage is not None:
        (one.root / "mirror.json").write_bytes(damage)
    one.restart()
    assert one.mirror.sync()
    assert committed(server) == 1
    one.publish(2)
    one.mirror.sync()
    assert remote(repo) == one.shared()


def test_a_damaged_journal_in_the_repo_changes_nothing_here(make: Make, repo: Repo) -> None:
    one = make("one")
    one.publish(1)
    one.mirror.sync()
    before = one.shared()
    changed = before["journal.jsonl"].replace(b"Model 1", b"Model 9")
    put(repo, {"journal.jsonl": changed})
    with pytest.raises(StoreError, match="journal in the dataset repo is damaged"):
        one.mirror.sync(force=True)
    assert one.shared() == before
    assert "damaged" in mirror_status(one.settings).error


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (lambda text: text.replace(b'"', b"'", 1), "line 1: this is not JSON"),
        (lambda text: b'{"schema":99}\n' + text, "line 1: schema 99 is unknown"),
        (lambda text: text + b'{"', "damaged (the last line is incomplete). Nothing was changed."),
    ],
)
def test_damage_in_the_repo_is_not_said_of_the_file_here(
    make: Make, repo: Repo, damage: Callable[[bytes], bytes], told: str
) -> None:
    one = make("one")
    one.publish(1)
    one.mirror.sync()
    put(repo, {"journal.jsonl": damage(one.shared()["journal.jsonl"])})
    with pytest.raises(StoreError) as raised:
        one.mirror.sync(force=True)
    assert "in the dataset repo" in str(raised.value)
    assert told in str(raised.value)
    assert str(one.root) not in str(raised.value)


@pytest.mark.parametrize(
    ("board", "told"),
    [
        (b'[{"model_name"', "not JSON"),
        (b'[{"model_name":"x","n":' + b"[" * 99 + b"]" * 99 + b"}]", "more than 100 deep"),
    ],
)
def test_a_broken_older_board_is_named_as_the_repos(
    make: Make, repo: Repo, board: bytes, told: str
) -> None:
    one = make("one")
    put(repo, {"leaderboard.json": board})
    with pytest.raises(StoreError) as raised:
        one.mirror.sync()
    assert str(raised.value).startswith("leaderboard.json in the dataset repo: ")
    assert told in str(raised.value)
    assert repo.head.files["leaderboard.json"].data == board


def test_the_pause_grows_although_reading_works(make: Make) -> None:
    one = make("one", hub_token=READ)
    one.publish(1)
    waits = []
    for _ in range(4):
        with pytest.raises(MirrorError):
            one.mirror.sync()
        record = one.record()
        waits.append(record["retry_at"] - record["checked"])
    assert waits[3] > 4 * waits[0]


@contextmanager
def full_disk() -> Iterator[None]:
    """No file can be written: not even the pause until the next try."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_is_waited_out_although_the_pause_cannot_be_saved(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = make("one")
    one.publish(1)
    now, waits = [time.time()], []
    with monkeypatch.context() as clock:
        clock.setattr(time, "time", lambda: now[0])
        for _ in range(4):
            with full_disk(), pytest.raises(StoreError, match="file-size limit"):
                one.mirror.sync(force=True)
            began = now[0]
            while one.mirror.backing_off():
                now[0] += 1
            waits.append(now[0] - began)
    assert waits[0] >= 3
    assert waits[3] > 4 * waits[0]
    assert one.mirror.sync(force=True)
    assert not one.mirror.backing_off()


def test_too_many_requests_say_until_when(make: Make, server: Emulator) -> None:
    one = make("one")
    one.publish(1)
    server.fault(COMMIT, status=429, headers={"RateLimit": '"api";r=0;t=55'})
    with pytest.raises(MirrorError, match="Wait until"):
        one.mirror.sync()
    record = one.record()
    assert record["kind"] == "busy"
    assert record["retry_at"] - record["checked"] > 50


def test_the_commits_of_an_hour_survive_restarts(make: Make, server: Emulator) -> None:
    one = make("one", hub_commits_per_hour=3)
    done = []
    for number in range(6):
        one.publish(number)
        one.restart()
        done.append(one.mirror.sync(force=True))
    assert committed(server) <= 3
    assert done[0]
    assert not done[-1]
    assert mirror_status(one.settings).waiting_changes > 0
