"""What one browser session keeps for the Judge status page, and what it asked for.

Callbacks only note here what was clicked; the page does it (see core.ui.session).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import streamlit as st

from core.access.submission_keys import Shown
from core.errors import MedVidBenchError, RefusedError
from core.ui.session import Desk
from core.ui.visitor import proof
from core.usecases import judge_runs
from core.usecases.services import Services
from core.usecases.submit import KEY_FIELD

MODEL: Final = "model"  # parameter of the address: an entry's id
CHOICE: Final = "judge_model"  # key of the selectbox
TYPED_KEY: Final = "judge_key"
_DESK: Final = "judge_desk"
NO_JUDGE: Final = (
    "**No judge is set up here yet**, so no run can begin. Captions stay “judge pending”: the "
    "three caption metrics show “—” and rank last."
)


@dataclass(slots=True)
class JudgeDesk:
    """`asked`: start, cancel, resume or open, until it is done. `seen`: the address's model."""

    asked: str = ""
    seen: str | None = None
    failure: str = ""
    wrong_key: str = ""

    def ask(self, what: str) -> None:
        """Callback of every button."""
        self.asked = what


def judge_desk() -> JudgeDesk:
    found: JudgeDesk = st.session_state.setdefault(_DESK, JudgeDesk())
    return found


def act(services: Services, desk: Desk, mine: JudgeDesk, entry_id: str) -> None:
    """Do what was asked for, once, whatever is clicked twice."""
    asked = mine.asked
    if not asked:
        return
    # Reading what was typed may end this run of the script; the next one begins here again.
    typed = str(st.session_state.get(TYPED_KEY, "")) if asked == "open" else ""
    mine.failure = mine.wrong_key = ""
    try:
        if asked == "open":
            _open(services, desk, entry_id, typed)
        else:
            _ACTS[asked](services, entry_id, proof(services.settings, desk))
    except RefusedError as error:
        if KEY_FIELD in error.problems and asked == "open":
            mine.wrong_key = error.problems[KEY_FIELD]
        elif not _under_way(services, entry_id):
            mine.failure = str(error)
    except MedVidBenchError as error:
        if not _under_way(services, entry_id):
            mine.failure = str(error)
    mine.asked = ""


_ACTS: Final[dict[str, Callable[[Services, str, Shown], object]]] = {
    "start": judge_runs.start,
    "cancel": judge_runs.cancel,
    "resume": judge_runs.resume,
}


def _open(services: Services, desk: Desk, entry_id: str, typed: str) -> None:
    state = services.store.read()
    found = judge_runs.find(state, entry_id)
    if found is None or not judge_runs.owns(state, found[1], typed):
        raise RefusedError({KEY_FIELD: "This is not the submission key of this model."})
    desk.keys[found[1].upload_id] = typed.strip()


def _under_way(services: Services, entry_id: str) -> bool:
    """Whether a click that came twice finds its run begun already."""
    found = judge_runs.find(services.store.read(), entry_id)
    job = judge_runs.last_run(services, found[1]) if found else None
    return job is not None and not job.done
