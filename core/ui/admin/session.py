"""What one browser tab keeps for the admin page: the sign-in, the act asked for, what was done.

A Desk is changed in place and callbacks only set its attributes: a callback that looks at
st.session_state may be dropped and is not called again. The page does what was asked for,
after it has seen that somebody is signed in.
"""

import time
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, ClassVar, Final, Literal

import streamlit as st

from core.access.session import Door, Session
from core.model.state import State
from core.settings import Settings
from core.usecases.entry_form import same
from core.usecases.services import Services

PASSWORD: Final = "admin_password"  # noqa: S105 - the key of a widget
MEANWHILE: Final = (
    "Somebody else changed this meanwhile. What you typed is kept; look at both by "
    "“Review the change”, and save it if yours is right."
)
UNDO_KEPT_S: Final = 15 * 60.0
_DONE_KEPT: Final = 3
_DESK: Final = "admin_desk"

Typed = Mapping[str, Any]  # what the fields of an act hold, by name
Change = tuple[str, str, str]  # what, before, after


@dataclass(frozen=True, slots=True)
class Place:
    """What acts work with. `state` is the boards as this run of the page has read them.

    `first` is the boards as the open dialog was first drawn from them, None without one.
    """

    services: Services
    door: Door
    state: State
    actor: str
    first: State | None = None

    @property
    def drawn(self) -> "Place":
        """The same with the boards that the dialog shows, whatever happened since."""
        return self if self.first is None else replace(self, state=self.first)


@dataclass(frozen=True, slots=True)
class Done:
    """An act that was done: one plain sentence, and the operation or operations to undo.

    `secret` is shown once, to be copied: a new submission key.
    """

    text: str
    operation: str | tuple[str, ...] = ""
    secret: str = ""
    at: float = field(default_factory=time.monotonic)

    @property
    def operations(self) -> tuple[str, ...]:
        found = (self.operation,) if isinstance(self.operation, str) else self.operation
        return tuple(filter(None, found))


class Reading:
    """What a dialog shows, to be read and closed."""

    title: ClassVar[str]
    width: ClassVar[Literal["medium", "large"]] = "medium"

    def about(self, place: Place) -> str:
        """What it is about, on top. Raises RefusedError when that is gone."""
        return ""

    def show(self, place: Place, desk: "Desk") -> None:
        """Draw what there is to read; of an act what will happen and the fields."""


class Ask(Reading, ABC):
    """An act of the page: asked in a dialog, or, when it takes nothing away, done at once.

    In one step the dialog shows what will happen; in two it shows fields, and then what they
    change. `verb` is what its button says, `meanwhile` what is said of something that somebody
    else changed since the dialog was first drawn.

    A form draws `place.drawn`, and takes that as the old value in `changes` and `act`.
    """

    verb: ClassVar[str]
    two_steps: ClassVar[bool] = False
    meanwhile: ClassVar[str] = MEANWHILE

    def held(self, place: Place) -> Typed:
        """What the fields show at first, by name; nothing where they begin empty."""
        return {}

    def mine(self, place: Place, typed: Typed) -> dict[str, Any]:
        """Of what the fields hold, what they did not show at first."""
        held = self.held(place.drawn)
        return {name: now for name, now in typed.items() if not same(now, held.get(name))}

    def changes(self, place: Place, typed: Typed) -> Sequence[Change]:
        """For two steps: what the fields change. Raises RefusedError by field, and
        ChangedError where `place.state` is not what the fields showed."""
        return []

    @abstractmethod
    def act(self, place: Place, typed: Typed) -> Done:
        """Do it. Raises MedVidBenchError; nothing is done then."""


