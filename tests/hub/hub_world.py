"""Shared by the Hub tests: its routes, calls of the plain client, calls that must fail."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from core.errors import MirrorError
from core.mirror.repo import Hub
from tests.hub.conftest import NAME

if TYPE_CHECKING:
    from huggingface_hub import HfApi

P = f"/api/datasets/{NAME}"
PREUPLOAD, COMMIT = f"POST {P}/preupload/main", f"POST {P}/commit/main"
NO_COMMIT = "0" * 40
GUARD_S = 20.0  # far more than a call needs, far less than the plain client takes


def put(hub: Hub, **files: str | None) -> str:
    """Commit small files, named after their keyword plus .json, on top of the head."""
    data = {f"{name}.json": text.encode() if text else None for name, text in files.items()}
    return hub.commit(data, parent=hub.head(), message="m")


def failure(call: Callable[[], object]) -> MirrorError:
    with pytest.raises(MirrorError) as raised:
        call()
    return raised.value


def is_quick(call: Callable[[], object]) -> MirrorError:
    """The error of a call, which must be raised well before the plain client would give up."""
    start = time.monotonic()
    error = failure(call)
    assert time.monotonic() - start < GUARD_S
    return error


def resolve(path: str, revision: str = "main") -> str:
    return f"/datasets/{NAME}/resolve/{revision}/{path}"


def upload(plain: "HfApi", path: str, data: bytes) -> str:
    return plain.upload_file(
        path_or_fileobj=data, path_in_repo=path, repo_id=NAME, repo_type="dataset"
    ).oid


def fetch(plain: "HfApi", path: str, folder: Path, revision: str | None = None) -> bytes:
    found = plain.hf_hub_download(
        NAME, path, revision=revision, repo_type="dataset", cache_dir=folder
    )
    return Path(found).read_bytes()
