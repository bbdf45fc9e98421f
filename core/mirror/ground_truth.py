"""The ground truth from the mirror's repo: downloaded once, at a recorded commit.

It is never written to the repo. A newer truth in the repo is not used automatically, since
scores of different truths are not comparable: delete private/truth/ to use the newest.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from core.errors import EntryError, GroundTruthError, MirrorError
from core.files import atomic
from core.files.hashes import sha256
from core.files.schema import upgraded
from core.settings import Settings

if TYPE_CHECKING:
    from core.mirror.repo import Hub

REMOTE = "ground_truth.json"
_SOURCE = "source.json"


class Source(msgspec.Struct, frozen=True):
    """The source of the local truth: commit id and SHA-256 of the file."""

    revision: str
    sha256: str
    schema: int = 1


def problem(settings: Settings) -> str | None:
    """One sentence for participants if nothing can be scored now, else None."""
    awaited = settings.mirrored and settings.ground_truth is None
    if not awaited or settings.truth_path.is_file():
        return None
    return (
        "Submissions are closed at the moment: the ground truth that answers are scored "
        "against has not arrived on this server yet. Nothing is lost; try again in a few minutes."
    )


def ensure(settings: Settings, hub: "Hub") -> None:
    """Download the truth with mode 0600, if it comes from the mirror.

    Raises GroundTruthError when the repo has none, MirrorError or StoreError otherwise.
    """
    if not settings.mirrored or settings.ground_truth is not None:
        return
    target = settings.mirrored_truth
    known = source(target)
    if known is not None and target.is_file() and sha256(target) == known.sha256:
        return
    revision = known.revision if known else hub.head()
    try:
        digest = hub.download(revision, REMOTE, target, atomic.PRIVATE)
    except MirrorError as error:
        if error.kind != "absent":
            raise
        raise GroundTruthError(
            f"The dataset repo has no {REMOTE}, so nothing can be evaluated. Put it there, or "
            "set MEDVIDBENCH_GROUND_TRUTH to a file."
        ) from error
    atomic.write(target.parent / _SOURCE, msgspec.json.encode(Source(revision, digest)))


def source(target: Path) -> Source | None:
    """The record of the truth at `target`; None if missing or unreadable."""
    try:
        record = msgspec.json.decode((target.parent / _SOURCE).read_bytes(), type=dict[str, Any])
        return msgspec.convert(upgraded(record), Source)
    except (FileNotFoundError, ValueError, EntryError):  # not JSON, not UTF-8, no record
        return None
