"""core.hub against the emulated Hub: what it asks for, how it fails, what it leaves behind."""

import hashlib
import os
import socket
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from core.errors import HeadMovedError, MirrorError, SettingsError, StoreError
from core.hub import Hub
from core.settings import REPOSITORY
from tests.hub.conftest import NAME
from tests.hub.emulator import Emulator
from tests.hub.emulator_repo import Repo
from tests.hub.emulator_traffic import READ, STRANGER, WRITE
from tests.hub.test_client_calls import COMMIT, PREUPLOAD, P

pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")
NO_COMMIT = "0" * 40
BIG = bytes(range(256)) * 4096 * 12  # 12 MiB
GUARD_S = 20.0  # far above what a call needs, far below what the plain client takes


def put(hub: Hub, **files: str | None) -> str:
    """Commit small files named like their keyword plus .json on top of the head."""
    data = {f"{name}.json": text.encode() if text else None for name, text in files.items()}
    return hub.commit(data, parent=hub.head(), message="m")


def failure(call: Callable[[], object]) -> MirrorError:
    with pytest.raises(MirrorError) as raised:
        call()
    return raised.value


def is_quick(call: Callable[[], object]) -> MirrorError:
    """The error of a call, which must come well before the plain client would give up."""
    start = time.monotonic()
    error = failure(call)
    assert time.monotonic() - start < GUARD_S
    return error


# Reading and writing


def test_head_is_one_small_request(server: Emulator, repo: Repo, hub: Hub) -> None:
    assert hub.head() == repo.head.id
    assert server.lines == [f"GET {P}"]
    assert server.log[0].path.endswith("?expand=sha")


def test_commit_writes_replaces_and_deletes_at_once(
    server: Emulator, repo: Repo, hub: Hub, tmp_path: Path
) -> None:
    put(hub, a="1", b="2")
    (tmp_path / "c").write_bytes(b"3")
    parent = hub.head()
    server.forget()
    files = {"a.json": None, "b.json": b"new", "results/c.json": tmp_path / "c"}
    done = hub.commit(files, parent=parent, message="Change three files")
    assert done == repo.head.id != parent
    assert repo.head.title == "Change three files"
    assert {path: blob.data for path, blob in repo.head.files.items() if "git" not in path} == {
        "b.json": b"new",
        "results/c.json": b"3",
    }
    assert server.lines == [PREUPLOAD, COMMIT]


def test_deleting_alone_is_one_request(server: Emulator, repo: Repo, hub: Hub) -> None:
    put(hub, a="1")
    server.forget()
    put(hub, a=None)
    assert server.lines == [f"GET {P}", COMMIT]


def test_read_leaves_out_what_is_not_there(hub: Hub) -> None:
    sha = put(hub, a="1")
    assert hub.read(sha, ["a.json", "none.json"]) == {"a.json": b"1"}


def test_read_asks_once_per_commit(server: Emulator, hub: Hub) -> None:
    sha = put(hub, a="1")
    hub.read(sha, ["a.json", "none.json"])
    server.forget()
    assert hub.read(sha, ["a.json", "none.json"]) == {"a.json": b"1"}
    assert server.lines == []


def test_read_gives_the_commit_it_was_asked_for(hub: Hub) -> None:
    old, new = put(hub, a="old"), put(hub, a="new")
    assert hub.read(new, ["a.json"]) == {"a.json": b"new"}
    assert hub.read(old, ["a.json"]) == {"a.json": b"old"}
    with pytest.raises(ValueError, match="commit id"):
        hub.read("main", ["a.json"])


@pytest.mark.parametrize("redirect", ["none", "hub", "cdn"])
def test_large_files_round_trip(redirect: str, server: Emulator, hub: Hub, tmp_path: Path) -> None:
    server.redirect = redirect
    (tmp_path / "big").write_bytes(BIG)
    files = {"a.bin": BIG, "b.bin": tmp_path / "big", "c.bin": BIG[:-1]}
    sha = hub.commit(files, parent=hub.head(), message="m")
    assert hub.read(sha, files) == {"a.bin": BIG, "b.bin": BIG, "c.bin": BIG[:-1]}
    assert not any(r.authorized for r in server.log if r.host.startswith("localhost"))


