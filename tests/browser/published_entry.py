"""A model that is published while a server runs, as by a job."""

from core.benchmark import METRIC_KEYS
from core.changes import submitting
from core.files.ids import new_id
from core.model.entries import Entry, Submission
from core.model.published import published_state
from core.model.state import now
from core.store.store import Store
from tests.browser.browser_site import Site


def publish(site: Site, name: str, organization: str = "Lab", value: float = 0.5) -> None:
    """Publish a model on the Community board like a job, while the server runs."""
    submission = Submission(
        submission_id=new_id(),
        model_name=name,
        organization=organization,
        created=now(),
        key_hash="0" * 64,
        predictions_sha256="0" * 64,
        records=6245,
    )
    metrics: dict[str, float | None] = dict.fromkeys(METRIC_KEYS, value)
    metrics.update(dvc_llm=None, vs_llm=None, rc_llm=None)
    entry = Entry(
        entry_id=submission.submission_id,
        model_name=name,
        organization=organization,
        metrics=metrics,
        date=now()[:10],
    )
    store = Store(site.root, published_state())
    store.commit(submitting.submit(submission, "test"))
    store.commit(submitting.add(submission.submission_id, entry))
