"""The estimate for a judge run, from the judge itself in a short process with limits.

`python -m evaluation.judge run … --plan` sends no requests. The result is cached until something
that it depends on changes; a failure expires.
"""

import contextlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from core.errors import JobError, MedVidBenchError
from core.files import atomic
from core.model.contracts.judge import JudgePlan, plan_of
from core.model.entries import Job
from core.runs.judging import ask, command
from core.runs.judging.command import JudgeFiles
from core.settings import Settings

_KEPT = 64
# A failure, or a plan with outdated counts, is cached for this many times its run time, so that it
# costs at most a tenth of a processor, however often somebody looks.
_STANDS = 10.0
_FAILED = "The run could not be estimated. It can be started anyway."


def too_much(plan: JudgePlan, budget: int) -> str | None:
    """Why only the maintainers may start a run that needs more calls than the daily budget.

    Otherwise it would leave others without calls for days. None for any other run.
    `core.runs.judging.run` enforces it, even if there was no plan before the start.
    """
    if plan.calls <= budget:
        return None
    return (
        f"Grading this file takes {plan.calls:,} calls, more than the {budget:,} allowed "
        "per day for all models together. Ask the maintainers: they can start it anyway."
    )


@dataclass(frozen=True, slots=True)
class _Answer:
    """The result, the state of the shared files, when (seconds), and how long it took."""

    found: JudgePlan | str
    shared: str
    at: float
    took: float

    def stands(self, shared: str, now: float) -> bool:
        sound = isinstance(self.found, JudgePlan) and self.shared == shared
        return sound or now - self.at < _STANDS * self.took


_Key = tuple[str, ...]
_answers: dict[_Key, _Answer] = {}
_one = threading.Lock()  # one such process at a time: they read the whole truth


def plan(
    settings: Settings,
    files: JudgeFiles,
    last: Job | None,
    clock: Callable[[], float] = time.monotonic,
) -> JudgePlan | str:
    """The plan for an upload, or one sentence on why there is none.

    `last` is its latest judge run: as that progresses, fewer pairs are missing. `clock`: seconds.
    """
    key = (
        str(files.upload),
        settings.judge_model,
        str(settings.judge_budget),
        str(_changed(settings.truth_path)),
        f"{last.job_id} {last.attempt} {last.state}" if last else "",
    )
    with _one:
        shared, began = _shared(settings), clock()
        kept = _answers.get(key)
        if kept is None or not kept.stands(shared, began):
            try:
                found: JudgePlan | str = _ask(settings, files)
            except (MedVidBenchError, OSError) as error:
                found = str(error) if isinstance(error, MedVidBenchError) else _FAILED
            _answers.pop(key, None)
            while len(_answers) >= _KEPT:
                _answers.pop(next(iter(_answers)))
            ended = clock()
            kept = _answers[key] = _Answer(found, shared, ended, ended - began)
        return kept.found


def _shared(settings: Settings) -> str:
    """Changes with the day, and with the calls and scores of all runs."""
    sizes = []
    with contextlib.suppress(OSError):  # no calls yet
        for path in sorted(command.cache_folder(settings).iterdir()):
            with contextlib.suppress(OSError):
                sizes.append((path.name, path.stat().st_size))
    # A plan creates empty files, which do not count.
    grown = [(name, size) for name, size in sizes if size]
    return f"{datetime.now(UTC).date()} {grown}"


def _changed(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def _ask(settings: Settings, files: JudgeFiles) -> JudgePlan:
    """Run the judge's --plan. Raises JobError with one sentence."""
    atomic.make_folder(command.cache_folder(settings))
    arguments = command.arguments(settings, files, "--plan")
    arguments[arguments.index("--out") + 1] = ask.OUT
    said = ask.ask(settings, arguments, _FAILED)
    found = plan_of(said)
    if found is None:
        raise JobError(_FAILED)
    return found
