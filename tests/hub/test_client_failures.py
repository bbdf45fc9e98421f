"""How huggingface_hub 2.4 fails, and its pitfalls: the reasons for core.mirror.repo.

The plain client, without the changes of core.mirror.client. test_hub_failures.py has the fixes.
"""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from core.settings import REPOSITORY
from tests.hub.conftest import NAME
from tests.hub.emulator import Emulator
from tests.hub.emulator_repo import Repo
from tests.hub.emulator_traffic import READ, WRITE
from tests.hub.hub_world import COMMIT, PREUPLOAD, P, fetch, resolve, upload

if TYPE_CHECKING:
    from huggingface_hub import HfApi

pytestmark = [
    pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning"),
    pytest.mark.slow,
]
CLOSED = "http://127.0.0.1:9"  # the discard port, which is closed


def swap(plain: "HfApi", data: bytes, parent: str, path: str = "a.json") -> str:
    from huggingface_hub import CommitOperationAdd

    return plain.create_commit(
        NAME,
        [CommitOperationAdd(path, data)],
        commit_message="m",
        repo_type="dataset",
        parent_commit=parent,
    ).oid


def test_stale_parent_is_412(server: Emulator, repo: Repo, plain: "HfApi") -> None:
    from huggingface_hub.errors import HfHubHTTPError

    parent = repo.head.id
    swap(plain, b"1", parent)
    with pytest.raises(HfHubHTTPError) as raised:
        swap(plain, b"2", parent)
    assert raised.value.response.status_code == 412
    assert repo.head.files["a.json"].data == b"1"


@pytest.mark.parametrize("name", ["alice/none", "mallory/private"])
def test_missing_and_hidden_repos_look_alike(name: str, server: Emulator, plain: "HfApi") -> None:
    from huggingface_hub.errors import RepositoryNotFoundError

    server.add_repo("mallory/private")
    with pytest.raises(RepositoryNotFoundError):
        plain.dataset_info(name)


@pytest.mark.parametrize(("token", "status"), [("hf_wrong", 401), (READ, 403)])
def test_bad_and_read_only_tokens(
    token: str, status: int, server: Emulator, repo: Repo, plain: "HfApi"
) -> None:
    from huggingface_hub.errors import HfHubHTTPError

    with pytest.raises(HfHubHTTPError) as raised:
        plain.delete_file("a", NAME, repo_type="dataset", token=token)
    assert raised.value.response.status_code == status


def test_no_such_file(server: Emulator, repo: Repo, plain: "HfApi", tmp_path: Path) -> None:
    from huggingface_hub.errors import RemoteEntryNotFoundError

    with pytest.raises(RemoteEntryNotFoundError):
        fetch(plain, "none.json", tmp_path)


def test_preupload_is_tried_six_times(server: Emulator, repo: Repo, plain: "HfApi") -> None:
    """Over 23 s by default; a Retry-After of 0 makes it 5 s, and one of 3600 five hours."""
    from huggingface_hub.errors import HfHubHTTPError

    server.fault("preupload", status=503, times=-1, headers={"Retry-After": "0"})
    with pytest.raises(HfHubHTTPError):
        upload(plain, "a.json", b"{}")
    assert server.lines == [PREUPLOAD] * 6


@pytest.mark.parametrize("status", [429, 500, 503])
def test_commit_is_tried_once(status: int, server: Emulator, repo: Repo, plain: "HfApi") -> None:
    from huggingface_hub.errors import HfHubHTTPError

    server.fault("/commit/", status=status)
    with pytest.raises(HfHubHTTPError) as raised:
        upload(plain, "a.json", b"{}")
    assert raised.value.response.status_code == status
    assert server.lines == [PREUPLOAD, COMMIT]


@pytest.mark.parametrize("status", [429, 503])
def test_repo_info_is_tried_once(status: int, server: Emulator, repo: Repo, plain: "HfApi") -> None:
    from huggingface_hub.errors import HfHubHTTPError

    server.fault(P, status=status)
    with pytest.raises(HfHubHTTPError):
        plain.dataset_info(NAME)
    assert server.lines == [f"GET {P}"]


def test_server_down_is_an_error_of_another_kind(plain: "HfApi") -> None:
    import httpx2
    from huggingface_hub import HfApi
    from huggingface_hub.errors import HfHubHTTPError

    with pytest.raises(httpx2.ConnectError) as raised:
        HfApi(endpoint=CLOSED, token=WRITE).dataset_info(NAME)
    assert not isinstance(raised.value, HfHubHTTPError)


def test_no_time_limit_by_default(plain: "HfApi") -> None:
    import httpx2
    from huggingface_hub import get_session

    assert get_session().timeout == httpx2.Timeout(None)


