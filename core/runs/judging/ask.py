"""Asks the judge's program something in a short process with limits: it reads an upload.

It gets no key, and what it prints goes through a folder of its own that is gone with it.
"""

import contextlib
import resource
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from core.errors import JobError
from core.model.contracts.evaluation import ERROR
from core.runs.child import wait_or_kill
from core.runs.judging import command
from core.settings import REPOSITORY, Settings

TIMEOUT_S = 60.0
MEMORY_BYTES = 2 << 30
OUT = "{out}"  # an argument that stands for a folder of the process's own


def ask(settings: Settings, arguments: Sequence[str], failed: str) -> bytes:
    """What the command prints. Raises JobError with its own sentence, or with `failed`."""
    with tempfile.TemporaryDirectory(prefix="judge-") as folder:
        output, errors = Path(folder) / "output", Path(folder) / "errors"
        with output.open("wb") as out, errors.open("wb") as err:
            child = subprocess.Popen(
                [folder if argument == OUT else argument for argument in arguments],
                cwd=REPOSITORY,
                env={**command.environment(settings, with_key=False), "TMPDIR": folder},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                start_new_session=True,
            )
        _limit(child.pid)
        status = wait_or_kill(child, TIMEOUT_S)
        if status == 0:
            return output.read_bytes()
        said = errors.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        if status == 1 and len(said) == 1:  # a sentence that the judge said on purpose
            reason = said[0].removeprefix(ERROR)
            raise JobError(reason[:1].upper() + reason[1:])
        raise JobError(failed)


def _limit(pid: int) -> None:
    """Limit the child's memory from outside: code between fork and exec is not safe here."""
    if hasattr(resource, "prlimit"):
        with contextlib.suppress(OSError):  # it has ended already
            resource.prlimit(pid, resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
