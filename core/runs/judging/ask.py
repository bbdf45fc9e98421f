"""Runs a query of the judge's program in a short process with limits, since it reads an upload.

It gets no key, and its output goes to a temporary folder.
"""

from collections.abc import Sequence
from typing import Final

from core.errors import JobError
from core.files.scratch import scratch
from core.runs import child
from core.runs.judging import command
from core.settings import REPOSITORY, Settings

LIMITS: Final = child.Limits(timeout_s=60.0, memory_bytes=2 << 30)
OUT = "{out}"  # an argument that is replaced by the process's own folder


def ask(settings: Settings, arguments: Sequence[str], failed: str) -> bytes:
    """The command's output. Raises JobError with the command's message, or with `failed`."""
    with scratch("judge-") as folder:
        output, errors = folder / "output", folder / "errors"
        asked = child.Command(
            [str(folder) if argument == OUT else argument for argument in arguments],
            REPOSITORY,
            {**command.environment(settings, with_key=False), "TMPDIR": str(folder)},
        )
        ended = child.run(asked, output, errors, LIMITS)
        if ended.status == 0:
            return output.read_bytes()
        words = child.last_words(errors)
        if ended.status == 1 and len(words.lines) == 1:  # an intended message
            raise JobError(words.sentence[:1].upper() + words.sentence[1:])
        raise JobError(failed)