def test_one_failed_connection_closes_those_of_all_threads(plain: "HfApi") -> None:
    import httpx2
    from huggingface_hub import get_session
    from huggingface_hub.utils import http_backoff

    shared = get_session()
    with pytest.raises(httpx2.ConnectError):
        http_backoff("GET", CLOSED, max_retries=0)
    assert shared.is_closed


def test_trap_1_equal_bytes_skip_compare_and_swap(
    server: Emulator, repo: Repo, plain: "HfApi"
) -> None:
    parent = repo.head.id
    other = swap(plain, b"1", parent)
    assert swap(plain, b"1", parent) == other  # success, on a parent that is no longer the head
    assert server.lines.count(COMMIT) == 1


def test_trap_1_a_transaction_id_counts_right(server: Emulator, repo: Repo, plain: "HfApi") -> None:
    """Four writers increment one number ten times each and retry lost races."""
    from huggingface_hub.errors import HfHubHTTPError

    upload(plain, "a.json", b"[0, null]")

    def increment(writer: int) -> None:
        for turn in range(10):
            while True:
                head = repo.head
                value = json.loads(head.files["a.json"].data)[0]
                data = json.dumps([value + 1, f"{writer}.{turn}"]).encode()
                try:
                    swap(plain, data, head.id)
                    break
                except HfHubHTTPError as error:
                    assert error.response.status_code == 412

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(increment, range(4)))
    assert json.loads(repo.head.files["a.json"].data)[0] == 40


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 503},
        {"status": 401},
        {"status": 404, "headers": {"X-Error-Code": "RepoNotFound"}},
    ],
    ids=["outage", "bad token", "repo gone"],
)
def test_trap_2_failures_return_old_data(
    fault: dict[str, object], server: Emulator, repo: Repo, plain: "HfApi", tmp_path: Path
) -> None:
    upload(plain, "a.json", b"old")
    fetch(plain, "a.json", tmp_path)
    upload(plain, "a.json", b"new")
    server.fault("resolve", times=-1, **fault)
    assert fetch(plain, "a.json", tmp_path) == b"old"


def test_trap_3_a_commit_between_head_and_get(
    server: Emulator, repo: Repo, plain: "HfApi", tmp_path: Path
) -> None:
    server.redirect = "none"
    old = upload(plain, "a.json", b"old")
    server.fault("GET .*resolve", run=lambda: upload(plain, "a.json", b"new"))
    assert fetch(plain, "a.json", tmp_path) == b"new"
    assert fetch(plain, "a.json", tmp_path, old) == b"new"  # cached under the old commit's id


@pytest.mark.parametrize("fault", [{"status": 503}, {"drop": True}], ids=["503", "dropped"])
def test_trap_4_a_commit_lands_although_it_failed(
    fault: dict[str, object], server: Emulator, repo: Repo, plain: "HfApi"
) -> None:
    import httpx2
    from huggingface_hub.errors import HfHubHTTPError

    server.fault("/commit/", after=True, **fault)
    with pytest.raises((HfHubHTTPError, httpx2.RemoteProtocolError, httpx2.ReadError)):
        upload(plain, "a.json", b"{}")
    assert repo.head.files["a.json"].data == b"{}"


def test_ignored_files_are_left_out_without_a_word(
    server: Emulator, repo: Repo, plain: "HfApi"
) -> None:
    upload(plain, ".gitignore", b"results/\n")
    before = repo.head.id
    assert upload(plain, "results/a.json", b"{}") != before
    assert "results/a.json" not in repo.head.files


def test_by_default_it_asks_who_calls_and_writes_to_the_home(
    server: Emulator, repo: Repo, tmp_path: Path
) -> None:
    code = f"from huggingface_hub import HfApi; HfApi(token='{WRITE}').dataset_info('{NAME}')"
    environ = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}
    environ |= {"HOME": str(tmp_path), "HF_ENDPOINT": server.url}
    environ.pop("XDG_CACHE_HOME", None)
    server.fault("agent-harnesses", status=200, body='{"standardEnvVars": [], "harnesses": {}}')
    subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, env=environ, check=True)
    assert server.lines == ["GET /api/agent-harnesses", f"GET {P}"]
    assert list(tmp_path.rglob("*.json"))


@pytest.mark.parametrize(("mib", "status"), [(1, 200), (12, 206)], ids=["new", "resumed at 10 MiB"])
def test_an_interrupted_download_is_resumed(
    *, mib: int, status: int, server: Emulator, repo: Repo, plain: "HfApi", tmp_path: Path
) -> None:
    server.redirect = "none"
    data = bytes(range(256)) * 4096 * mib
    upload(plain, "a.bin", data)
    server.forget()
    server.fault("GET .*resolve", cut=len(data) - 1000)
    assert fetch(plain, "a.bin", tmp_path) == data
    assert server.lines[1:] == [f"GET {resolve('a.bin')}"] * 2
    assert [request.status for request in server.log] == [200, 200, status]
