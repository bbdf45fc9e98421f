"""What a judge run would take, asked of the judge itself in a short process with limits.

`python -m evaluation.judge run … --plan` asks no model anything. The answer is kept until
something that it depends on changes.
"""

import threading
from pathlib import Path

import msgspec

from core import atomic
from core.entries import Job
from core.errors import JobError, MedVidBenchError
from core.judge import judge_child, judge_command
from core.judge.judge_command import JudgeFiles
from core.settings import Settings

_KEPT = 64
_MARK = b"[plan] "
_FAILED = "What a run would take could not be estimated. It can be started all the same."


class JudgePlan(msgspec.Struct, frozen=True, kw_only=True):
    """Pairs to judge, distinct ones, calls still to be made, estimated tokens and US dollars.

    `budget_left`: calls that today's limit still allows.
    """

    pairs: int
    distinct: int
    calls: int
    tokens: int
    cost_usd: float
    budget_left: int


_Key = tuple[str, ...]
_plans: dict[_Key, JudgePlan | str] = {}
_one = threading.Lock()  # one such process at a time: they read the whole truth


def plan(settings: Settings, files: JudgeFiles, last: Job | None) -> JudgePlan | str:
    """The plan for an upload, or one sentence on why there is none.

    `last` is its latest judge run: when that went on, fewer pairs are missing.
    """
    key = (
        str(files.upload),
        settings.judge_model,
        str(_changed(settings.truth_path)),
        f"{last.job_id} {last.attempt} {last.state}" if last else "",
    )
    with _one:
        if key not in _plans:
            try:
                found: JudgePlan | str = _ask(settings, files)
            except (MedVidBenchError, OSError) as error:
                found = str(error) if isinstance(error, MedVidBenchError) else _FAILED
            while len(_plans) >= _KEPT:
                _plans.pop(next(iter(_plans)))
            _plans[key] = found
        return _plans[key]


def _changed(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def _ask(settings: Settings, files: JudgeFiles) -> JudgePlan:
    """Run the judge's --plan. Raises JobError with one sentence."""
    atomic.make_folder(judge_command.cache_folder(settings))
    arguments = judge_command.command(settings, files, "--plan")
    arguments[arguments.index("--out") + 1] = judge_child.OUT
    said = judge_child.ask(settings, arguments, _FAILED)
    lines = [line for line in said.splitlines() if line.startswith(_MARK)]
    try:
        return msgspec.json.decode(lines[-1].removeprefix(_MARK), type=JudgePlan)
    except (IndexError, msgspec.DecodeError):
        raise JobError(_FAILED) from None
