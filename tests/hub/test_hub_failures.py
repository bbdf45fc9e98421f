"""How core.mirror.repo fails: quickly, in a sentence, with a known or unknown outcome."""

import shutil
import socket
import traceback
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from core.errors import HeadMovedError, StoreError
from core.mirror.repo import Hub
from tests.hub.conftest import NAME
from tests.hub.emulator import Emulator
from tests.hub.emulator_repo import Repo
from tests.hub.emulator_traffic import READ, STRANGER, WRITE
from tests.hub.hub_world import NO_COMMIT, P, failure, is_quick, put

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning"),
]


@pytest.mark.parametrize(
    ("token", "name", "kind", "advice"),
    [
        ("hf_wrong", NAME, "token", "Check HF_TOKEN"),
        (READ, NAME, "forbidden", "write permission"),
        (STRANGER, NAME, "missing", "Check MEDVIDBENCH_HUB_REPO"),
        (WRITE, "alice/none", "missing", "Check MEDVIDBENCH_HUB_REPO"),
    ],
)
def test_refusals_say_what_to_do(
    *, token: str, name: str, kind: str, advice: str, server: Emulator, repo: Repo, tmp_path: Path
) -> None:
    hub = Hub(name, token, endpoint=server.url, home=tmp_path)
    error = failure(lambda: hub.commit({"a": b"1"}, parent=repo.head.id, message="m"))
    assert error.kind == kind
    assert advice in str(error)
    assert f"Committing to {name} on 127.0.0.1" in str(error)
    assert not error.unknown_outcome


def test_losing_the_race(repo: Repo, hub: Hub) -> None:
    parent = hub.head()
    put(hub, a="theirs")
    with pytest.raises(HeadMovedError) as raised:
        hub.commit({"a.json": b"mine"}, parent=parent, message="m")
    assert raised.value.kind == "moved"
    assert not raised.value.unknown_outcome
    assert repo.head.files["a.json"].data == b"theirs"


@pytest.mark.parametrize("moved", [False, True], ids=["same head", "moved head"])
def test_equal_bytes_are_no_success(moved: bool, hub: Hub) -> None:
    parent = put(hub, a="1")
    if moved:
        put(hub, b="2")
    error = failure(lambda: hub.commit({"a.json": b"1"}, parent=parent, message="m"))
    assert error.kind == "unchanged"
    assert not error.unknown_outcome


@pytest.mark.parametrize(
    ("headers", "low", "high"),
    [
        ({"RateLimit": '"api";r=0;t=55'}, 55, 55),
        ({"Retry-After": "120"}, 120, 120),
        ({"RateLimit": '"api";r=17;t=55', "Retry-After": "3600"}, 3600, 3600),
        # Created at collection, long before it is used on a slow machine.
        ({"Retry-After": format_datetime(datetime.now(UTC) + timedelta(hours=1))}, 60, 3600),
    ],
    ids=["ratelimit", "seconds", "other limit", "date"],
)
@pytest.mark.parametrize("route", ["preupload", "/commit/"])
def test_busy_says_how_long_and_does_not_wait(
    *, route: str, headers: dict[str, str], low: float, high: float, server: Emulator, hub: Hub
) -> None:
    parent = hub.head()
    server.fault(route, status=429, headers=headers)
    error = is_quick(lambda: hub.commit({"a": b"1"}, parent=parent, message="m"))
    assert error.kind == "busy"
    assert error.retry_after_s is not None
    assert low <= error.retry_after_s <= high
    assert "Wait until" in str(error)
    assert not error.unknown_outcome


def test_busy_without_a_hint(server: Emulator, hub: Hub) -> None:
    server.fault(P, status=429)
    error = failure(hub.head)
    assert (error.kind, error.retry_after_s) == ("busy", None)
    assert "Wait a few minutes" in str(error)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ({"status": 500}, "server"),
        ({"status": 504}, "server"),
        ({"status": 200, "body": "<html>a proxy"}, "server"),
        ({"status": 200, "body": "{}"}, "server"),
        ({"drop": True}, "network"),
        ({"delay_s": 8.0}, "network"),
        ({"cut": 10}, "network"),
    ],
    ids=["500", "504", "not json", "no id", "dropped", "slow", "cut"],
)
def test_a_lost_response_leaves_the_outcome_unknown(
    *,
    fault: dict[str, object],
    kind: str,
    after: bool,
    server: Emulator,
    repo: Repo,
    tmp_path: Path,
) -> None:
    hub = Hub(NAME, WRITE, endpoint=server.url, home=tmp_path, timeout_s=0.5)
    parent = hub.head()
    server.fault("/commit/", after=after, **fault)
    error = is_quick(lambda: hub.commit({"a": b"1"}, parent=parent, message="m"))
    assert error.kind == kind
    assert error.unknown_outcome
    assert "check the newest commit first" in str(error)
    if after:
        assert repo.head.files["a"].data == b"1"


