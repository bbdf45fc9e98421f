"""A model on the Community board with a kept upload, as left by its evaluation."""

import gzip
import hashlib
from typing import Any

from core.benchmark import JUDGE_KEYS, SCORED_KEYS
from core.changes import submitting
from core.model.entries import Entry, Submission
from core.model.state import now
from core.runs.records import result_files
from core.usecases.services import Services


def publish_upload(
    place: Services, entry_id: str, name: str, data: bytes, key_hash: str = "0" * 64, **fields: Any
) -> None:
    """`data` is the uploaded text, `fields` are additional or different fields of the entry."""
    files = result_files(place.settings.root, entry_id)
    files.folder.mkdir(parents=True)
    files.upload.write_bytes(gzip.compress(data))
    digest = hashlib.sha256(data).hexdigest()
    submission = Submission(
        submission_id=entry_id,
        model_name=name,
        organization="Lab",
        created=now(),
        key_hash=key_hash,
        predictions_sha256=digest,
        records=100,
    )
    metrics = dict.fromkeys(SCORED_KEYS, 0.5) | dict.fromkeys(JUDGE_KEYS)
    row = Entry(
        entry_id=entry_id,
        model_name=name,
        organization="Lab",
        predictions_sha256=digest,
        **{"metrics": metrics, **fields},
    )
    place.store.commit(submitting.submit(submission, "participant"))
    place.store.commit(submitting.add(entry_id, row))
