"""An act: an action on the boards as a typed record, with its rule and its undo.

Each family of acts is a module of this package; core.changes.acts lists them all. A rule runs
once, when its change is committed: the journal stores the effects, and reading it runs no rule.
"""

from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

import msgspec

from core.changes.effects import Effect
from core.files.ids import new_id
from core.model.state import State, now

SYSTEM: Final = "system"  # the actor of a change that no person requested
PARTICIPANT: Final = "participant"  # the actor for a submission; the person is only in private/


@dataclass(frozen=True, slots=True)
class Done:
    """A change in the journal. `why_not`: why it cannot be undone, "" if it can."""

    kind: str
    effects: Sequence[Effect]
    why_not: str


Lookup = Callable[[str], Done | None]


@dataclass(frozen=True, slots=True)
class At:
    """When and by whom an act is done.

    `joining`: the journals of two machines are being joined, and one machine's acts are applied
    again after the other's. `done` gives a change as it is in the journal now; None if there is
    no such change, or it was refused.
    """

    change_id: str
    actor: str
    time: str
    done: Lookup
    joining: bool = False


class Act(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", omit_defaults=True):
    """One kind of act. Its fields are kept in the journal permanently, so they have no personal
    data, only references to it (`contact_ref`)."""

    # Whether it can be undone; if not, why, and what to do instead.
    undoable: ClassVar[bool] = False
    instead: ClassVar[str] = ""
    # Whether its effects keep the previous values: a purge does not.
    forgets: ClassVar[bool] = False
    # Whether it changes nothing and is only recorded for the audit.
    for_the_record: ClassVar[bool] = False

    @abstractmethod
    def apply(self, state: State, at: At) -> State:
        """The state after the act; the same object if it changes nothing.

        Pure. Raises RefusedError when a rule forbids it, EntryError when it is malformed.
        """

    def refused(self, state: State, at: At, reason: str) -> State:
        """The result of a refusal when journals are joined: no change, by default."""
        return state

    def about(self) -> str:
        """Its subject in words, if it is not an entry, submission or report."""
        return ""


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One act to commit, or committed. Its `id` ensures that it happens once; `time` is UTC,
    ISO 8601 with "Z"."""

    id: str
    actor: str
    time: str
    act: Act

    @property
    def kind(self) -> str:
        """The name of its act's kind."""
        return kind_of(type(self.act))


def kind_of(act: type[Act]) -> str:
    """The name of a kind of act in the journal."""
    return str(act.__struct_config__.tag)


def change(act: Act, actor: str, change_id: str = "") -> Change:
    """An act to commit now; an act that may happen only once has a deterministic id."""
    return Change(id=change_id or new_id(), actor=actor, time=now(), act=act)
