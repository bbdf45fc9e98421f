"""What changed on the boards between two moments: each entry that was added, removed, moved or
re-scored, in words. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from core.changes.versions import RESCORED, TAKEN_BACK
from core.model.entries import BoardName, Entry
from core.model.state import State
from core.model.surplus import held
from core.publish.exports import TITLES
from core.publish.numbers import count
from core.publish.sentences import Named, Sentence, plain
from core.ranking.board import Standing, shown_board

Kind = Literal[
    "verified", "new", "moved", "new version", "earlier version", "re-scored", "judged",
    "approved", "corrected scores", "left", "rank",
]  # fmt: skip
# The most interesting first. "{}" is the model's name.
_WORDS: Final[Mapping[Kind, str]] = {
    "verified": "{} was verified: rank {rank} on the {board} board.",
    "new": "{} is new on the {board} board, at rank {rank}.",
    "moved": "{} moved to the {board} board, at rank {rank}.",
    "new version": "{} has a new version: rank {rank} on the {board} board, previously {old}.",
    "earlier version": "{} went back to its earlier version: rank {rank} on the {board} board, "
    "previously {old}.",
    "re-scored": "{} was scored again: rank {rank} on the {board} board, previously {old}.",
    "judged": "{} was judged: rank {rank} on the {board} board, previously {old}.",
    "approved": "{} had held scores approved by the maintainers: rank {rank} on the {board} board, "
    "previously {old}.",
    "corrected scores": "{} has corrected scores: rank {rank} on the {board} board, "
    "previously {old}.",
    "left": "{} left the {board} board, where it had rank {old}.",
    "rank": "{} went from rank {old} to {rank} on the {board} board.",
}
MOST_MOVES: Final = 20


@dataclass(frozen=True, slots=True)
class Difference:
    """The change of one entry; `board` is its current or former board. `old`, `rank`: None if it
    was, or is, on no board."""

    kind: Kind
    entry_id: str
    model_name: str
    board: BoardName
    old: int | None
    rank: int | None

    @property
    def sentence(self) -> Sentence:
        """In words; the name links to its page unless it is no longer on a board."""
        board = TITLES[self.board]
        words = _WORDS[self.kind].format("\0", old=self.old or "none", rank=self.rank, board=board)
        before, _, after = words.partition("\0")
        gone = self.kind == "left"
        name = self.model_name if gone else Named(self.model_name, self.entry_id)
        return tuple(part for part in (before, name, after) if part)

    @property
    def text(self) -> str:
        """The same as plain text."""
        return plain(self.sentence)

    @property
    def by(self) -> int:
        """By how many ranks it moved."""
        return abs((self.rank or 0) - (self.old or 0))


_Places = Mapping[str, tuple[BoardName, Standing]]


def differences(before: State, after: State) -> Iterator[Difference]:
    """By board and rank, then the removed ones."""
    was, now = _places(before), _places(after)
    for entry_id, (board, standing) in now.items():
        old = was.get(entry_id)
        if kind := _kind(old, board, standing):
            rank = old[1].rank if old else None
            name = standing.entry.model_name
            yield Difference(kind, entry_id, name, board, rank, standing.rank)
    for entry_id, (board, standing) in was.items():
        if entry_id not in now:
            name = standing.entry.model_name
            yield Difference("left", entry_id, name, board, standing.rank, None)


def told(found: Iterable[Difference]) -> list[Sentence]:
    """For readers: the most important first; of the entries that only changed rank, only the
    largest moves."""
    kinds = list(_WORDS)
    by_kind = sorted(found, key=lambda one: kinds.index(one.kind))
    others = [one for one in by_kind if one.kind != "rank"]
    moves = sorted((one for one in by_kind if one.kind == "rank"), key=lambda one: -one.by)
    shown = [one.sentence for one in (*others, *moves[:MOST_MOVES])]
    if rest := moves[MOST_MOVES:]:
        ranks = count(rest[0].by, "rank")
        shown.append((f"{count(len(rest), 'more model')} moved by at most {ranks}.",))
    return shown


def _places(state: State) -> _Places:
    return {
        standing.entry.entry_id: (name, standing)
        for name in TITLES
        for standing in shown_board(state, name).standings
    }


def _kind(old: tuple[BoardName, Standing] | None, board: BoardName, new: Standing) -> Kind | None:
    if old is None:
        return "verified" if board == "official" else "new"
    if old[0] != board:
        return "verified" if board == "official" else "moved"
    was, now = old[1].entry, new.entry
    last = now.history[-1] if now.history and now.history != was.history else None
    if was.upload_id != now.upload_id:
        back = last is not None and (last.why, last.submission_id) == (TAKEN_BACK, was.upload_id)
        return "earlier version" if back else "new version"
    if last is not None and last.why == RESCORED:
        return "re-scored"
    if _judged(was, now):
        return "judged"
    if was.metrics != now.metrics:
        return "approved" if held(was) and not held(now) else "corrected scores"
    return "rank" if old[1].rank != new.rank else None


def _judged(was: Entry, now: Entry) -> bool:
    """Whether its captions were graded since, for the first time or again."""
    if not was.judged:
        return now.judged
    again = now.judge is not None and (was.judge is None or was.judge.run_id != now.judge.run_id)
    return again and was.metrics != now.metrics
