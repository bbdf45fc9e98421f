"""The picture of a board for link previews: its ranks as a matrix.

Drawn on request if the board has changed, in a child process: drawing takes a second or two, and
its memory is only freed when the process ends.
"""

import json
import logging
import sys
from dataclasses import dataclass
from typing import Final

from core.errors import StoreError
from core.files.scratch import scratch
from core.model.entries import BoardName
from core.publish.explore import ranks
from core.publish.explore.models import models_of
from core.publish.numbers import count
from core.publish.plain.board import Boards, picture_title
from core.runs import child
from core.settings import REPOSITORY
from core.usecases.revision import revision
from core.usecases.services import Services
from core.web.shown_boards import shown_boards

LOG = logging.getLogger(__name__)
COMMAND: Final = (sys.executable, "-m", "core.publish.explore")
MOST: Final = 12  # models: link previews are about twice as wide as high
_SCALE: Final = 1.3  # of 900 px
_TIMEOUT_S: Final = 60.0
_MEMORY_BYTES: Final = 0  # no limit: V8 reserves more address space than any useful limit


@dataclass(frozen=True, slots=True)
class _Drawn:
    revision: str
    picture: bytes


class BoardPictures:
    """The last picture of each board. Requests are handled one at a time."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._kept: dict[BoardName, _Drawn] = {}

    def png(self, name: BoardName) -> bytes | None:
        """The picture of the current board; None without models, or if it cannot be drawn.

        Takes a second or two after a change. Raises StoreError if the board cannot be read.
        """
        now = revision(self._services)
        kept = self._kept.get(name)
        if kept and kept.revision == now:
            return kept.picture
        boards = shown_boards(self._services)
        if not boards.ranked[name].standings:
            return None
        try:
            found = _drawn(boards, name)
        except (OSError, StoreError) as error:
            LOG.error("The picture of the %s board could not be drawn: %s", name, error)
            return kept.picture if kept else None
        self._kept[name] = _Drawn(now, found)
        return found


def _drawn(boards: Boards, name: BoardName) -> bytes:
    models = models_of(boards.ranked[name], boards.figures[name])
    size = count(len(models), "model")
    subtitle = f"Rank in each metric, of {size}; the best {MOST} are shown"
    job = {
        "spec": ranks.matrix(models[:MOST], {}, len(models)).spec,
        "title": picture_title(name),
        "subtitle": subtitle if len(models) > MOST else f"Rank in each metric, of {size}",
        "scale": _SCALE,
    }
    with scratch("picture-") as work:
        asked, drawn, errors = work / "job.json", work / "picture.png", work / "errors"
        asked.write_text(json.dumps(job), encoding="utf-8")
        ended = child.run(
            child.Command((*COMMAND, str(asked), str(drawn)), REPOSITORY, child.environment()),
            work / "output",
            errors,
            child.Limits(_TIMEOUT_S, _MEMORY_BYTES),
        )
        if ended.status != 0 or ended.timed_out:
            said = child.last_words(errors)
            raise StoreError(said.sentence or f"exit status {ended.status}")
        return drawn.read_bytes()
