"""The state of one browser session for the visitor's pages: its keys, checks and acts.

One mutable object, changed in place: Streamlit may drop the running script at every access to
st.session_state, and a new key must not be lost.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import streamlit as st

from core.access.device_keys import COOKIE, keys_of
from core.access.throttle import Ticket
from core.model.contracts.review import Review
from core.model.entries import Entry
from core.model.fields import FILE_FIELD
from core.ui import cached
from core.ui.acts import Acts
from core.usecases.services import Services, services_for
from core.usecases.submit import Receipt

JOB: Final = "job"  # parameters of the address
REPLACES: Final = "replaces"  # the entry that the upload becomes a new version of
MODEL: Final = "model"  # of the judge's page: an entry's id
FILE: Final = "submit_file"  # key of the uploader
FIELD: Final = "submit_"  # prefix of the keys of the form's fields
_SESSION: Final = "visitor_session"
_CHECKS_KEPT: Final = 4


@dataclass(slots=True)
class VisitorSession:
    """`receipt`: the submission of this form, until another is started. `sent_file`: the file
    chosen when the form was sent, "" for none; `sent_review` is its check. `keys`:
    submission keys, without duplicates; `remembered`: those that this browser keeps;
    `device_ticket`: the request to keep or forget them, with the message for its success.

    `seen`: entries as their forms showed them; `owner_form` changes when a form shows others.
    `reported`: entries with a problem reported in this
    session. `judge_model`: the model on the judge page; `owner_choice`: the submission on
    the owner's page. `key_ticket`: since when the next key has been waiting. Each page, and the
    field for a key, has its own acts.
    """

    receipt: Receipt | None = None
    sent_file: str = ""
    sent_review: Review | None = None
    keys: list[str] = field(default_factory=list)
    remembered: set[str] = field(default_factory=set)
    device_ticket: tuple[str, str] | None = None
    seen: dict[str, Entry] = field(default_factory=dict)
    owner_form: int = 0
    reported: set[str] = field(default_factory=set)
    judge_model: str | None = None
    owner_choice: str | None = None
    key_ticket: Ticket = field(default_factory=Ticket)
    submit_acts: Acts = field(default_factory=Acts)
    job_acts: Acts = field(default_factory=Acts)
    owner_acts: Acts = field(default_factory=Acts)
    judge_acts: Acts = field(default_factory=Acts)
    report_acts: Acts = field(default_factory=Acts)
    key_acts: Acts = field(default_factory=Acts)
    _hashes: dict[str, str] = field(default_factory=dict)
    _checks: dict[str, Review] = field(default_factory=dict)

    def check(self, file_id: str, content: bytes, run: Callable[[], Review]) -> Review:
        """The check of an upload, run once per content; `file_id` identifies this choice of it.

        If the check failed for reasons of the machine, it runs when the file is chosen again.
        """
        digest = self._hashes.get(file_id)
        if digest is None:
            digest = self._hashes[file_id] = hashlib.sha256(content).hexdigest()
        found = self._checks.get(digest) or self._checks.get(file_id)
        if found is None:
            found = run()
            for old in list(self._checks)[: 1 - _CHECKS_KEPT]:
                del self._checks[old]
            self._checks[digest if found.checked else file_id] = found
        return found

    def add_key(self, key: str) -> None:
        """Keep a submission key for this tab."""
        if key and key not in self.keys:
            self.keys.append(key)

    def begin_another(self) -> None:
        """Return to the form, without the last file and its problems."""
        self.receipt = self.sent_review = None
        self.submit_acts.clear()
        self.job_acts.clear()

    def turn_page(self) -> None:
        """Forget the problems of attempts on the page that was left: their input is gone."""
        for acts in (self.submit_acts, self.owner_acts, self.report_acts, self.key_acts):
            acts.clear()

    def choose_file(self, file_id: str) -> None:
        """Forget the problems of a file that is no longer the one in the uploader."""
        if file_id != self.sent_file:
            self.submit_acts.problems.pop(FILE_FIELD, None)


def visitor_session() -> VisitorSession:
    """The state of this browser session."""
    found: VisitorSession | None = st.session_state.get(_SESSION)
    if found is None:
        # As of when the connection was opened: later cookies are known after a reload.
        remembered = keys_of(st.context.cookies.get(COOKIE, ""))
        found = VisitorSession(keys=list(remembered), remembered=set(remembered))
        st.session_state[_SESSION] = found
    return found


def turn_page() -> None:
    """Another page is shown from now on."""
    found: VisitorSession | None = st.session_state.get(_SESSION)
    if found is not None:
        found.turn_page()


def current_services() -> Services:
    """Settings, store and jobs of this process. Raises SettingsError."""
    return services_for(cached.settings())
