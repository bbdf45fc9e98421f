"""An entry with everything that an admin is warned of before promoting it."""

from core.benchmark import JUDGE_KEYS, METRIC_KEYS
from core.changes import judging, reporting, submitting
from core.model.entries import Entry, Judgement, Submission
from core.model.state import now
from core.store.store import Store

TROUBLED = "Troubled-VLM"


def a_troubled_entry(store: Store) -> None:
    """An entry with everything that an admin is warned of before promoting it."""
    submission = Submission(
        submission_id=TROUBLED, model_name=TROUBLED, organization="Lab", created=now(),
        key_hash="0" * 64, predictions_sha256="0" * 64, records=100,
    )  # fmt: skip
    entry = Entry(
        entry_id=TROUBLED, model_name=TROUBLED, organization="Lab", predictions_sha256="0" * 64,
        metrics=dict.fromkeys(METRIC_KEYS) | {"cvs_acc": 0.5, "tag_miou_03": 0.8},
        coverage={"cvs_acc": {"scored": 100, "records": 648}}, strict={"tag_miou_03": 0.001},
        surplus={"tag_miou_03": {"answers": 90, "largest": 1400}},
    )  # fmt: skip
    run = Judgement(
        run_id="run", date=now(), model="judge", metrics=dict.fromkeys(JUDGE_KEYS, 4.0), flagged=2,
        flagged_records={"12": ("asks to ignore instructions",)},
    )  # fmt: skip
    for change in (
        submitting.submit(submission),
        submitting.add(TROUBLED, entry),
        judging.open_run(TROUBLED, "run", "owner"),
        judging.publish(TROUBLED, run, "0" * 64, "0" * 64),
        reporting.report(TROUBLED, "Scores", "reader", None),
    ):
        store.commit(change)