def test_list_below_a_folder_over_pages(server: Emulator, hub: Hub) -> None:
    server.page_size = 3
    files = {f"results/ä/{n}.json": b"%d" % n for n in range(5)}
    sha = hub.commit({**files, "a.json": b"1"}, parent=hub.head(), message="m")
    assert hub.list(sha, "results") == sorted(files)
    assert hub.list(sha) == [".gitattributes", "a.json", *sorted(files)]
    assert hub.list(sha, "none") == []


def test_the_repo_s_own_ignore_rules_do_not_lose_files(repo: Repo, hub: Hub) -> None:
    hub.commit({".gitignore": b"results/\n"}, parent=hub.head(), message="m")
    hub.commit({"results/a.json": b"1"}, parent=hub.head(), message="m")
    assert repo.head.files["results/a.json"].data == b"1"


# The ground truth


def test_download_is_private_and_whole(hub: Hub, tmp_path: Path) -> None:
    sha = hub.commit({"truth.json": BIG}, parent=hub.head(), message="m")
    target = tmp_path / "private" / "truth.json"
    assert hub.download(sha, "truth.json", target) == hashlib.sha256(BIG).hexdigest()
    assert target.read_bytes() == BIG
    assert target.stat().st_mode & 0o777 == 0o600
    assert list(target.parent.iterdir()) == [target]
    assert not list((tmp_path / "cache").rglob("truth*"))


@pytest.mark.parametrize("fault", [{"cut": 100}, {"status": 503}], ids=["cut", "503"])
def test_a_failed_download_leaves_the_old_file(
    fault: dict[str, int], server: Emulator, hub: Hub, tmp_path: Path
) -> None:
    sha = put(hub, truth="new" * 100)
    target = tmp_path / "truth.json"
    target.write_bytes(b"old")
    server.fault("GET .*resolve-cache", times=-1, **fault)
    assert failure(lambda: hub.download(sha, "truth.json", target)).kind in ("network", "server")
    assert target.read_bytes() == b"old"
    assert not list(tmp_path.glob(".download-*"))


def test_a_truth_that_is_not_there(hub: Hub, tmp_path: Path) -> None:
    error = failure(lambda: hub.download(hub.head(), "truth.json", tmp_path / "t"))
    assert error.kind == "absent"
    assert "truth.json" in str(error)
    assert not (tmp_path / "t").exists()


def test_leftovers_of_killed_downloads_go(hub: Hub, tmp_path: Path) -> None:
    old, young = tmp_path / ".download-old", tmp_path / ".download-young"
    old.mkdir()
    young.mkdir()
    os.utime(old, (0, 0))
    hub.download(put(hub, a="1"), "a.json", tmp_path / "a")
    assert not old.exists()
    assert young.exists()


# Failures


@pytest.mark.parametrize(
    ("token", "name", "kind", "advice"),
    [
        ("hf_wrong", NAME, "token", "Check HF_TOKEN"),
        (READ, NAME, "forbidden", "right to write"),
        (STRANGER, NAME, "missing", "Check MEDVIDBENCH_HUB_REPO"),
        (WRITE, "alice/none", "missing", "Check MEDVIDBENCH_HUB_REPO"),
    ],
)
def test_refusals_say_what_to_do(
    *, token: str, name: str, kind: str, advice: str, server: Emulator, repo: Repo, tmp_path: Path
) -> None:
    hub = Hub(name, token, endpoint=server.url, cache_dir=tmp_path)
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
        ({"Retry-After": format_datetime(datetime.now(UTC) + timedelta(hours=1))}, 3000, 3600),
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
def test_a_lost_answer_leaves_the_outcome_open(
    *,
    fault: dict[str, object],
    kind: str,
    after: bool,
    server: Emulator,
    repo: Repo,
    tmp_path: Path,
) -> None:
    hub = Hub(NAME, WRITE, endpoint=server.url, cache_dir=tmp_path, timeout_s=0.5)
    parent = hub.head()
    server.fault("/commit/", after=after, **fault)
    error = is_quick(lambda: hub.commit({"a": b"1"}, parent=parent, message="m"))
    assert error.kind == kind
    assert error.unknown_outcome
    assert "look at the newest commit first" in str(error)
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


def test_a_cached_commit_survives_an_outage_a_new_one_fails(server: Emulator, hub: Hub) -> None:
    old = put(hub, a="old")
    hub.read(old, ["a.json"])
    new = put(hub, a="new")
    server.fault(".", status=503, times=-1)
    assert hub.read(old, ["a.json"]) == {"a.json": b"old"}
    assert failure(lambda: hub.read(new, ["a.json"])).kind == "server"
    assert failure(hub.head).kind == "server"
    assert len(server.lines[-2:]) == 2  # one attempt each
    server.heal()
    assert hub.read(new, ["a.json"]) == {"a.json": b"new"}