@dataclass(slots=True)
class Desk:
    """What callbacks asked for and what the page has to show.

    `typed`: the fields of the act that is being reviewed; `shown`: those that tell their
    problem themselves; `first`: the boards that they were first drawn from; `filled`: the file
    whose numbers were put into them, and `from_file` which. `to_tell`:
    something was done that the admin, who may have scrolled down, has not seen told yet.
    `wait_until`: monotonic seconds.
    """

    session: Session = field(default_factory=Session)
    signing_in: bool = False
    signing_out: bool = False
    entering: bool = False
    told: str = ""
    wait_until: float = 0.0
    ask: Reading | None = None
    serial: int = 0
    reviewing: bool = False
    capture: bool = False
    confirmed: bool = False
    typed: dict[str, Any] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    failure: str = ""
    first: State | None = None
    filled: str = ""
    from_file: dict[str, str] = field(default_factory=dict)
    done: list[Done] = field(default_factory=list)
    to_tell: bool = False
    undoing: tuple[str, ...] = ()
    last_undone: tuple[str, ...] = ()
    shown: set[str] = field(default_factory=set)
    running: Ask | None = None

    # Callbacks: they set attributes and nothing else.

    def ask_to_sign_in(self) -> None:
        self.signing_in = True

    def ask_to_enter(self) -> None:
        self.entering = True

    def ask_to_sign_out(self) -> None:
        self.signing_out = True

    def begin(self, ask: Reading) -> None:
        """A row's button: ask before it is done."""
        self.drop()
        self.ask = ask
        self.serial += 1

    def run(self, ask: Ask) -> None:
        """A button whose act needs no question."""
        self.running = ask

    def review(self) -> None:
        self.reviewing = self.capture = True

    def back(self) -> None:
        self.reviewing = False

    def confirm(self) -> None:
        self.confirmed = True

    def drop(self) -> None:
        """Forget the act that was asked for."""
        self.ask = None
        self.reviewing = self.capture = self.confirmed = False
        self.typed, self.problems, self.failure = {}, {}, ""
        self.shown, self.first = set(), None
        self.filled, self.from_file = "", {}

    def ask_to_undo(self, operations: tuple[str, ...]) -> None:
        if operations != self.last_undone:  # a second click on the same button
            self.undoing = operations

    def dismiss(self, done: Done) -> None:
        self.done = [other for other in self.done if other is not done]

    # What the page calls.

    def key(self, name: str) -> str:
        """The session key of a field of the act that is asked for."""
        return f"ask{self.serial}_{name}"

    def initial(self, name: str, value: Any) -> Any:
        """What a field holds at first: what was typed before, else `value`."""
        return self.typed.get(name, value)

    def look_again(self, problems: Mapping[str, str], mine: Typed) -> None:
        """Draw the fields anew from the boards as they are now, with `mine` in them."""
        self.problems, self.typed = dict(problems), dict(mine)
        self.first, self.reviewing = None, False
        self.serial += 1  # fields of a new name begin with what is there now

    def finish(self, done: Done) -> None:
        self.drop()
        self.done = [done, *self.recent()][:_DONE_KEPT]
        self.to_tell = True

    def recent(self) -> list[Done]:
        """What was done a short while ago, newest first; it can still be undone on top."""
        now = time.monotonic()
        return [done for done in self.done if now - done.at < UNDO_KEPT_S]

    def leave(self, told: str = "") -> None:
        """Forget everything that was for the admin's eyes."""
        self.drop()
        self.done, self.undoing, self.running = [], (), None
        self.signing_in = self.signing_out = self.entering = False
        self.session.close()
        self.told = told


def desk() -> Desk:
    """This tab's desk."""
    found: Desk = st.session_state.setdefault(_DESK, Desk())
    return found


@lru_cache(maxsize=4)
def door(settings: Settings) -> Door:
    """The way in, for this process's settings."""
    return Door(settings)


def typed(desk: Desk) -> dict[str, Any]:
    """What the fields of the act hold now, over what was typed before its review."""
    prefix = desk.key("")
    now = {
        str(key).removeprefix(prefix): value
        for key, value in st.session_state.items()
        if str(key).startswith(prefix)
    }
    return {**desk.typed, **now}
