"""Checks an upload before storing it: queued, in a process with limits."""

import tempfile
from collections.abc import Callable
from pathlib import Path

from core.files import atomic
from core.files.scratch import scratch
from core.model.contracts.review import Review
from core.runs.uploads.check import check
from core.runs.uploads.turns import nobody, turns
from core.settings import Settings


def review(settings: Settings, content: bytes, tell: Callable[[int], None] = nobody) -> Review:
    """The report on an upload's content.

    `tell` is called about once a second with the number of checks ahead. Raises StoreError
    if the data folder cannot be written.
    """
    questions = settings.questions_path
    usable = questions if questions is not None and questions.is_file() else None
    try:
        with (
            turns(settings.max_checks).turn(tell),
            scratch("upload-") as folder,
        ):
            # A fixed name, which starts sentences of the check; the sender's is not used.
            path = folder / "Your file"
            path.write_bytes(content)
            return check(path, questions=usable)
    except OSError as error:
        raise atomic.store_error(
            error, "Cannot check the upload in", Path(tempfile.gettempdir()), "It was not kept."
        ) from error
