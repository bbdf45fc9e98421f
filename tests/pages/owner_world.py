"""A data folder with submissions and entries as created by the program; no job runs."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from streamlit.testing.v1 import AppTest

from core.benchmark import JUDGE_KEYS, METRIC_KEYS
from core.changes import submitting
from core.errors import RefusedError
from core.model.entries import Entry
from core.model.fields import Form
from core.usecases import submit as boards
from core.usecases.services import Services
from core.usecases.submit import CheckedFile, Receipt, Sender

__all__ = ["RefusedError"]

FORM = Form(model_name="Model A", organization="Lab", contact="me@lab.example", terms=True)
SCORES = {key: None if key in JUDGE_KEYS else 0.5 for key in METRIC_KEYS}


def upload(text: str = "x", content: str = "") -> CheckedFile:
    return CheckedFile(json.dumps([text] * 200).encode(), True, 200, content)


def submit(
    place: Services,
    name: str = "Model A",
    sender: Sender = boards.NOBODY,
    file: CheckedFile | None = None,
    **fields: Any,
) -> Receipt:
    form = replace(FORM, model_name=name, **fields)
    return boards.submit(place, form, file or upload(name), sender)


def publish(place: Services, receipt: Receipt, value: float = 0.5, **changes: object) -> None:
    """Give a submission its result, like its job."""
    submission = place.store.read().submissions[receipt.submission_id]
    fields: dict[str, object] = {
        "entry_id": submission.submission_id,
        "model_name": submission.model_name,
        "organization": submission.organization,
        "metrics": {key: None if old is None else value for key, old in SCORES.items()},
        "date": "2026-01-02",
        "declared": submission.declared,
        "predictions_sha256": submission.predictions_sha256,
    }
    entry = msgspec.convert({**fields, **changes}, Entry, from_attributes=True)
    place.store.commit(submitting.add(submission.submission_id, entry))


def aged(place: Services, receipt: Receipt, days: float) -> None:
    """Make a submission older, as if created days ago."""
    found = place.store.read().submissions[receipt.submission_id]
    past = datetime.now(UTC) - timedelta(days=days)
    past_text = past.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    made = msgspec.structs.replace(found, submission_id=f"old-{found.submission_id}",
                                   model_name=f"{found.model_name} of the past",
                                   created=past_text)  # fmt: skip
    place.store.commit(submitting.release(found.submission_id, "made older"))
    place.store.commit(submitting.submit(made, "test"))


def text(app: AppTest) -> str:
    """All texts on the page, in any element."""
    kinds = (app.markdown, app.caption, app.info, app.warning, app.error, app.success, app.text)
    html = [block.proto.body for block in app.get("html")]
    return "\n".join([*(found.value for kind in kinds for found in kind), *html])
