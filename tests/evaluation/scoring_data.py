"""Small truths and answers for the tests of the scoring half."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Protocol

from evaluation.tasks.sample import Sample
from evaluation.truth import TruthRecord, decode

DATA = Path(__file__).parents[1] / "data"
PARSING = json.loads((DATA / "answer_parsing.json").read_text())
PARITY = json.loads((DATA / "evaluation.json").read_text())


class Task(Protocol):
    """A module of evaluation.tasks."""

    def sample(self, index: int, truth: TruthRecord, text: str, /) -> Sample:
        """Score one answer."""


def raw_record(
    qa_type: str,
    struc_info: Any = None,
    answer: str = "",
    dataset: str = "AVOS",
    question: str = "What?",
    **other: Any,
) -> dict[str, Any]:
    """One truth record as in the file."""
    return {
        "id": "v1&&0&&10&&1.0",
        "qa_type": qa_type,
        "data_source": dataset,
        "metadata": {"video_id": "v1", "fps": "1.0"},
        "struc_info": struc_info,
        "conversations": [
            {"from": "human", "value": question},
            {"from": "gpt", "value": answer},
        ],
        **other,
    }


def record(*arguments: Any, **other: Any) -> TruthRecord:
    """The same, decoded."""
    return records([raw_record(*arguments, **other)])[0]


def records(raws: Iterable[dict[str, Any]]) -> list[TruthRecord]:
    return decode(json.dumps(list(raws)).encode())


def samples_of(module: Task, cases: Iterable[tuple[TruthRecord, str]]) -> list[Sample]:
    """Sample scores of (record, answer) pairs."""
    return [module.sample(index, truth, text) for index, (truth, text) in enumerate(cases)]
