"""The judge's command line, environment, and the meaning of its exit. The judge itself is
`python -m evaluation.judge`; the two meet at exit status, log and JSON.
"""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from core.model.contracts import judge as contract
from core.runs.child import PASSED_ON, Ended, last_words
from core.runs.records import ResultFiles
from core.settings import REPOSITORY, Settings

MEMORY_BYTES: Final = 4 << 30
# In addition to the evaluator's variables: how to reach an endpoint from here.
_NETWORK = frozenset(
    name
    for plain in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
    for name in (plain, plain.lower())
) | {"SSL_CERT_FILE", "SSL_CERT_DIR"}


class JudgeFiles(ResultFiles):
    """The files of a judge run next to an upload; none has a reference caption."""

    @property
    def log(self) -> Path:
        return self.folder / "judge_output.txt"

    @property
    def errors(self) -> Path:
        return self.folder / "judge_errors.txt"

    @property
    def out(self) -> Path:
        """The folder for the command's result and scores."""
        return self.folder / "judge"

    @property
    def result(self) -> Path:
        return self.out / contract.RESULT_FILE

    @property
    def scores(self) -> Path:
        return self.out / contract.SCORES_FILE

    @property
    def records(self) -> Path:
        return self.out / contract.RECORDS_FILE

    @property
    def kept(self) -> Path:
        """Result, scores and records of the published run; mirrored."""
        return self.folder / "judge_scores.json.gz"


def cache_folder(settings: Settings) -> Path:
    """Scores by pair and the daily calls, shared by all runs of a data folder.

    Calls of the demo's judge, which cost nothing, do not count against another judge's budget.
    """
    return settings.root / "judge" / ("demo" if settings.demo_judge else "cache")


def arguments(settings: Settings, files: JudgeFiles, *flags: str) -> list[str]:
    """The judge's command line for one upload."""
    return [
        sys.executable,
        "-m",
        "evaluation.judge",
        "run",
        str(files.upload),
        "--ground-truth",
        str(settings.truth_path),
        "--out",
        str(files.out),
        "--cache",
        str(cache_folder(settings)),
        *flags,
    ]


def environment(settings: Settings, *, with_key: bool) -> dict[str, str]:
    """The judge's environment: its own settings and no other secret."""
    kept = {name: value for name, value in os.environ.items() if name in PASSED_ON | _NETWORK}
    own: Mapping[str, str] = dict(settings.judge_environment)
    if not with_key:
        own = {name: value for name, value in own.items() if not name.startswith("OPENAI_")}
    return {**kept, **own, "PYTHONPATH": str(REPOSITORY), "PYTHONUNBUFFERED": "1"}


def reason(ended: Ended, files: JudgeFiles, timeout_s: float) -> str:
    """One sentence on why the judge failed, without text of a caption."""
    if ended.timed_out:
        return f"The judge run took longer than its time limit of {timeout_s / 3600:g} h."
    said = last_words(files.errors).sentence.removeprefix("failed: ")
    if ended.status == 1 and said:
        return said[:1].upper() + said[1:]
    if ended.status < 0:
        return f"The judge's process crashed (signal {-ended.status})."
    return f"The judge ended without a result (exit status {ended.status})."
