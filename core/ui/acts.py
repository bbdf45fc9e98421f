"""Buttons record requests and the page performs them, once, even after a double click.

A callback that Streamlit drops is not called again, and every look at st.session_state is a point
where the running script may be dropped. So callbacks only note a request here; the page does it
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

    `secret` is shown once, to be copied: a new submission key. `undid`: the change that it took
    back, which is then not offered for undoing any more.
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
    """What the buttons of one page asked for, and what came of it.

    `pending`: noted and not done yet. `last`: what was done last; `problems` (by field) when it
    was refused, `failure` when the machine failed, `latest` what it has done. `outcomes`: what was
    done before too, newest first. `unseen`: it stands on top of the page, where somebody who has
    scrolled down has not seen it. `round` counts what was done: forms with it in their keys begin
    anew. `attempts` counts what was tried.
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
        """Note a request. `round` is the one its button was drawn in: when the same has been
        done since, this is the second click on it."""
        if round == self.round or request != self.last:
            self.pending = request

    def perform(self, handlers: Mapping[str, Handler]) -> bool:
        """Do what was asked for, when it is one of these; whether there was something to do.

        A handler reads what was typed first and changes things then: reading may end this run of
        the script, and the next run begins here again. It returns what to tell, if anything.
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
        """The request when it is one of these, noted no longer: for links, which do nothing."""
        request = self.pending
        if request is None or request.act not in acts:
            return None
        self.pending = None
        return request

    def clear(self) -> None:
        """Forget what came of the last act; what was done before can still be undone."""
        self.problems, self.failure, self.latest = {}, "", None

    def refused(self, act: str, subject: Hashable = "") -> dict[str, str]:
        """What was refused, by field, when this was the last act."""
        return self.problems if self.last == (act, subject) else {}

    def troubles(self, subject: Hashable = "") -> list[str]:
        """Everything that was refused or failed, when the last act was about this."""
        mine = self.last is not None and self.last.subject == subject
        return [text for text in (*self.problems.values(), self.failure) if text and mine]

    def recent(self) -> list[Outcome]:
        """What was done a short while ago, newest first."""
        now = time.monotonic()
        return [done for done in self.outcomes if now - done.at < UNDO_KEPT_S]

    def dismiss(self, done: Outcome) -> None:
        """Callback: remove an outcome from the page."""
        self.outcomes = [other for other in self.outcomes if other is not done]

    def first_sight(self) -> bool:
        """Whether there is an outcome that was not drawn before; from now on it was."""
        unseen, self.unseen = self.unseen, False
        return unseen

    def _done(self, outcome: Outcome | None) -> None:
        self.round += 1
        if outcome is not None:
            self.latest, self.unseen = outcome, True
            kept = [done for done in self.recent() if outcome.undid not in done.changes]
            self.outcomes = [outcome, *kept][:_KEPT]


def show_problem(acts: Acts, field: str) -> None:
    """What was refused about a field, when something was."""
    if field in acts.problems:
        refusal(acts.problems[field])


def show_failure(what: str, acts: Acts) -> None:
    """That the machine failed, with the detail folded away; nothing when it did not."""
    if acts.failure:
        st.error(what, icon=":material/error:")
        with st.expander("Detail"):
            st.code(acts.failure, language=None, wrap_lines=True)
