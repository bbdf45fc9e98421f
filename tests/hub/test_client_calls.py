"""The requests of huggingface_hub 2.4, call by call, on which core.mirror.repo relies."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.hub.conftest import NAME
from tests.hub.emulator import Emulator
from tests.hub.emulator_repo import Repo
from tests.hub.emulator_traffic import STRANGER
from tests.hub.hub_world import COMMIT, PREUPLOAD, P, fetch, resolve, upload

if TYPE_CHECKING:
    from huggingface_hub import HfApi

pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")


def test_whoami_is_one_request(server: Emulator, plain: "HfApi") -> None:
    assert plain.whoami()["name"] == "alice"
    assert server.lines == ["GET /api/whoami-v2"]


def test_creating_a_private_repo_twice_is_a_conflict(server: Emulator, plain: "HfApi") -> None:
    from huggingface_hub.errors import HfHubHTTPError

    plain.create_repo(NAME, repo_type="dataset", private=True)
    assert server.repos[NAME].private
    with pytest.raises(HfHubHTTPError) as raised:
        plain.create_repo(NAME, repo_type="dataset", private=True)
    assert raised.value.response.status_code == 409
    assert server.lines == ["POST /api/repos/create"] * 2


def test_repo_info_is_one_request(server: Emulator, repo: Repo, plain: "HfApi") -> None:
    assert plain.repo_info(NAME, repo_type="dataset").sha == repo.head.id
    assert server.lines == [f"GET {P}"]


def test_upload_asks_how_then_commits(server: Emulator, repo: Repo, plain: "HfApi") -> None:
    assert upload(plain, "a.json", b"{}") == repo.head.id
    assert repo.head.files["a.json"].data == b"{}"
    assert server.lines == [PREUPLOAD, COMMIT]


def test_several_files_are_one_commit(server: Emulator, repo: Repo, plain: "HfApi") -> None:
    from huggingface_hub import CommitOperationAdd

    files = [CommitOperationAdd(f"results/{n}.json", b"%d" % n) for n in range(300)]
    plain.create_commit(NAME, files, commit_message="m", repo_type="dataset")
    assert len(repo.head.files) == 301
    assert server.lines == [PREUPLOAD, PREUPLOAD, COMMIT]  # it asks for 256 files at a time


def test_unchanged_content_is_not_committed(server: Emulator, repo: Repo, plain: "HfApi") -> None:
    first = upload(plain, "a.json", b"{}")
    server.forget()
    assert upload(plain, "a.json", b"{}") == first
    assert server.lines == [PREUPLOAD, f"GET {P}/revision/main"]


def test_delete_is_one_commit(server: Emulator, repo: Repo, plain: "HfApi") -> None:
    upload(plain, "a.json", b"{}")
    server.forget()
    plain.delete_file("a.json", NAME, repo_type="dataset")
    assert "a.json" not in repo.head.files
    assert server.lines == [COMMIT]


def test_listing_follows_pages(server: Emulator, repo: Repo, plain: "HfApi") -> None:
    server.page_size = 2
    for name in "abcd":
        upload(plain, f"{name}.json", b"{}")
    server.forget()
    assert len(plain.list_repo_files(NAME, repo_type="dataset")) == 5
    assert server.lines == [f"GET {P}/tree/main"] * 3


def test_first_download_is_head_and_get(
    server: Emulator, repo: Repo, plain: "HfApi", tmp_path: Path
) -> None:
    upload(plain, "a.json", b"{}")
    server.forget()
    server.redirect = "none"
    assert fetch(plain, "a.json", tmp_path) == b"{}"
    assert server.lines == [f"HEAD {resolve('a.json')}", f"GET {resolve('a.json')}"]


def test_unchanged_download_is_one_head(
    server: Emulator, repo: Repo, plain: "HfApi", tmp_path: Path
) -> None:
    upload(plain, "a.json", b"{}")
    server.redirect = "none"
    fetch(plain, "a.json", tmp_path)
    server.forget()
    assert fetch(plain, "a.json", tmp_path) == b"{}"
    assert server.lines == [f"HEAD {resolve('a.json')}"]


@pytest.mark.parametrize("redirect", ["none", "hub", "cdn"])
def test_every_way_of_a_download(
    redirect: str, server: Emulator, repo: Repo, plain: "HfApi", tmp_path: Path
) -> None:
    server.redirect = redirect
    upload(plain, "folder/ä b.json", b"content")
    assert fetch(plain, "folder/ä b.json", tmp_path) == b"content"


def test_the_token_is_not_sent_to_another_origin(
    server: Emulator, repo: Repo, plain: "HfApi", tmp_path: Path
) -> None:
    server.redirect = "cdn"
    upload(plain, "a.json", b"{}")
    upload(plain, "b.parquet", b"large by its name")
    fetch(plain, "a.json", tmp_path)
    elsewhere = [request for request in server.log if request.host.startswith("localhost")]
    assert [request.method for request in elsewhere] == ["PUT", "GET"]
    assert not any(request.authorized for request in elsewhere)


def test_large_files_take_the_lfs_route(
    server: Emulator, repo: Repo, plain: "HfApi", tmp_path: Path
) -> None:
    data = bytes(range(256)) * 4 * 1024 * 12  # 12 MiB
    sha = upload(plain, "big.bin", data)
    assert server.lines == [
        PREUPLOAD,
        f"POST /datasets/{NAME}.git/info/lfs/objects/batch",
        f"PUT /_lfs/{repo.head.files['big.bin'].etag}",
        COMMIT,
    ]
    assert server.log[-1].length < 1000  # the commit refers to the file without its content
    assert fetch(plain, "big.bin", tmp_path, sha) == data


def test_a_stranger_does_not_see_a_private_repo(
    server: Emulator, repo: Repo, plain: "HfApi"
) -> None:
    from huggingface_hub.errors import RepositoryNotFoundError

    with pytest.raises(RepositoryNotFoundError):
        plain.dataset_info(NAME, token=STRANGER)
