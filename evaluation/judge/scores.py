"""The files of a judge run: scores as they arrive, and the calls spent per day.

Pairs are identified by digest: neither file has text of a caption or a reference.
Both files are append-only, so that a kill loses at most the last line; `sync` flushes to the
disk and is called every second.
"""

import datetime
import errno
import hashlib
import os
from collections.abc import Collection
from pathlib import Path

import msgspec
from filelock import FileLock

from core.benchmark import JUDGE_GRADES
from evaluation.judge.failures import BudgetSpentError
from evaluation.judge.reply import ASPECTS


class Score(msgspec.Struct, frozen=True):
    """One judged pair, with the `prompt` hash, the `rubric` version and the `model`.

    `calls`, `sent` and `received` count its requests and its input and output tokens.
    """

    pair: str
    scores: dict[str, int]
    model: str
    rubric: str
    prompt: str
    time: str
    task: str = ""
    calls: int = 1
    sent: int = 0
    received: int = 0

    @property
    def valid(self) -> bool:
        """Whether it is a complete, valid verdict; a file may contain anything."""
        return tuple(self.scores) == ASPECTS and all(
            one in JUDGE_GRADES for one in self.scores.values()
        )


def decode_scores(data: bytes) -> list[Score]:
    """The scores of complete lines; a line cut off by a kill is ignored."""
    found = []
    for line in data.splitlines():
        try:
            score = msgspec.json.decode(line, type=Score)
        except (msgspec.DecodeError, UnicodeDecodeError):
            continue
        if score.valid:
            found.append(score)
    return found


class ScoreFile:
    """An append-only score file that several processes may share.

    Given `prompts`, only scores of these prompt hashes count: after a change of the wording
    every pair is graded again. Every writer starts on a new line.
    """

    def __init__(self, path: Path, prompts: Collection[str] | None = None) -> None:
        self._path, self._offset, self._dirty = path, 0, False
        self._prompts = None if prompts is None else frozenset(prompts)
        self.scores: dict[str, Score] = {}
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = FileLock(path.with_suffix(".lock"))
        with self._lock:
            self._handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
            size = os.fstat(self._handle).st_size
            if size and os.pread(self._handle, 1, size - 1) != b"\n":
                os.write(self._handle, b"\n")
        self.refresh()

    def refresh(self) -> None:
        """Reads what other processes have appended."""
        size = os.fstat(self._handle).st_size
        if size <= self._offset:
            return
        data = os.pread(self._handle, size - self._offset, self._offset)
        whole = data[: data.rfind(b"\n") + 1]
        self._offset += len(whole)
        for score in decode_scores(whole):
            if self._prompts is None or score.prompt in self._prompts:
                self.scores[score.pair] = score

    def add(self, score: Score) -> None:
        """Appends one score. It survives a crash of this process, and after `sync` a power cut."""
        line = msgspec.json.encode(score) + b"\n"
        with self._lock:
            size = os.fstat(self._handle).st_size
            if os.write(self._handle, line) < len(line):
                os.ftruncate(self._handle, size)
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self.scores[score.pair] = score
        self._dirty = True

    def sync(self) -> None:
        """Flushes added scores to the disk."""
        if self._dirty:
            self._dirty = False
            os.fsync(self._handle)

    def close(self) -> None:
        """Syncs and closes."""
        self.sync()
        os.close(self._handle)


def cache_path(folder: Path, model: str, rubric: str) -> Path:
    """The file that all runs with this model and rubric version share."""
    digest = hashlib.sha256(f"{model}\n{rubric}".encode()).hexdigest()[:24]
    return folder / f"scores-{digest}.jsonl"


class Budget:
    """Limits the calls: per run, and per day (UTC) over all runs of a folder.

    A day's file has one byte per call: appending a byte is atomic and loses no count.
    """

    def __init__(self, folder: Path, most: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._most, self.spent = folder, most, 0
        self._lock = FileLock(folder / "budget.lock")

    def left(self) -> int:
        """Calls left within both limits."""
        return max(0, self._most - max(self.spent, self._today()))

    def spend(self) -> None:
        """Counts one call before it is sent. Raises BudgetSpentError at the limit."""
        with self._lock:
            if self.left() < 1:
                raise BudgetSpentError(
                    f"The budget of {self._most:,} calls per run and per day is spent. Resume "
                    "tomorrow, or raise MEDVIDBENCH_JUDGE_BUDGET."
                )
            with self._path().open("ab", buffering=0) as file:
                file.write(b"\n")
            self.spent += 1

    def sync(self) -> None:
        """Flushes today's count to the disk."""
        if self.spent and self._path().exists():
            with self._path().open("ab") as file:
                os.fsync(file.fileno())

    def _path(self) -> Path:
        day = datetime.datetime.now(datetime.UTC).date().isoformat()
        return self._folder / f"calls-{day}.txt"

    def _today(self) -> int:
        try:
            return self._path().stat().st_size
        except FileNotFoundError:
            return 0
