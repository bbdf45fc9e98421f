"""A new version compared with the one it replaced, and going back to that one."""

from dataclasses import dataclass

import msgspec

from core.access.submission_keys import Proof
from core.changes import admission, keeping
from core.changes.versions import TAKEN_BACK, former, kept_until
from core.errors import RefusedError
from core.model.entries import Entry, Version
from core.model.state import State, now
from core.model.surplus import withheld
from core.ranking.what_if import RunRanks, run_ranks
from core.runs.records import result_files
from core.usecases.own_entries import OWNER, on_board
from core.usecases.services import Services


@dataclass(frozen=True, slots=True)
class Comparison:
    """`old` is the version that `entry` may go back to, until `until` (UTC, ISO 8601).

    `ranks_now` and `ranks_before` are today's ranks with the current and with the earlier scores.
    """

    entry: Entry
    old: Version
    until: str
    ranks_now: RunRanks
    ranks_before: RunRanks

    @property
    def shown(self) -> Entry:
        """The current version without held metrics."""
        return withheld(self.entry)


def comparison(state: State, entry_id: str) -> Comparison | None:
    """The two versions of an entry; None if there is none to go back to now."""
    found = state.find(entry_id)
    old = former(found[1], now()) if found else None
    if found is None or old is None:
        return None
    entry = found[1]
    before = msgspec.structs.replace(
        entry, metrics=old.metrics, coverage=old.coverage, surplus={}, held=None
    )
    return Comparison(
        entry, old, kept_until(old), run_ranks(state, withheld(entry)), run_ranks(state, before)
    )


def keep_old(services: Services, entry_id: str, taken_back: str, proof: Proof) -> None:
    """Go back to the version that was replaced by `taken_back`, the current one's submission.

    Raises RefusedError, also for a closed track: its entries must not choose a version afterwards.
    """
    state = services.store.read()
    entry, _board = on_board(state, entry_id, proof)
    change = keeping.keep_old(entry, OWNER, taken_back)
    last = entry.history[-1] if entry.history else None
    if last and (last.why, last.submission_id) == (TAKEN_BACK, taken_back):
        return  # already done in another tab
    if entry.upload_id == taken_back:
        closed = admission.version_problem(state.policy, entry, now())
        old = former(entry, now())
        if closed:
            raise RefusedError({"version": closed})
        if old and not result_files(services.settings.root, old.submission_id).upload.is_file():
            raise RefusedError({"version": keeping.GONE})
    services.store.commit(change)
