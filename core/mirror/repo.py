"""A dataset repo on the Hub: read at a commit, written by compare-and-swap.

Every call makes one attempt and fails with a MirrorError that says what to do. How long a
call can take: each request ends after `timeout_s` without progress, in every phase. `head`
and `list` (per page) are one request, `commit` two, plus two and one per file above 10 MiB;
reading a file takes two, and an interrupted download is resumed five times. DNS lookups are not
limited.

No lock of the data folder may be held around a call.
"""

import re
import shutil
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from core.files import atomic
from core.files.hashes import sha256
from core.files.scratch import scratch
from core.mirror import client
from core.mirror.failures import explained
from core.settings import PUBLIC_HUB

if TYPE_CHECKING:
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi

_COMMIT = re.compile(r"[0-9a-f]{40}")
_PARTIAL = ".download-"
_LEFTOVER_S = 3600.0
# Sent instead of the repo's own .gitignore: files listed in it would be silently left out.
_NOTHING_IGNORED = "# nothing\n"


class Hub:
    """One dataset repo on the Hub, read at a revision and written by compare-and-swap.

    Thread-safe; several processes may share `home`, where the library keeps what it needs.
    Creating one is cheap: the first call imports the library.
    """

    def __init__(
        self,
        repo: str,
        token: str,
        *,
        endpoint: str | None = None,
        home: Path,
        timeout_s: float = client.DEFAULT_TIMEOUT_S,
    ) -> None:
        """Take values as core.settings has checked them."""
        self._repo = repo
        self._token = token
        self._endpoint = endpoint or PUBLIC_HUB
        self._home = home.absolute()
        self._timeout_s = timeout_s
        self._place = f"{self._repo} on {urlsplit(self._endpoint).hostname}"

    def head(self) -> str:
        """Id of the newest commit of main. One small request, for any number of files.

        Raises MirrorError of kind "public" unless the Hub reports the repo as private, since it
        has contacts. Gated is not private: anyone may request access.
        """
        with self._calling("Reading the newest commit of") as api:
            found = api.dataset_info(self._repo, expand=["sha", "private"])
            if found.private is not True:
                reason = "the repo is public" if found.private is False else "privacy is unknown"
                raise client.RequestFailedError("public", reason, never_done=True)
            if not _COMMIT.fullmatch(found.sha or ""):
                raise ValueError("no commit id in the response")
            return str(found.sha)

    def read(self, revision: str, paths: Iterable[str]) -> dict[str, bytes]:
        """Contents of files at a commit, without missing ones.

        `revision` is a commit id, never a branch: a branch may move between two files.
        """
        _check_commit(revision)
        with self._calling("Reading from") as api, _partial(self._home) as folder:
            found = {path: self._fetch(api, revision, path, folder) for path in paths}
            return {path: file.read_bytes() for path, file in found.items() if file is not None}

    def download(self, revision: str, path: str, to: Path, mode: int = atomic.PRIVATE) -> str:
        """Download one file atomically to `to`, and return its sha256 (hex).

        It is never readable for other users. Raises MirrorError of kind "absent" when the commit
        does not have it, StoreError when it cannot be written.
        """
        _check_commit(revision)
        atomic.make_folder(to.parent)
        with (
            self._calling(f"Downloading {path} from") as api,
            _partial(to.parent) as folder,
        ):
            fetched = self._fetch(api, revision, path, folder)
            if fetched is None:
                raise client.RequestFailedError("absent", "no such file")
            digest = sha256(fetched)
            atomic.move(fetched.resolve(), to, mode)
            return digest

    def list(self, revision: str, folder: str = "") -> list[str]:
        """Sorted paths of all files in a folder at a commit; none if it does not exist."""
        _check_commit(revision)
        with self._calling("Listing the files of") as api:
            from huggingface_hub.errors import RemoteEntryNotFoundError
            from huggingface_hub.hf_api import RepoFile

            tree = api.list_repo_tree(
                self._repo, folder or None, recursive=True, revision=revision, repo_type="dataset"
            )
            try:
                return sorted(item.path for item in tree if isinstance(item, RepoFile))
            except RemoteEntryNotFoundError:
                return []

    def commit(self, files: Mapping[str, bytes | Path | None], *, parent: str, message: str) -> str:
        """Write all files in one commit on top of `parent`; None deletes. Returns its id.

        Raises HeadMovedError if the head is no longer `parent`. Raises MirrorError of
        kind "unchanged" if all files are already identical: the library then
        sends nothing, and nothing was compared. Put a transaction id into the files,
        and look for it at the head if an error has `unknown_outcome`. Deleting a missing file
        fails with kind "absent".
        """
        _check_commit(parent)
        with self._calling("Committing to") as api:
            operations, additions = _operations(files)
            if additions:
                api.preupload_lfs_files(
                    self._repo,
                    additions,
                    repo_type="dataset",
                    free_memory=False,
                    gitignore_content=_NOTHING_IGNORED,
                )
            done = api.create_commit(
                self._repo,
                operations,
                commit_message=message,
                repo_type="dataset",
                parent_commit=parent,
            )
            call = client.current.get()
            if call is None or not call.commit_sent:
                raise client.RequestFailedError("unchanged", "nothing to commit", never_done=True)
            if not _COMMIT.fullmatch(done.oid) or done.oid == parent:
                raise ValueError("no new commit id in the response")
            return done.oid

    @contextmanager
    def _calling(self, doing: str) -> "Iterator[HfApi]":
        """Run one call with this repo's time limit; every failure becomes a MirrorError."""
        atomic.make_folder(self._home)
        client.prepare(self._home)
        from huggingface_hub import HfApi

        call = client.Call(self._timeout_s)
        token = client.current.set(call)
        try:
            yield HfApi(endpoint=self._endpoint, token=self._token)
        except Exception as error:
            raise explained(error, f"{doing} {self._place}", call) from None
        finally:
            client.current.reset(token)

    def _fetch(self, api: "HfApi", revision: str, path: str, folder: Path) -> Path | None:
        """Download into a folder; None if the commit does not have the file."""
        from huggingface_hub.errors import RemoteEntryNotFoundError

        try:
            return Path(
                api.hf_hub_download(
                    self._repo,
                    path,
                    revision=revision,
                    repo_type="dataset",
                    cache_dir=folder,
                    etag_timeout=self._timeout_s,
                )
            )
        except RemoteEntryNotFoundError:
            return None


@contextmanager
def _partial(parent: Path) -> Iterator[Path]:
    """A folder for one download; old ones left by killed processes are deleted."""
    for left in parent.glob(f"{_PARTIAL}*"):
        with suppress(FileNotFoundError):  # another download has just ended
            if left.stat().st_mtime < time.time() - _LEFTOVER_S:
                shutil.rmtree(left, ignore_errors=True)
    with scratch(_PARTIAL, parent) as folder:
        yield folder


def _operations(
    files: Mapping[str, bytes | Path | None],
) -> "tuple[list[CommitOperationAdd | CommitOperationDelete], list[CommitOperationAdd]]":
    """The library's operations, and those of them that add or replace a file."""
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete

    additions = [
        CommitOperationAdd(path, data if isinstance(data, bytes) else str(data))
        for path, data in files.items()
        if data is not None
    ]
    deletions = [
        CommitOperationDelete(path, is_folder=False) for path, data in files.items() if data is None
    ]
    return [*additions, *deletions], additions


def _check_commit(revision: str) -> None:
    if not _COMMIT.fullmatch(revision):
        raise ValueError(f"expected a commit id of 40 hexadecimal digits, got {revision!r}")