def test_a_server_that_is_no_hub(server: Emulator, hub: Hub) -> None:
    server.fault(".", status=200, body="hello", times=-1)
    assert failure(hub.head).kind == "server"
    assert failure(lambda: hub.read(NO_COMMIT, ["a"])).kind == "server"
    assert failure(lambda: hub.list(NO_COMMIT)).kind == "server"


def test_a_closed_port_fails_at_once(tmp_path: Path) -> None:
    hub = Hub(NAME, WRITE, endpoint="http://127.0.0.1:9", cache_dir=tmp_path)
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
        hub = Hub(NAME, WRITE, endpoint=endpoint, cache_dir=tmp_path, timeout_s=0.3)
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


@pytest.mark.parametrize(
    ("repo_name", "token", "endpoint", "named"),
    [
        ("bench", WRITE, None, "MEDVIDBENCH_HUB_REPO"),
        ("https://huggingface.co/alice/bench", WRITE, None, "MEDVIDBENCH_HUB_REPO"),
        (NAME, "hf_se\ncret", None, "HF_TOKEN"),
        (NAME, "hf_sécret", None, "HF_TOKEN"),
        (NAME, " ", None, "HF_TOKEN"),
        (NAME, WRITE, "huggingface.co", "HF_ENDPOINT"),
    ],
)
def test_settings_that_cannot_work(
    repo_name: str, token: str, endpoint: str | None, named: str, tmp_path: Path
) -> None:
    with pytest.raises(SettingsError) as raised:
        Hub(repo_name, token, endpoint=endpoint, cache_dir=tmp_path)
    assert named in str(raised.value)
    assert "cret" not in str(raised.value)


def test_a_full_disk_is_no_fault_of_the_hub(hub: Hub, tmp_path: Path) -> None:
    sha = put(hub, a="1")
    (tmp_path / "cache").mkdir(exist_ok=True)
    (tmp_path / "cache" / "files").write_text("a file where a folder is needed")
    with pytest.raises(StoreError):
        hub.read(sha, ["a.json"])


# Nothing private leaks


@pytest.mark.parametrize("status", [400, 401, 403, 404, 412, 429, 500])
@pytest.mark.parametrize("code", ["", "EntryNotFound", "RepoNotFound", "RevisionNotFound"])
@pytest.mark.parametrize("route", ["preupload", "/commit/"])
def test_neither_token_nor_content_in_errors(
    route: str, code: str, status: int, server: Emulator, hub: Hub
) -> None:
    """A server that echoes what it was sent."""
    parent = hub.head()
    headers = {"X-Error-Message": f"{WRITE} canary", "X-Error-Code": code}
    server.fault(route, status=status, headers=headers, body=f'{{"error": "{WRITE} canary"}}')
    error = failure(lambda: hub.commit({"a": b"canary"}, parent=parent, message="m"))
    shown = "".join(traceback.format_exception(error)) + repr(hub)
    assert WRITE not in shown
    assert "canary" not in shown.replace('b"canary"', "")  # the source line of this test


def test_a_process_of_its_own_is_quiet_and_stays_in_its_folder(
    server: Emulator, repo: Repo, tmp_path: Path
) -> None:
    """Signed addresses, progress bars and warnings stay out of the output, HOME stays empty."""
    home, work = tmp_path / "home", tmp_path / "work"
    home.mkdir()
    work.mkdir()
    server.redirect = "cdn"
    server.fault("GET /_cdn", cut=1)
    code = f"""
import logging, pathlib, sys
logging.basicConfig(level=logging.INFO)
from core.hub import Hub
hub = Hub("{NAME}", "{WRITE}", endpoint="{server.url}", cache_dir=pathlib.Path("cache"))
assert "huggingface_hub" not in sys.modules
sha = hub.commit({{"a.json": b"content", "b.parquet": b"large"}}, parent=hub.head(), message="m")
assert hub.read(sha, ["a.json", "b.parquet"]) == {{"a.json": b"content", "b.parquet": b"large"}}
hub.download(sha, "a.json", pathlib.Path("truth/a.json"))
assert hub.list(sha)
from huggingface_hub import constants
from huggingface_hub.utils import are_progress_bars_disabled
assert are_progress_bars_disabled()
assert constants.HF_HOME == str(pathlib.Path("cache").absolute())
"""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}
    environ |= {"HOME": str(home), "PYTHONPATH": str(REPOSITORY), "PYTHONDONTWRITEBYTECODE": "1"}
    environ["HF_ENDPOINT"] = server.url  # where the library would ask who is calling
    environ.pop("XDG_CACHE_HOME", None)
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=work,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert run.returncode == 0, run.stderr
    assert "Signature" not in run.stdout + run.stderr
    assert not list(home.iterdir())
    assert sorted(path.name for path in work.iterdir()) == ["cache", "truth"]
    assert (work / "cache").stat().st_mode & 0o777 == 0o700
    assert "GET /_cdn" in "".join(server.lines)
    assert not any("agent" in line or "xet" in line for line in server.lines)


