"""What one browser session keeps for the visitor's pages: its keys, its checks, its acts.

One mutable object, changed in place: every write to or look at st.session_state is a point where
Streamlit may drop the running script, and a key that was made must not be dropped.
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
FIELD: Final = "submit_"  # keys of the form's fields begin with this
_SESSION: Final = "visitor_session"
_CHECKS_KEPT: Final = 4


@dataclass(slots=True)
class VisitorSession:
    """`receipt`: the submission of this form, until another is begun. `sent_file`: the file that
    was chosen when the form was sent, "" for none; `sent_review` is its check. `keys`:
    submission keys, each once; `remembered`: those that this browser keeps, and `device_ticket` is
    what it is asked to keep or forget, with the words for when it has.

    `seen`: entries as their forms showed them. `reported`: entries that a problem was reported
    of. `judge_model`: the model that the judge's page shows; `owner_choice`: the submission that
    the owner's page shows. `key_ticket`: since when the next
    key waits. Each page, and the field for a key, has its own acts.
    """

    receipt: Receipt | None = None
    sent_file: str = ""
    sent_review: Review | None = None
    keys: list[str] = field(default_factory=list)
    remembered: set[str] = field(default_factory=set)
    device_ticket: tuple[str, str] | None = None
    seen: dict[str, Entry] = field(default_factory=dict)
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
        """The check of an upload, run once per content; `file_id` names this choosing of it.

        A file that the machine did not let be checked is checked when it is chosen again.
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
        """Keep a submission key: what it opens is open in this tab."""
        if key and key not in self.keys:
            self.keys.append(key)

    def begin_another(self) -> None:
        """Back to the form, without the last file and what was refused about it."""
        self.receipt = self.sent_review = None
        self.submit_acts.clear()
        self.job_acts.clear()

    def choose_file(self, file_id: str) -> None:
        """Forget what was refused about another file than the one in the uploader now."""
        if file_id != self.sent_file:
            self.submit_acts.problems.pop(FILE_FIELD, None)


def visitor_session() -> VisitorSession:
    """This browser session's own."""
    found: VisitorSession | None = st.session_state.get(_SESSION)
    if found is None:
        # As the connection was opened: what is remembered since is known after a reload.
        remembered = keys_of(st.context.cookies.get(COOKIE, ""))
        found = VisitorSession(keys=list(remembered), remembered=set(remembered))
        st.session_state[_SESSION] = found
    return found


def current_services() -> Services:
    """Settings, store and jobs of this process. Raises SettingsError."""
    return services_for(cached.settings())
