"""Which files are mirrored besides the journal, and how both sides are compared.

Paths are the same in the repo as in the data folder. Only the files listed here are mirrored:
never truth, keys, locks or files for the operator only (eval_errors.txt).
"""

import re
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from core.files.ids import is_id
from core.runs.records import JobFiles

JOURNAL = "journal.jsonl"
# An upload's files always; an evaluation's files once its job has ended.
UPLOADS = frozenset({"input.json", "input.json.gz"})
OUTCOMES = frozenset(
    {
        "eval_output.txt",
        "evaluation.json",
        "samples.json.gz",
        "judge_scores.json.gz",
        "ladder.json",  # of earlier versions: listed, so that it is deleted with its submission
    }
)
TASK = "task.json"  # of a cluster job: sent, and downloaded only by its worker
MOST_FILES, MOST_BYTES = 200, 100 << 20  # in one commit
_REF = re.compile(rb'"contact_ref":"([A-Za-z0-9_-]+)"')
_UNSAFE = re.compile(r"[\x00-\x1f\x7f\\]|^\.")


@dataclass(frozen=True, slots=True)
class Local:
    """Local files for the repo, path to mark; `busy`: folders of running jobs."""

    files: Mapping[str, str]
    busy: frozenset[str]


def belongs(path: str) -> bool:
    """Whether this program mirrors a path of the repo. Such a path is safe to join to a folder."""
    parts = PurePosixPath(path).parts
    if any(_UNSAFE.search(part) or part == ".." or len(part.encode()) > 255 for part in parts):
        return False
    match parts:
        case ("private", name):
            return name.endswith(".json") and is_id(name.removesuffix(".json"))
        case ("jobs", job_id, "job.json" | "task.json"):
            return is_id(job_id)
        case ("results", _folder, name):
            return name in UPLOADS | OUTCOMES
    return False


def fetched(path: str) -> bool:
    """Whether every machine needs the file."""
    return belongs(path) and PurePosixPath(path).name != TASK


def local_files(root: Path, journal: bytes, jobs: JobFiles) -> Local:
    """Local files: contacts referenced by the journal, records of ended jobs, results."""
    found: dict[str, str] = {}
    for ref in {match.decode() for match in _REF.findall(journal)}:
        _add(found, root, f"private/{ref}.json")
    busy: set[str] = set()
    for job in jobs.all():
        if job.done:
            _add(found, root, f"jobs/{job.job_id}/job.json")
        else:
            busy.add(job.submission_id)
        _add(found, root, f"jobs/{job.job_id}/{TASK}")
    for folder in _folders(root / "results"):
        for name in UPLOADS if folder in busy else UPLOADS | OUTCOMES:
            _add(found, root, f"results/{folder}/{name}")
    return Local(found, frozenset(busy))


def mark(path: Path) -> str | None:
    """A mark that changes with the file; None if it is missing."""
    try:
        found = path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return f"{found.st_mtime_ns}.{found.st_size}"


def to_push(
    root: Path,
    local: Local,
    known: Mapping[str, str],
    most: int = MOST_FILES,
    purged: AbstractSet[str] = frozenset(),
) -> dict[str, Path | None]:
    """New and changed files, None for locally erased ones; as many as fit in one commit.

    `purged` are names or paths of private records, uploads and jobs that must be removed.
    """
    erased = [
        path for path, seen in known.items() if _erased(root, path, seen) or _in(path, purged)
    ]
    changed = sorted(
        p for p, seen in local.files.items() if known.get(p) != seen and not _in(p, purged)
    )
    chosen: dict[str, Path | None] = dict.fromkeys(erased[:most])
    size = 0
    for path in changed:
        if len(chosen) >= most or (size > MOST_BYTES):
            break
        chosen[path] = root / path
        size += int(local.files[path].rpartition(".")[2])
    return chosen


def to_fetch(
    known: Mapping[str, str], busy: Iterable[str], purged: AbstractSet[str] = frozenset()
) -> list[str]:
    """Files of the repo that are missing here: jobs first, then results, uploads last."""
    live = {*busy, *purged}
    missing = [
        path
        for path, seen in known.items()
        if not seen
        and fetched(path)
        and PurePosixPath(path).parts[1] not in live
        and path not in purged
    ]
    order = {"private": 0, "jobs": 1, "results": 2}
    return sorted(
        missing,
        key=lambda path: (
            order[PurePosixPath(path).parts[0]],
            PurePosixPath(path).name in UPLOADS,
            path,
        ),
    )


def seen_at(root: Path, paths: Iterable[str], known: Mapping[str, str]) -> dict[str, str]:
    """The files of a head with the marks of the equal local files.

    A file on both sides without a record is assumed to be equal, so that files in the repo are
    never overwritten by a guess.
    """
    return {path: known.get(path) or mark(root / path) or "" for path in paths if belongs(path)}


def old_results(root: Path, entry_id: str, model_name: str) -> Path | None:
    """The results folder of an entry: by its id, or named by the older application.

    That was the model's name with underscores for spaces. The name is compared with existing
    folders, and never used as a path.
    """
    wanted = (entry_id, model_name.replace(" ", "_"))
    there = set(_folders(root / "results"))
    return next((root / "results" / name for name in wanted if name in there), None)


def _of(path: str) -> str:
    """The private record, job or submission that a path of the repo belongs to."""
    return PurePosixPath(path).parts[1].removesuffix(".json") if belongs(path) else ""


def _in(path: str, purged: AbstractSet[str]) -> bool:
    return path in purged or _of(path) in purged


def _erased(root: Path, path: str, seen: str) -> bool:
    return path.startswith("private/") and bool(seen) and mark(root / path) is None


def _add(found: dict[str, str], root: Path, path: str) -> None:
    seen = mark(root / path) if belongs(path) else None
    if seen is not None:
        found[path] = seen


def _folders(folder: Path) -> list[str]:
    try:
        return sorted(path.name for path in folder.iterdir() if path.is_dir())
    except FileNotFoundError:
        return []
