"""The process of a re-scoring: an evaluation with a separate, unpublished outcome."""

from core.model.contracts.evaluation import Results
from core.model.entries import Submission
from core.runs.evaluation.run import Evaluation
from core.settings import Settings
from core.store.store import Store


class Rescoring(Evaluation):
    """One attempt of a re-scoring; core.usecases.rescore applies its result."""

    def __init__(self, settings: Settings, store: Store, job_id: str) -> None:
        super().__init__(settings, store, job_id)
        self._results = self._results.rescored

    def _publish(self, submission: Submission, found: Results) -> None:
        """Does nothing: the entry's scores are unchanged until an admin applies these."""
