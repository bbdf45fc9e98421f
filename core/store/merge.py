"""Joins two journals: first the repo's, then our additional lines, applied again.

Lines that the repo lacks run again in order, with their id and time, by the rules, but without the
checks made only once (quota, look-alikes, a closed board). Their effects are computed at the new
position. A refused line is kept with the reason and without effect. Pure.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec

from core.changes.about import about
from core.changes.act import Act, At, Change, Done
from core.changes.acts import act_of, why_not
from core.changes.effects import applied, between, misfits, put, rows_of
from core.errors import EntryError, RefusedError, StoreError
from core.model.rows import TABLES
from core.model.state import State
from core.store import journal
from core.store.follower import folded
from core.store.lines import Draft, Line, encode, read_line

_IN_THE_REPO = Path("journal.jsonl in the dataset repo")  # named in messages
_ELSEWHERE = (
    "Another machine changed the same things first, and this version does not know the rule of "
    "this kind of change."
)


def merged(  # noqa: PLR0913, PLR0917 - both sides and where they are from
    remote: bytes, local: bytes, first: Sequence[Change], writer: str, base: State, where: Path
) -> bytes:
    """`remote`, then the changes of `first` (by `writer`) and of `local` that it lacks.

    Changes are identified by their ids, so nothing is lost or repeated.
    Raises StoreError when `remote` is not a journal, or is damaged.
    """
    if not first and local.startswith(remote):
        return local
    theirs = journal.decode(remote, journal.START, _IN_THE_REPO)
    problems = ["the last line is incomplete"] if theirs.rest else journal.problems(remote)
    if problems:
        raise StoreError(
            f"The journal in the dataset repo is damaged ({'; '.join(problems[:2])}). Nothing was "
            "changed. Restore journal.jsonl in the repo from an earlier commit."
        )
    join = _Join(bytearray(remote), folded(base, theirs.lines), dict(theirs.position.tails))
    join.know(theirs.lines)
    for change in first:
        act = msgspec.to_builtins(change.act)
        join.run(Draft(change.id, change.actor, change.time, act, ()), writer)
        if join.formless:
            raise StoreError(
                f"The boards in the dataset repo cannot be imported: {join.formless} Nothing was "
                "changed. Correct the file in the repo."
            )
    for line in journal.decode(local, journal.START, where).lines:
        if not (line.refused and line.id in join.refused):
            said = (line.act, line.effects, line.about, line.refused)
            join.run(Draft(line.id, line.actor, line.time, *said), line.writer)
    return bytes(join.data)


def waiting(data: bytes, synced: int) -> int:
    """The number of changes after byte `synced` of a journal."""
    return data[synced:].count(b"\n")


@dataclass
class _Join:
    """The journal as it grows, and the state at its end."""

    data: bytearray
    state: State
    tails: dict[str, str]
    done: dict[str, Done] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)
    formless: str = ""  # why the last act was malformed, "" if it was not

    def know(self, lines: Sequence[Line]) -> None:
        """Record these lines as done."""
        for line in lines:
            if line.refused:
                self.refused.add(line.id)
            else:
                done = Done(line.kind, line.effects, why_not(line.kind, line.effects))
                self.done[line.id] = done

    def run(self, asked: Draft, writer: str) -> None:
        """Apply a change at the end of the journal, unless it is already done."""
        if asked.id in self.done:
            return
        self.formless = ""
        try:
            act = act_of(asked.act)
            draft = self._by_effects(asked) if act is None else self._by_rule(asked, act)
        except EntryError as error:  # a kind of act that a newer version extended
            self.formless = str(error)
            draft = self._by_effects(asked)
        text = encode(draft, writer, self.tails.get(writer, ""))
        line = read_line(text[:-1])
        self.data += text
        self.tails[writer] = line.hash
        self.state = applied(self.state, line.effects)
        self.know([line])

    def _by_rule(self, asked: Draft, act: Act) -> Draft:
        at = At(asked.id, asked.actor, asked.time, self.done.get, joining=True)
        try:
            after, refused = act.apply(self.state, at), ""
        except RefusedError as error:
            after, refused = act.refused(self.state, at, str(error)), str(error)
        effects = between(self.state, after, forget=act.forgets)
        subject = about(act, effects, self.state, after)
        return replace(asked, effects=effects, about=subject, refused=refused)

    def _by_effects(self, asked: Draft) -> Draft:
        """Applies an act that only a newer version knows, with its original effects if they match.

        Effects on tables that this version does not have always match.
        """
        if asked.refused:
            return asked  # in an earlier join, which removed its effects
        rows = rows_of(self.state)
        for effect in asked.effects:
            if effect.table in TABLES and misfits(rows, effect):
                return replace(asked, effects=(), refused=_ELSEWHERE)
            put(rows, [effect])  # one by one: a forgotten row may be stored again
        return asked