# The cache


def test_a_damaged_cache_is_read_anew(hub: Hub, tmp_path: Path) -> None:
    sha = hub.commit({"a.json": b"1234", "b.parquet": b"5678"}, parent=hub.head(), message="m")
    whole = hub.read(sha, ["a.json", "b.parquet"])
    for blob in (tmp_path / "cache" / "files").glob("*/blobs/*"):
        blob.write_bytes(b"")  # a power cut before the data reached the disk
    assert hub.read(sha, ["a.json", "b.parquet"]) == whole


def test_forgetting_keeps_what_is_kept(server: Emulator, hub: Hub, tmp_path: Path) -> None:
    shas = [put(hub, a=f"{n}", b="same") for n in range(4)]
    for sha in shas:
        hub.read(sha, ["a.json", "b.json", "none.json"])
    hub.forget(keep=shas[-1:])
    assert len(list((tmp_path / "cache" / "files").glob("*/blobs/*"))) == 2
    server.forget()
    assert hub.read(shas[-1], ["a.json", "b.json", "none.json"])["a.json"] == b"3"
    assert server.lines == []
    assert hub.read(shas[0], ["a.json"]) == {"a.json": b"0"}


def test_forgetting_before_anything_was_read(hub: Hub) -> None:
    hub.forget(keep=[])
    assert hub.head()


# Many at once


def test_many_writers_lose_nothing(server: Emulator, repo: Repo, tmp_path: Path) -> None:
    """Four threads append ten lines each to one file by compare-and-swap, through faults."""
    hub = Hub(NAME, WRITE, endpoint=server.url, cache_dir=tmp_path)
    put(hub, journal="start\n")
    server.fault("preupload|/commit/", status=503, times=-1, rate=0.1)
    server.fault("/commit/", status=503, times=-1, rate=0.1, after=True)
    server.fault(".", drop=True, times=-1, rate=0.05)

    def append(line: str) -> None:
        while True:
            try:
                head = hub.head()
                text = hub.read(head, ["journal.json"])["journal.json"].decode()
                if line in text.splitlines():
                    return  # it had landed although the answer was lost
                new = f"{text}{line}\n".encode()
                hub.commit({"journal.json": new}, parent=head, message=line)
                return
            except MirrorError as error:
                assert error.kind in ("moved", "server", "network")

    def write(writer: int) -> None:
        for turn in range(10):
            append(f"{writer}.{turn}")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))
    lines = repo.head.files["journal.json"].data.decode().splitlines()[1:]
    assert sorted(lines) == sorted(f"{w}.{t}" for w in range(4) for t in range(10))


def test_one_unreachable_hub_does_not_disturb_another(
    server: Emulator, hub: Hub, tmp_path: Path
) -> None:
    dead = Hub(NAME, WRITE, endpoint="http://127.0.0.1:9", cache_dir=tmp_path / "dead")
    stop = threading.Event()

    def knock() -> None:
        while not stop.is_set():
            assert failure(dead.head).kind == "network"

    knocking = threading.Thread(target=knock)
    knocking.start()
    try:
        heads = {hub.head() for _ in range(100)}
    finally:
        stop.set()
        knocking.join()
    assert len(heads) == 1


def test_the_emulator_as_a_process(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.hub.emulator", "--repo", NAME]
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().strip()
            hub = Hub(NAME, WRITE, endpoint=url, cache_dir=tmp_path)
            assert hub.read(put(hub, a="1"), ["a.json"]) == {"a.json": b"1"}
        finally:
            process.terminate()
