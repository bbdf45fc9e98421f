"""The picture of a board for link previews: its ranks as a matrix, with its day.

Drawn on request if there is none yet, in a child process: drawing takes a second or two, and its
memory is only freed when the process ends.
"""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any, Final

from core.errors import StoreError
from core.files.scratch import scratch
from core.model.entries import BoardName
from core.publish.explore import ranks
from core.publish.explore.models import models_of
from core.publish.moment import Moment
from core.publish.numbers import count
from core.publish.plain.board import Boards
from core.runs import child
from core.settings import REPOSITORY
from core.usecases.services import Services
from core.web.shown_boards import shown_boards

LOG = logging.getLogger(__name__)
COMMAND: Final = (sys.executable, "-m", "core.publish.explore")
_KEPT: Final = 32  # pictures of about 100 KB
MOST: Final = 12  # models: link previews are about twice as wide as high
_SCALE: Final = 1.3  # of 900 px
_TIMEOUT_S: Final = 60.0
_MEMORY_BYTES: Final = 0  # no limit: V8 reserves more address space than any useful limit


class BoardPictures:
    """The last pictures, of the current boards and of past ones. Requests are handled one at a
    time."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._kept: dict[str, bytes] = {}  # by what is drawn, the last used at the end
        self._last: dict[BoardName, bytes] = {}  # of the current boards

    def png(self, name: BoardName, day: str = "") -> bytes | None:
        """The picture of the current board, or of that at the end of a day (YYYY-MM-DD).

        None without models, or if it cannot be drawn. Takes a second or two after a change. Raises
        RefusedError for an invalid day, StoreError if the board cannot be read.
        """
        boards = shown_boards(self._services, day)
        if not boards.ranked[name].standings:
            return None
        asked = json.dumps(job(boards, name))
        try:
            found = self._kept.pop(asked, None) or _drawn(asked)
        except (OSError, StoreError) as error:
            LOG.error("The picture of the %s board could not be drawn: %s", name, error)
            return None if day else self._last.get(name)
        self._kept[asked] = found
        if len(self._kept) > _KEPT:
            del self._kept[next(iter(self._kept))]
        if not day:
            self._last[name] = found
        return found


def job(boards: Boards, name: BoardName) -> dict[str, Any]:
    """What core/publish/explore/__main__.py draws for a board."""
    models = models_of(boards.ranked[name], boards.figures[name])
    size = count(len(models), "model")
    subtitle = f"Rank in each metric, of {size}"
    day = boards.day or datetime.now(UTC).date().isoformat()
    return {
        "spec": ranks.matrix(models[:MOST], {}, len(models)).spec,
        "title": Moment(day, "", demo=boards.demo).board_title(name),
        "subtitle": f"{subtitle}; the best {MOST} are shown" if len(models) > MOST else subtitle,
        "scale": _SCALE,
    }


def _drawn(text: str) -> bytes:
    with scratch("picture-") as work:
        asked, drawn, errors = work / "job.json", work / "picture.png", work / "errors"
        asked.write_text(text, encoding="utf-8")
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
