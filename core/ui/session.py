"""What one browser session keeps for the Submit page: its keys, its check, its refusals.

A Desk is one mutable object in the session: it is changed in place, because every write to
or look at st.session_state is a point where Streamlit may drop the running script, and a
key that was made must not be dropped. A callback that is dropped is not called again, so
callbacks only note here what was asked for, and the page does it.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import streamlit as st

from core.model.entries import Entry
from core.model.fields import FILE_FIELD
from core.model.review import Review
from core.ui import cached
from core.usecases.services import Services, services_for
from core.usecases.submit import Receipt

JOB: Final = "job"  # parameters of the address
REPLACES: Final = "replaces"  # the entry that the upload becomes a new version of
FILE: Final = "submit_file"  # key of the uploader
FIELD: Final = "submit_"  # keys of the form's fields begin with this
_DESK: Final = "submit_desk"
_CHECKS_KEPT: Final = 4


NO_ACT: Final = ("", "")


@dataclass(slots=True)
class Desk:
    """`receipt`: the submission of this form, until another is begun. `keys`: by job id,
    or by submission id when they were given on the owner's page.

    `sending`: the form's button was clicked and its work is not done yet; `sent_file`: the file
    that was chosen then, "" for none; `opening`: so was the
    button beside the key of a job. `act`: what was asked for on the owner's page or about an
    entry, and for which; `seen`: entries as their forms showed them; `told`, `refusals`,
    `trouble`: what came of the `last` act; `to_tell`: it was not seen yet; `round` makes forms
    new after it.
    """

    receipt: Receipt | None = None
    sending: bool = False
    opening: bool = False
    act: tuple[str, str] = NO_ACT
    last: tuple[str, str] = NO_ACT
    seen: dict[str, Entry] = field(default_factory=dict)
    told: str = ""
    to_tell: bool = False
    refusals: dict[str, str] = field(default_factory=dict)
    trouble: str = ""
    reported: set[str] = field(default_factory=set)
    round: int = 0
    keys: dict[str, str] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    sent_file: str = ""
    failure: str = ""
    _hashes: dict[str, str] = field(default_factory=dict)
    _checks: dict[str, Review] = field(default_factory=dict)

    def report(self, file_id: str, content: bytes, run: Callable[[], Review]) -> Review:
        """The check of an upload, run once per content; `file_id` names this choosing of it."""
        digest = self._hashes.get(file_id)
        if digest is None:
            digest = self._hashes[file_id] = hashlib.sha256(content).hexdigest()
        if digest not in self._checks:
            report = run()
            for old in list(self._checks)[: 1 - _CHECKS_KEPT]:
                del self._checks[old]
            self._checks[digest] = report
        return self._checks[digest]

    def accept(self, receipt: Receipt) -> None:
        """Keep a submission's receipt and its key; what was refused before is forgotten."""
        self.receipt = receipt
        if receipt.key:
            self.keys[receipt.job_id] = receipt.key
        self.clear()

    def all_keys(self) -> tuple[str, ...]:
        """Every key that this session holds, once."""
        return tuple(dict.fromkeys(key for key in self.keys.values() if key))

    def ask(self, act: str, subject: str = "", round: int | None = None) -> None:
        """Callback of the buttons beside an entry.

        `round` is the one the button was drawn in: a second click on it does nothing more.
        """
        if round in (None, self.round):
            self.act = (act, subject)

    def refused(self, act: str, subject: str = "") -> dict[str, str]:
        """What was refused, when this was the last act."""
        return self.refusals if self.last == (act, subject) else {}

    def finish(self, told: str) -> None:
        """An act is done: forms begin anew, from what is there now."""
        self.told, self.to_tell, self.seen = told, True, {}
        self.round += 1

    def ask_to_send(self) -> None:
        """Callback of the form's button."""
        self.sending = True

    def ask_to_open(self) -> None:
        """Callback of the button beside the key."""
        self.opening = True

    def look_at_file(self, file_id: str) -> None:
        """Forget what was refused about another file than the one in the uploader now."""
        if file_id != self.sent_file:
            self.problems.pop(FILE_FIELD, None)

    def clear(self) -> None:
        """Forget what was refused."""
        self.problems, self.failure = {}, ""


def desk() -> Desk:
    """This session's desk."""
    found: Desk = st.session_state.setdefault(_DESK, Desk())
    return found


def services() -> Services:
    """Settings, store and jobs of this process. Raises SettingsError."""
    return services_for(cached.settings())
