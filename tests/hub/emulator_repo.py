"""Dataset repos of the emulated Hub: commits, files by content, compare-and-swap."""

import base64
import fnmatch
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

LARGE = 10 * 1024 * 1024  # the Hub keeps larger files outside git
MOVED = "The branch was updated since you opened this page. Please refresh and try again."


class RefusalError(Exception):
    """A response other than success: status, text and the Hub's X-Error-Code."""

    def __init__(self, status: int, text: str, code: str = "", **headers: str) -> None:
        self.status, self.text, self.code, self.headers = status, text, code, headers
        super().__init__(f"{status} {text}")


@dataclass(frozen=True)
class Blob:
    """One file's content. Large ones are named by sha256, the others by git's own sha1."""

    data: bytes
    large: bool = False

    @cached_property
    def git_id(self) -> str:
        return hashlib.sha1(b"blob %d\0" % len(self.data) + self.data).hexdigest()  # noqa: S324

    @cached_property
    def etag(self) -> str:
        return hashlib.sha256(self.data).hexdigest() if self.large else self.git_id


@dataclass(frozen=True)
class Commit:
    id: str
    files: dict[str, Blob]
    title: str
    text: str
    date: str

    def file(self, path: str) -> Blob:
        if path not in self.files:
            raise RefusalError(404, "Entry not found", "EntryNotFound", x_repo_commit=self.id)
        return self.files[path]


class Repo:
    """One repo with one branch. Thread-safe: commits are appended under a lock."""

    def __init__(self, name: str, private: bool) -> None:
        self.name, self.private, self.created = name, private, now()
        self.commits: list[Commit] = []
        self._lock = threading.Lock()
        self._append({".gitattributes": Blob(b"*.parquet filter=lfs\n")}, "initial commit")

    @property
    def head(self) -> Commit:
        return self.commits[-1]

    def at(self, revision: str) -> Commit:
        """A commit by `main`, its id or the first 7 characters of it."""
        if revision == "main":
            return self.head
        for commit in reversed(self.commits):
            if commit.id == revision or (len(revision) >= 7 and commit.id.startswith(revision)):
                return commit
        raise RefusalError(404, f"Invalid rev id: {revision}", "RevisionNotFound")

    def ignores(self, path: str, rules: str | None) -> bool:
        """Whether .gitignore, given or committed, leaves a path out of commits."""
        if rules is None:
            ignore = self.head.files.get(".gitignore")
            rules = ignore.data.decode() if ignore else ""
        lines = [line.strip() for line in rules.splitlines() if line and not line.startswith("#")]
        return any(fnmatch.fnmatch(path, line.rstrip("/") + "*") for line in lines)

    def swap(self, lines: list[dict[str, Any]], uploaded: dict[str, bytes]) -> Commit:
        """Apply one commit request; refused with 412 when its parent is not the head."""
        if not lines or lines[0].get("key") != "header":
            raise RefusalError(400, "First line must be the header")
        header = lines[0]["value"]
        if not header.get("summary"):
            raise RefusalError(400, "summary is required")
        with self._lock:
            parent = header.get("parentCommit")
            if parent and not self.head.id.startswith(parent):
                raise RefusalError(412, MOVED)
            files = dict(self.head.files)
            for line in lines[1:]:
                _apply(files, line["key"], line["value"], uploaded)
            return self._append(files, header["summary"], header.get("description", ""))

    def _append(self, files: dict[str, Blob], title: str, text: str = "") -> Commit:
        parent = self.commits[-1].id if self.commits else ""
        tree = json.dumps(sorted((path, blob.etag) for path, blob in files.items()))
        seed = f"{self.name}{parent}{tree}{title}{text}{time.time_ns()}"
        commit = Commit(hashlib.sha1(seed.encode()).hexdigest(), files, title, text, now())  # noqa: S324
        self.commits.append(commit)
        return commit


def _apply(
    files: dict[str, Blob], key: str, value: dict[str, Any], uploaded: dict[str, bytes]
) -> None:
    """Apply one line of a commit request to `files`."""
    path = value["path"]
    if key == "file":
        files[path] = Blob(base64.b64decode(value["content"]))
    elif key == "lfsFile":
        if value["oid"] not in uploaded:
            raise RefusalError(400, f"LFS object {value['oid']} not found")
        files[path] = Blob(uploaded[value["oid"]], large=True)
    elif key == "deletedFile":
        if path not in files:
            text = f"A file with this name doesn't exist: {path}"
            raise RefusalError(404, text, "EntryNotFound")
        del files[path]
    else:
        raise RefusalError(400, f"unknown operation {key}")


def tree(commit: Commit, folder: str, recursive: bool) -> Iterator[dict[str, Any]]:
    """Files and folders below `folder`, as the tree route lists them."""
    prefix = folder.rstrip("/") + "/" if folder else ""
    below = {p: blob for p, blob in sorted(commit.files.items()) if p.startswith(prefix)}
    if prefix and not below:
        text = f"{folder} does not exist"
        raise RefusalError(404, text, "EntryNotFound", x_repo_commit=commit.id)
    seen: set[str] = set()
    for path, blob in below.items():
        parts = path[len(prefix) :].split("/")
        for depth in range(1, len(parts)):
            parent = prefix + "/".join(parts[:depth])
            if parent not in seen and (recursive or depth == 1):
                seen.add(parent)
                yield {"type": "directory", "oid": "0" * 40, "size": 0, "path": parent}
        if recursive or len(parts) == 1:
            yield entry(path, blob)


def entry(path: str, blob: Blob) -> dict[str, Any]:
    """One file as tree and paths-info describe it."""
    size = len(blob.data)
    large = {"lfs": {"oid": blob.etag, "size": size, "pointerSize": 134}} if blob.large else {}
    return {"type": "file", "oid": blob.git_id, "size": size, "path": path, **large}


def now() -> str:
    """This moment in the one format that the client parses."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
