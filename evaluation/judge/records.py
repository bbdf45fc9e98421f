"""What a judge run keeps on disk: scores as they come, and the calls spent per day.

A pair is named by its digest: neither file holds a word of a caption or a reference.
"""

import datetime
import hashlib
import os
import time
from pathlib import Path

import msgspec
from filelock import FileLock

from evaluation.judge.client import JudgeStoppedError

_SYNC_S = 1.0


class Score(msgspec.Struct, frozen=True):
    """One judged pair; `prompt` and `rubric` name what was asked, `model` who answered."""

    pair: str
    scores: dict[str, int]
    model: str
    rubric: str
    prompt: str
    time: str


class ScoreFile:
    """An append-only file of scores that several processes may share.

    A line torn by a kill is skipped; the next writer begins on a line of its own.
    """

    def __init__(self, path: Path) -> None:
        self._path, self._offset, self._synced = path, 0, 0.0
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
        """Takes in what other processes have appended."""
        size = os.fstat(self._handle).st_size
        if size <= self._offset:
            return
        data = os.pread(self._handle, size - self._offset, self._offset)
        whole = data[: data.rfind(b"\n") + 1]
        self._offset += len(whole)
        for line in whole.splitlines():
            try:
                score = msgspec.json.decode(line, type=Score)
            except (msgspec.DecodeError, UnicodeDecodeError):
                continue  # torn by a kill: that pair is asked again
            self.scores[score.pair] = score

    def add(self, score: Score) -> None:
        """Appends one score; synced to the disk at most every second."""
        self.scores[score.pair] = score
        with self._lock:
            os.write(self._handle, msgspec.json.encode(score) + b"\n")
        if time.monotonic() - self._synced >= _SYNC_S:
            os.fsync(self._handle)
            self._synced = time.monotonic()

    def close(self) -> None:
        """Syncs and closes."""
        os.fsync(self._handle)
        os.close(self._handle)


def cache_path(folder: Path, model: str, rubric: str) -> Path:
    """The file that all runs with this model and rubric version share."""
    digest = hashlib.sha256(f"{model}\n{rubric}".encode()).hexdigest()[:24]
    return folder / f"scores-{digest}.jsonl"


class Budget:
    """Calls that may still be sent: per run, and per day (UTC) over all runs of a folder."""

    def __init__(self, folder: Path, most: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._most, self.spent = folder, most, 0
        self._lock = FileLock(folder / "budget.lock")

    def left(self) -> int:
        """Calls that neither limit forbids now."""
        return max(0, self._most - max(self.spent, self._today()))

    def spend(self) -> None:
        """Counts one call before it is sent. Raises JudgeStoppedError at the limit."""
        with self._lock:
            today = self._today()
            if self.spent >= self._most or today >= self._most:
                raise JudgeStoppedError(
                    f"The budget of {self._most:,} calls per run and per day is spent. Resume "
                    "tomorrow, or raise MEDVIDBENCH_JUDGE_BUDGET."
                )
            self.spent += 1
            path = self._path()
            temporary = path.with_suffix(".tmp")
            temporary.write_text(str(today + 1))
            temporary.replace(path)

    def _path(self) -> Path:
        day = datetime.datetime.now(datetime.UTC).date().isoformat()
        return self._folder / f"calls-{day}.txt"

    def _today(self) -> int:
        try:
            return int(self._path().read_text())
        except FileNotFoundError:
            return 0
        except ValueError:
            return self._most  # damaged: rather no call than one too many
