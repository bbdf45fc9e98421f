"""The admin page's state in one browser tab: the sign-in, the open dialog, its acts.

An AdminSession is changed in place, and callbacks only set its attributes (see core.ui.acts). The
page performs requests after it has checked that somebody is signed in.
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
    "Somebody else has changed this. Your input is kept; compare both with "
    "“Review the change”, and save yours if it is right."
)
_SESSION: Final = "admin_session"

Typed = Mapping[str, Any]  # the values of a dialog's fields, by name
Change = tuple[str, str, str]  # what, before, after


@dataclass(frozen=True, slots=True)
class Context:
    """What acts work with. `state`: the boards as read by this run of the page.

    `opened_state`: the boards from which the open dialog was first drawn; None without a dialog.
    """

    services: Services
    door: Door
    state: State
    actor: str
    opened_state: State | None = None

    @property
    def when_opened(self) -> "Context":
        """The same with the boards that the dialog shows, without later changes."""
        return self if self.opened_state is None else replace(self, state=self.opened_state)


class Dialog:
    """A dialog that is only read and closed."""

    title: ClassVar[str]
    width: ClassVar[Literal["medium", "large"]] = "medium"

    def about(self, context: Context) -> str:
        """Its subject, shown at the top. Raises RefusedError if that is gone."""
        return ""

    def show(self, context: Context, session: "AdminSession") -> None:
        """Draw the content; of an act, what will happen and the fields."""


class DialogAct(Dialog, ABC):
    """An act of the page: confirmed in a dialog, or performed without one if nothing is lost.

    A dialog of one step shows what will happen. One of two steps shows fields, then their
    changes. `verb` is the label of its button, `meanwhile` the message if somebody
    else changed the subject since the dialog was first drawn. A `destructive` act's button is red.

    A form draws `context.when_opened`, and uses it as the old value in `changes` and `act`.
    """

    verb: ClassVar[str]
    destructive: ClassVar[bool] = False
    two_steps: ClassVar[bool] = False
    meanwhile: ClassVar[str] = MEANWHILE

    def initial_values(self, context: Context) -> Typed:
        """The initial values of the fields, by name; fields without one start empty."""
        return {}

    def edited(self, context: Context, typed: Typed) -> dict[str, Any]:
        """The field values that differ from the initial ones."""
        initial = self.initial_values(context.when_opened)
        return {name: now for name, now in typed.items() if not same(now, initial.get(name))}

    def changes(self, context: Context, typed: Typed) -> Sequence[Change]:
        """For two steps: the changes to the fields. Raises RefusedError by field, and
        ChangedError if `context.state` differs from what the fields showed."""
        return []

    def notes(self, context: Context, typed: Typed) -> Sequence[str]:
        """Warnings shown with the review of the changes."""
        return ()

    def others(self) -> "Sequence[DialogAct]":
        """Alternatives to this act: more buttons beside its own."""
        return ()

    @abstractmethod
    def act(self, context: Context, typed: Typed) -> Outcome:
        """Perform it. Raises MedVidBenchError; nothing has changed then."""


@dataclass(slots=True)
class AdminSession:
    """`login`: who is signed in, and since when. `notice`: a message at the sign-in.
    `wait_until`: no password is checked before then (monotonic seconds).

    `part`: the tab that the page shows. `dialog`: the open one; `opened`: how many have been.
    `form_number` is part of its fields' keys: a new number resets them. `reviewing`: the dialog
    shows the changes; `capture`: read the fields' values before they are gone. `typed`: values
    typed before the review or a refusal; `shown_fields`: the fields that show their own problems,
    in their order; `opened_state`: the boards from which they were first drawn; `filled`: the file
    whose numbers were filled in, and `from_file` the fields with them.
    """

    login: Session = field(default_factory=Session)
    notice: str = ""
    wait_until: float = 0.0
    acts: Acts = field(default_factory=Acts)
    part: str = ""
    dialog: Dialog | None = None
    form_number: int = 0
    opened: int = 0
    reviewing: bool = False
    capture: bool = False
    typed: dict[str, Any] = field(default_factory=dict)
    shown_fields: dict[str, None] = field(default_factory=dict)
    opened_state: State | None = None
    filled: str = ""
    from_file: dict[str, str] = field(default_factory=dict)

    # Callbacks: they only set attributes.

    def open(self, dialog: Dialog) -> None:
        """A row's button: open the dialog."""
        self.close()
        self.dialog = dialog
        self.form_number += 1
        self.opened += 1

    def review(self) -> None:
        self.reviewing = self.capture = True

    def back(self) -> None:
        self.reviewing = False

    def close(self) -> None:
        """Close the dialog and discard its input."""
        self.dialog = None
        self.reviewing = self.capture = False
        self.typed, self.from_file, self.filled = {}, {}, ""
        self.shown_fields, self.opened_state = {}, None
        self.acts.clear()

    # Called by the page.

    def turn_to(self, part: str, *, came: bool) -> None:
        """Show a tab; the dialog of another tab, or of a visit before (`came`), is closed.

        Whoever chooses a tab has closed the dialog before. Streamlit loses that click if the next
        one comes before its callback runs: the dialog would open again, over the other tab.
        """
        if (came or part != self.part) and self.dialog is not None:
            self.close()
        self.part = part

    def key(self, name: str) -> str:
        """The session key of a field of the open dialog."""
        return f"ask{self.form_number}_{name}"

    def initial(self, name: str, value: Any) -> Any:
        """The initial value of a field: what was typed before, else `value`."""
        return self.typed.get(name, value)

    def refresh_form(self, typed: Typed) -> None:
        """Draw the fields again from the current boards, with `typed` in them."""
        self.typed = dict(typed)
        self.opened_state, self.reviewing = None, False
        self.form_number += 1

    def leave(self, notice: str = "") -> None:
        """Forget everything that only the admin may see."""
        self.close()
        self.acts = Acts()
        self.login.close()
        self.notice = notice


def admin_session() -> AdminSession:
    """The session of this tab."""
    found: AdminSession = st.session_state.setdefault(_SESSION, AdminSession())
    return found


@lru_cache(maxsize=4)
def door(settings: Settings) -> Door:
    """The password check, for this process's settings."""
    return Door(settings)


def typed_values(session: AdminSession) -> dict[str, Any]:
    """The current values of the dialog's fields, in addition to those typed before its review."""
    prefix = session.key("")
    now = {
        str(key).removeprefix(prefix): value
        for key, value in st.session_state.items()
        if str(key).startswith(prefix)
    }
    return {**session.typed, **now}
