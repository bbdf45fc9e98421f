"""What an act is: what somebody asked for, as a typed record, with its rule and its undo.

Each family of acts is a module beside this one; core.changes.acts lists them all. A rule runs
once, when its change is committed: the journal keeps the effects, and reading it asks no rule.
"""

from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

import msgspec

from core.changes.effects import Effect
from core.files.ids import new_id
from core.model.state import State, now

SYSTEM: Final = "system"  # the actor when no person asked for the change
PARTICIPANT: Final = "participant"  # of a submission; who it was is in private/ only


@dataclass(frozen=True, slots=True)
class Done:
    """What a change of the journal did. `why_not`: why it is never undone, "" when it is."""

    kind: str
    effects: Sequence[Effect]
    why_not: str


Lookup = Callable[[str], Done | None]


@dataclass(frozen=True, slots=True)
class At:
    """When and by whom an act is done.

    `joining`: the journals of two machines are joined, and what one of them did is done
    once more behind what the other did. `done` gives what a change of the journal did, as it is
    in the journal now; None when there is no such change, or it was refused.
    """

    change_id: str
    actor: str
    time: str
    done: Lookup
    joining: bool = False


class Act(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", omit_defaults=True):
    """One kind of act. Its fields are kept in the journal for ever: no personal data, only
    references to it (`contact_ref`)."""

    # Whether an undo takes it back; if not, why, and what to do instead.
    undoable: ClassVar[bool] = False
    instead: ClassVar[str] = ""
    # Whether its effects name what was there before: a purge forgets it.
    forgets: ClassVar[bool] = False
    # Whether it changes nothing, and is kept for the audit only.
    for_the_record: ClassVar[bool] = False

    @abstractmethod
    def apply(self, state: State, at: At) -> State:
        """The state after the act; the very same object when it changes nothing.

        Pure. Raises RefusedError when a rule forbids it, EntryError when it has not its form.
        """

    def refused(self, state: State, at: At, reason: str) -> State:
        """What a refusal leaves when journals are joined: nothing, by default."""
        return state

    def about(self) -> str:
        """What it is about, in words, where no entry, submission or report says so."""
        return ""


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One act that is to happen, or has. `id` makes it happen once; `time` is UTC, ISO 8601
    with "Z"."""

    id: str
    actor: str
    time: str
    act: Act

    @property
    def kind(self) -> str:
        """The name of its kind of act."""
        return kind_of(type(self.act))


def kind_of(act: type[Act]) -> str:
    """The name of a kind of act, as the journal has it."""
    return str(act.__struct_config__.tag)


def change(act: Act, actor: str, change_id: str = "") -> Change:
    """An act to be committed now; what may happen only once has an id that says what it does."""
    return Change(id=change_id or new_id(), actor=actor, time=now(), act=act)
