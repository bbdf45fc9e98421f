"""core.mirror.repo against the emulated Hub: its requests, and what it leaves behind."""

import hashlib
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core.errors import MirrorError
from core.mirror.repo import Hub
from core.settings import REPOSITORY
from tests.hub.conftest import NAME
from tests.hub.emulator import Emulator
from tests.hub.emulator_repo import Repo
from tests.hub.emulator_traffic import WRITE
from tests.hub.hub_world import COMMIT, PREUPLOAD, P, failure, put

pytestmark = [
    pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning"),
    pytest.mark.slow,
]
BIG = bytes(range(256)) * 4096 * 12  # 12 MiB


# Reading and writing


def test_head_is_one_small_request(server: Emulator, repo: Repo, hub: Hub) -> None:
    assert hub.head() == repo.head.id
    assert server.lines == [f"GET {P}"]
    assert server.log[0].path.endswith("?expand=sha&expand=private")


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


def test_read_leaves_nothing_on_the_disk(hub: Hub, tmp_path: Path) -> None:
    killed = tmp_path / "cache" / ".download-killed"
    killed.mkdir(parents=True)
    os.utime(killed, (0, 0))
    hub.read(put(hub, a="content"), ["a.json"])
    assert not killed.exists()
    assert [path for path in (tmp_path / "cache").rglob("*") if path.is_file()] == []


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


# Nothing private leaks


def test_a_separate_process_is_quiet_and_stays_in_its_folder(
    server: Emulator, repo: Repo, tmp_path: Path
) -> None:
    """No signed addresses, progress bars or warnings in the output; HOME stays empty."""
    home, work = tmp_path / "home", tmp_path / "work"
    home.mkdir()
    work.mkdir()
    server.redirect = "cdn"
    server.fault("GET /_cdn", cut=1)
    code = f"""
import logging, pathlib, sys
logging.basicConfig(level=logging.INFO)
from core.mirror.repo import Hub
hub = Hub("{NAME}", "{WRITE}", endpoint="{server.url}", home=pathlib.Path("cache"))
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
    environ["HF_ENDPOINT"] = server.url  # the address where the library would identify the caller
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


# Many at once


def test_many_writers_lose_nothing(server: Emulator, repo: Repo, tmp_path: Path) -> None:
    """Four threads append ten lines each to one file by compare-and-swap, through faults."""
    hub = Hub(NAME, WRITE, endpoint=server.url, home=tmp_path)
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
                    return  # it had succeeded although the response was lost
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
    dead = Hub(NAME, WRITE, endpoint="http://127.0.0.1:9", home=tmp_path / "dead")
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
            hub = Hub(NAME, WRITE, endpoint=url, home=tmp_path)
            assert hub.read(put(hub, a="1"), ["a.json"]) == {"a.json": b"1"}
        finally:
            process.terminate()
