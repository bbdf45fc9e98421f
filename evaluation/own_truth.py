"""The references in a merged file, for participants who score their own validation split.

Inference tools write question, answer and reference into one file. Only the command line reads
its references, and only without --ground-truth: the server always gives its own truth.
"""

import json
from pathlib import Path
from typing import Any, Final

from evaluation.upload.file_bytes import read_upload
from evaluation.upload.reader import load

_ANSWERS: Final = ("gnd", "ground_truth")
_KEPT: Final = ("metadata", "struc_info", "data_source", "dataset_name")


def own_truth(path: Path) -> bytes | None:
    """The references of a merged file as a ground truth file; None when a record has none.

    Raises PredictionsError when the file cannot be read.
    """
    predictions = load(path)
    try:
        records = json.loads(read_upload(path))
    except (ValueError, RecursionError):
        return None  # not one plain array: valid predictions, but not a merged file
    records = list(records.values()) if isinstance(records, dict) else records
    if not isinstance(records, list) or len(records) != len(predictions):
        return None
    found: list[dict[str, Any]] = []
    for record, read in zip(records, predictions, strict=True):
        answers = [record[name] for name in _ANSWERS if isinstance(record.get(name), str)]
        turns = record.get("conversations")
        if not answers and not record.get("struc_info") and not turns:
            return None
        found.append(
            {
                "id": read.id,
                "qa_type": read.qa_type,
                **{name: record[name] for name in _KEPT if name in record},
                "conversations": turns
                or [
                    {"from": "human", "value": str(record.get("question") or "")},
                    *({"from": "gpt", "value": answer} for answer in answers[:1]),
                ],
            }
        )
    return json.dumps(found).encode()
