"""Buttons record requests and the page performs them, once, even after a double click.

Streamlit does not repeat a callback that it drops, and it may drop the running script at every
access to st.session_state. So callbacks only note a request here. The page performs it
at the top, before anything is drawn, and keeps the outcome until the next one.
"""

import time
from collections.abc import Callable, Container, Hashable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, NamedTuple

import streamlit as st

from core.errors import MedVidBenchError, PartlyDoneError, RefusedError
from core.ui.text import refusal

UNDO_KEPT_S: Final = 15 * 60.0
_KEPT: Final = 3


class Request(NamedTuple):
    """A button's request and its subject: an entry's id, an act with its fields."""

    act: str
    subject: Hashable = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of an act: one sentence, and the change or changes to undo.

    `secret` is shown once, to be copied: a new submission key. `undid`: the change that was
    undone, whose undo is no longer offered.
    """

    text: str
    change: str | tuple[str, ...] = ""
    secret: str = ""
    undid: str = ""
    at: float = field(default_factory=time.monotonic)

    @property
    def changes(self) -> tuple[str, ...]:
        found = (self.change,) if isinstance(self.change, str) else self.change
        return tuple(filter(None, found))


Handler = Callable[[Any], Outcome | None]  # of the subject


@dataclass(slots=True)
class Acts:
    """The requests of one page's buttons, and their outcomes.

    `pending`: noted, not performed yet. `last`: the last request; `problems` (by field) if it
    was refused, `failure` if the machine failed, `latest` its outcome. `outcomes`: earlier ones
    too, newest first. `unseen`: the outcome is at the top of the page and has not been drawn
    before, so a visitor who scrolled down has not seen it. `round` counts performed requests: forms
    that include it in their keys are reset. `attempts` counts all attempts.
    """

    pending: Request | None = None
    last: Request | None = None
    problems: dict[str, str] = field(default_factory=dict)
    failure: str = ""
    latest: Outcome | None = None
    outcomes: list[Outcome] = field(default_factory=list)
    unseen: bool = False
    round: int = 0
    attempts: int = 0

    def asks(self, act: str, subject: Hashable = "") -> Callable[[], None]:
        """A callback for a button that is drawn now."""
        return partial(self.note, Request(act, subject), self.round)

    def note(self, request: Request, round: int) -> None:
        """Note a request. `round` is the round in which its button was drawn: if the same request
        has been performed since, this is a second click."""
        if round == self.round or request != self.last:
            self.pending = request

    def perform(self, handlers: Mapping[str, Handler]) -> bool:
        """Perform the pending request if it is one of these; return whether there was one.

        A handler first reads what was typed, then makes changes: reading may end this run of
        the script, and the next run starts here again. It returns the outcome to show, if any.
        """
        request = self.pending
        if request is None or request.act not in handlers:
            return False
        self.clear()
        self.attempts += 1
        try:
            outcome = handlers[request.act](request.subject)
        except RefusedError as error:
            self.problems = error.problems
        except PartlyDoneError as error:
            self._done(Outcome(error.done, error.changes))
            self.failure = str(error)
        except (MedVidBenchError, OSError) as error:
            self.failure = str(error)
        else:
            self._done(outcome)
        self.last, self.pending = request, None
        return True

    def take(self, acts: Container[str]) -> Request | None:
        """The pending request if it is one of these, removed: for links, which change nothing."""
        request = self.pending
        if request is None or request.act not in acts:
            return None
        self.pending = None
        return request

    def clear(self) -> None:
        """Forget the outcome of the last act; earlier acts can still be undone."""
        self.problems, self.failure, self.latest = {}, "", None

    def refused(self, act: str, subject: Hashable = "") -> dict[str, str]:
        """The problems by field, if this was the last act."""
        return self.problems if self.last == (act, subject) else {}

    def troubles(self, subject: Hashable = "") -> list[str]:
        """All problems and the failure, if this was the subject of the last act."""
        mine = self.last is not None and self.last.subject == subject
        return [text for text in (*self.problems.values(), self.failure) if text and mine]

    def recent(self) -> list[Outcome]:
        """The recent outcomes, newest first."""
        now = time.monotonic()
        return [done for done in self.outcomes if now - done.at < UNDO_KEPT_S]

    def dismiss(self, done: Outcome) -> None:
        """Callback: remove an outcome from the page."""
        self.outcomes = [other for other in self.outcomes if other is not done]

    def first_sight(self) -> bool:
        """Whether there is an outcome that was not drawn before; marks it as drawn."""
        unseen, self.unseen = self.unseen, False
        return unseen

    def _done(self, outcome: Outcome | None) -> None:
        self.round += 1
        if outcome is not None:
            self.latest, self.unseen = outcome, True
            kept = [done for done in self.recent() if outcome.undid not in done.changes]
            self.outcomes = [outcome, *kept][:_KEPT]


def show_problem(acts: Acts, field: str) -> None:
    """The problem of a field, if there is one."""
    if field in acts.problems:
        refusal(acts.problems[field])


def show_failure(what: str, acts: Acts) -> None:
    """The failure of the machine, with its detail folded; nothing without one."""
    if acts.failure:
        st.error(what, icon=":material/error:")
        with st.expander("Detail"):
            st.code(acts.failure, language=None, wrap_lines=True)