@pytest.mark.parametrize("route", ["preupload", "objects/batch", "_lfs"])
@pytest.mark.parametrize(
    ("fault", "kind"),
    [({"status": 503}, "server"), ({"drop": True}, "network")],
    ids=["503", "dropped"],
)
def test_a_failure_before_the_commit_is_certain(
    *, route: str, fault: dict[str, object], kind: str, server: Emulator, repo: Repo, hub: Hub
) -> None:
    parent = hub.head()
    server.fault(route, **fault)
    error = is_quick(
        lambda: hub.commit({"a.parquet": b"1", "b.parquet": b"2"}, parent=parent, message="m")
    )
    assert error.kind == kind
    assert not error.unknown_outcome
    assert repo.head.id == parent


def test_a_storage_refusal_does_not_blame_the_token(server: Emulator, hub: Hub) -> None:
    parent = hub.head()
    server.fault("_lfs", status=403)
    files = {"a.parquet": b"1", "b.parquet": b"2"}
    assert failure(lambda: hub.commit(files, parent=parent, message="m")).kind == "server"


def test_deleting_what_is_not_there(repo: Repo, hub: Hub) -> None:
    error = failure(lambda: put(hub, none=None))
    assert error.kind == "absent"
    assert not error.unknown_outcome


def test_a_commit_that_the_repo_no_longer_holds(hub: Hub) -> None:
    assert failure(lambda: hub.read(NO_COMMIT, ["a.json"])).kind == "gone"
    assert failure(lambda: hub.list(NO_COMMIT)).kind == "gone"


def test_in_an_outage_every_call_fails_after_one_attempt(server: Emulator, hub: Hub) -> None:
    new = put(hub, a="new")
    server.fault(".", status=503, times=-1)
    assert failure(lambda: hub.read(new, ["a.json"])).kind == "server"
    assert failure(hub.head).kind == "server"
    assert len(server.lines[-2:]) == 2  # one attempt each
    server.heal()
    assert hub.read(new, ["a.json"]) == {"a.json": b"new"}


def test_a_server_that_is_not_a_hub(server: Emulator, hub: Hub) -> None:
    server.fault(".", status=200, body="hello", times=-1)
    assert failure(hub.head).kind == "server"
    assert failure(lambda: hub.read(NO_COMMIT, ["a"])).kind == "server"
    assert failure(lambda: hub.list(NO_COMMIT)).kind == "server"


def test_a_closed_port_fails_at_once(tmp_path: Path) -> None:
    hub = Hub(NAME, WRITE, endpoint="http://127.0.0.1:9", home=tmp_path)
    for call in (
        hub.head,
        lambda: hub.read(NO_COMMIT, ["a"]),
        lambda: hub.list(NO_COMMIT),
        lambda: hub.commit({"a": b"1"}, parent=NO_COMMIT, message="m"),
        lambda: hub.commit({"a": None}, parent=NO_COMMIT, message="m"),
    ):
        error = is_quick(call)
        assert error.kind == "network"
        assert not error.unknown_outcome


def test_a_server_that_never_answers_is_given_up(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        endpoint = f"http://127.0.0.1:{silent.getsockname()[1]}"
        hub = Hub(NAME, WRITE, endpoint=endpoint, home=tmp_path, timeout_s=0.3)
        for call in (
            hub.head,
            lambda: hub.read(NO_COMMIT, ["a"]),
            lambda: hub.list(NO_COMMIT),
            lambda: hub.commit({"a": b"1"}, parent=NO_COMMIT, message="m"),
        ):
            assert is_quick(call).kind == "network"


def test_offline_mode_is_named(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert "HF_HUB_OFFLINE" in str(failure(hub.head))
    assert "HF_HUB_OFFLINE" in str(failure(lambda: hub.read(NO_COMMIT, ["a"])))


def test_a_full_disk_is_not_blamed_on_the_hub(hub: Hub, tmp_path: Path) -> None:
    sha = put(hub, a="1")
    shutil.rmtree(tmp_path / "cache")
    (tmp_path / "cache").write_text("a file where a folder is needed")
    with pytest.raises(StoreError):
        hub.read(sha, ["a.json"])


@pytest.mark.parametrize("status", [400, 401, 403, 404, 412, 429, 500])
@pytest.mark.parametrize("code", ["", "EntryNotFound", "RepoNotFound", "RevisionNotFound"])
@pytest.mark.parametrize("route", ["preupload", "/commit/"])
def test_neither_token_nor_content_in_errors(
    route: str, code: str, status: int, server: Emulator, hub: Hub
) -> None:
    """A server that echoes requests."""
    parent = hub.head()
    headers = {"X-Error-Message": f"{WRITE} canary", "X-Error-Code": code}
    server.fault(route, status=status, headers=headers, body=f'{{"error": "{WRITE} canary"}}')
    error = failure(lambda: hub.commit({"a": b"canary"}, parent=parent, message="m"))
    shown = "".join(traceback.format_exception(error)) + repr(hub)
    assert WRITE not in shown
    assert "canary" not in shown.replace('b"canary"', "")  # the source line of this test
