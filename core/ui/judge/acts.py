"""The acts of the judge page: start, cancel or resume a run, enter the key."""

from collections.abc import Callable
from functools import partial
from typing import Final

from core.access.submission_keys import KEY_FIELD, Proof, Shown
from core.errors import MedVidBenchError, RefusedError
from core.ui.key_field import keep_typed_key
from core.ui.session import VisitorSession
from core.ui.visitor import proof
from core.usecases import judge_runs
from core.usecases.services import Services

CHOICE: Final = "judge_model"  # key of the selectbox
TYPED_KEY: Final = "judge_key"
START, CANCEL, RESUME = "start", "cancel", "resume"
NO_JUDGE: Final = (
    "**No judge is set up here yet**, so no run can start. Captions stay “judge pending”: the "
    "caption metrics show “—” and rank last."
)
_RUNS: Final[dict[str, Callable[[Services, str, Shown], object]]] = {
    START: judge_runs.start,
    CANCEL: judge_runs.cancel,
    RESUME: judge_runs.resume,
}


def perform(services: Services, session: VisitorSession, entry_id: str) -> None:
    """Perform the pending request on the page of this entry."""
    keep_typed_key(session, TYPED_KEY, partial(_refuse_key, services, entry_id))
    owner = proof(services.settings, session)

    def act(chosen: str, do: Callable[[Services, str, Shown], object]) -> None:
        try:
            do(services, chosen, owner)
        except MedVidBenchError:
            if not _under_way(services, chosen):  # else it was started in another tab
                raise

    session.judge_acts.perform({name: partial(act, do=do) for name, do in _RUNS.items()})


def _refuse_key(services: Services, entry_id: str, typed: Proof) -> None:
    state = services.store.read()
    found = judge_runs.find(state, entry_id)
    if found is None or not judge_runs.owns(state, found[1], typed):
        raise RefusedError({KEY_FIELD: "This is not the submission key of this model."})


def _under_way(services: Services, entry_id: str) -> bool:
    found = judge_runs.find(services.store.read(), entry_id)
    job = judge_runs.last_run(services, found[1]) if found else None
    return job is not None and not job.done
