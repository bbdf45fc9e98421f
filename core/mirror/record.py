"""This machine's record of its repo, mirror.json, and the pace of commits.

There is no separate outbox: what waits is the part of the journal that the repo does not have.
The next pull creates a lost or damaged record again.
"""

from collections.abc import Mapping
from pathlib import Path

import msgspec

from core.errors import StoreError
from core.files import atomic

SCHEMA = 1
NAME = "mirror.json"
HOUR_S = 3600.0


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """The repo as last seen, and the last results. Times are seconds since the epoch.

    head: newest known commit, with a journal of `journal_bytes` bytes and hash `journal_sha256`.
    files: path in the repo to the mark of the equal local file, "" if there is none. checked: when
    the head was last read successfully; synced: when nothing waited. commits: times of the commits
    in the last hour.
    """

    schema: int = SCHEMA
    repo: str = ""
    head: str = ""
    journal_bytes: int = 0
    journal_sha256: str = ""
    files: Mapping[str, str] = {}
    checked: float = 0.0
    synced: float = 0.0
    commits: tuple[float, ...] = ()
    error: str = ""
    kind: str = ""
    failures: int = 0
    retry_at: float = 0.0


def load(root: Path, repo: str) -> Record:
    """The record; an empty one if it is missing, damaged or from another repo.

    The commits of the last hour count for any repo.
    """
    try:
        found = msgspec.json.decode((root / NAME).read_bytes(), type=Record)
    except FileNotFoundError:
        return Record(repo=repo)
    except OSError as error:
        raise atomic.store_error(error, "Cannot read", root / NAME, "Nothing was sent.") from error
    except ValueError:  # not JSON, or not UTF-8
        return Record(repo=repo)
    if found.schema > SCHEMA:
        raise StoreError(
            f"{root / NAME}: schema {found.schema} is unknown, expected {SCHEMA}. Update this "
            "program, or delete the file: the next pull makes it again."
        )
    return found if found.repo == repo else Record(repo=repo, commits=found.commits)


def save(root: Path, record: Record) -> None:
    """Replace the record. Raises StoreError, leaving the old one unchanged."""
    atomic.write(root / NAME, msgspec.json.encode(record))


def wait_s(commits: tuple[float, ...], per_hour: int, now: float) -> float:
    """Seconds until the next commit may be made.

    A third of the hourly budget may be used at once; the rest is spread evenly, so that bursts
    do not prevent commits for the rest of an hour. Never more than `per_hour` in any hour. Times
    in the future (the clock was set back) count as now.
    """
    recent = sorted(min(at, now) for at in commits if at > now - HOUR_S)
    if len(recent) < max(1, per_hour // 3):
        return 0.0
    if len(recent) >= per_hour:
        return recent[-per_hour] + HOUR_S - now
    spread = HOUR_S / (per_hour - per_hour // 3)
    return max(0.0, recent[-1] + spread - now)


def settled(record: Record, now: float) -> Record:
    """The record with the times of commits in the future (the clock was set back) set to now.

    They have to be stored this way: if they only counted as now, they would never be an hour old.
    """
    return msgspec.structs.replace(record, commits=tuple(min(at, now) for at in record.commits))


def spent(commits: tuple[float, ...], now: float) -> tuple[float, ...]:
    """`commits` with one more, without those older than an hour."""
    return (*(at for at in commits if at > now - HOUR_S), now)
