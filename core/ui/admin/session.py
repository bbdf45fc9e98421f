"""What one browser tab keeps for the admin page: the sign-in, the open dialog, its acts.

An AdminSession is changed in place and callbacks only set its attributes (see core.ui.acts). The
page does what was asked for, after it has seen that somebody is signed in.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, ClassVar, Final, Literal

import streamlit as st

from core.access.session import Door, Session
from core.model.state import State
from core.settings import Settings
from core.ui.acts import Acts, Outcome
from core.usecases.entry_form import same
from core.usecases.services import Services

PASSWORD: Final = "admin_password"  # noqa: S105 - the key of a widget
MEANWHILE: Final = (
    "Somebody else changed this meanwhile. Your input is kept; compare both with "
    "“Review the change”, and save it if yours is right."
)
_SESSION: Final = "admin_session"

Typed = Mapping[str, Any]  # what the fields of a dialog hold, by name
Change = tuple[str, str, str]  # what, before, after


@dataclass(frozen=True, slots=True)
class Context:
    """What acts work with. `state` is the boards as this run of the page has read them.

    `opened_state` is the boards as the open dialog was first drawn from them, None without one.
    """

    services: Services
    door: Door
    state: State
    actor: str
    opened_state: State | None = None

    @property
    def when_opened(self) -> "Context":
        """The same with the boards that the dialog shows, whatever happened since."""
        return self if self.opened_state is None else replace(self, state=self.opened_state)


class Dialog:
    """What a dialog shows, to be read and closed."""

    title: ClassVar[str]
    width: ClassVar[Literal["medium", "large"]] = "medium"

    def about(self, context: Context) -> str:
        """What it is about, on top. Raises RefusedError when that is gone."""
        return ""

    def show(self, context: Context, session: "AdminSession") -> None:
        """Draw what there is to read; of an act what will happen and the fields."""


class DialogAct(Dialog, ABC):
    """An act of the page: asked in a dialog, or, when it takes nothing away, done at once.

    In one step the dialog shows what will happen; in two it shows fields, and then what they
    change. `verb` is what its button says, `meanwhile` what is said of something that somebody
    else changed since the dialog was first drawn. The button of a `destructive` act is red.

    A form draws `context.when_opened`, and takes that as the old value in `changes` and `act`.
    """

    verb: ClassVar[str]
    destructive: ClassVar[bool] = False
    two_steps: ClassVar[bool] = False
    meanwhile: ClassVar[str] = MEANWHILE

    def initial_values(self, context: Context) -> Typed:
        """What the fields show at first, by name; nothing where they begin empty."""
        return {}

    def edited(self, context: Context, typed: Typed) -> dict[str, Any]:
        """Of what the fields hold, what they did not show at first."""
        initial = self.initial_values(context.when_opened)
        return {name: now for name, now in typed.items() if not same(now, initial.get(name))}

    def changes(self, context: Context, typed: Typed) -> Sequence[Change]:
        """For two steps: what the fields change. Raises RefusedError by field, and
        ChangedError where `context.state` is not what the fields showed."""
        return []

    def notes(self, context: Context, typed: Typed) -> Sequence[str]:
        """What to be warned of while what the fields change is shown."""
        return ()

    def others(self) -> "Sequence[DialogAct]":
        """What else may be done about the same: more buttons beside that of this act."""
        return ()

    @abstractmethod
    def act(self, context: Context, typed: Typed) -> Outcome:
        """Do it. Raises MedVidBenchError; nothing is done then."""


@dataclass(slots=True)
class AdminSession:
    """`login`: who is signed in, and since when. `notice`: what is said at the sign-in.
    `wait_until`: the next password is looked at then (monotonic seconds).

    `dialog`: the open one. `form_number` is part of its fields' keys: a new number makes them
    anew. `reviewing`: it shows what the fields change; `capture`: their values are to be taken
    before they are gone. `typed`: what was typed before the review or a refusal; `shown_fields`:
    which show their problems themselves; `opened_state`: the boards that they were first drawn
    from; `filled`: the file whose numbers were put into them, and `from_file` which.
    """

    login: Session = field(default_factory=Session)
    notice: str = ""
    wait_until: float = 0.0
    acts: Acts = field(default_factory=Acts)
    dialog: Dialog | None = None
    form_number: int = 0
    reviewing: bool = False
    capture: bool = False
    typed: dict[str, Any] = field(default_factory=dict)
    shown_fields: set[str] = field(default_factory=set)
    opened_state: State | None = None
    filled: str = ""
    from_file: dict[str, str] = field(default_factory=dict)

    # Callbacks: they set attributes and nothing else.

    def open(self, dialog: Dialog) -> None:
        """A row's button: ask before it is done."""
        self.close()
        self.dialog = dialog
        self.form_number += 1

    def review(self) -> None:
        self.reviewing = self.capture = True

    def back(self) -> None:
        self.reviewing = False

    def close(self) -> None:
        """Close the dialog and forget what was typed in it."""
        self.dialog = None
        self.reviewing = self.capture = False
        self.typed, self.from_file, self.filled = {}, {}, ""
        self.shown_fields, self.opened_state = set(), None
        self.acts.clear()

    # What the page calls.

    def key(self, name: str) -> str:
        """The session key of a field of the open dialog."""
        return f"ask{self.form_number}_{name}"

    def initial(self, name: str, value: Any) -> Any:
        """What a field holds at first: what was typed before, else `value`."""
        return self.typed.get(name, value)

    def refresh_form(self, typed: Typed) -> None:
        """Draw the fields again from the current boards, with `typed` in them."""
        self.typed = dict(typed)
        self.opened_state, self.reviewing = None, False
        self.form_number += 1

    def leave(self, notice: str = "") -> None:
        """Forget everything that was for the admin's eyes."""
        self.close()
        self.acts = Acts()
        self.login.close()
        self.notice = notice


def admin_session() -> AdminSession:
    """This tab's own."""
    found: AdminSession = st.session_state.setdefault(_SESSION, AdminSession())
    return found


@lru_cache(maxsize=4)
def door(settings: Settings) -> Door:
    """The way in, for this process's settings."""
    return Door(settings)


def typed_values(session: AdminSession) -> dict[str, Any]:
    """What the fields of the dialog hold now, over what was typed before its review."""
    prefix = session.key("")
    now = {
        str(key).removeprefix(prefix): value
        for key, value in st.session_state.items()
        if str(key).startswith(prefix)
    }
    return {**session.typed, **now}
