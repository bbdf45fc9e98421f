"""The boards as plain pages and the first answer show them, read once per change."""

from functools import lru_cache
from typing import Final

from core.files.hashes import cached_sha256
from core.publish.plain.board import Boards, ranked_boards
from core.store.as_of import day_of, state_at
from core.usecases.revision import revision
from core.usecases.services import Services
from core.usecases.statistics import statistics_of

_KEPT: Final = 4


def shown_boards(services: Services, day: str = "") -> Boards:
    """The current boards, or those at the end of a day (YYYY-MM-DD).

    Raises RefusedError for an invalid day, StoreError if the boards cannot be read.
    """
    # The revision first: a change made between the two reads is then noticed, not missed.
    return _boards(services, day_of(day).isoformat() if day else "", revision(services))


@lru_cache(maxsize=_KEPT)
def _boards(services: Services, day: str, _revision: str) -> Boards:
    settings = services.settings
    if day:
        # Figures and the ground truth are today's only, so that a past day's page never changes.
        state = state_at(settings, day_of(day), services.store.revision()).state
        ranked = ranked_boards(state)
        return Boards(state, ranked, dict.fromkeys(ranked), day, settings.demo)
    state = services.store.read()
    ranked = ranked_boards(state)
    return Boards(
        state,
        ranked,
        {name: statistics_of(settings.root, board) for name, board in ranked.items()},
        "",
        settings.demo,
        settings.demo_judge,
        cached_sha256(settings.truth_path),
    )
