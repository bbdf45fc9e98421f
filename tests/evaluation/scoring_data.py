"""Small truths and answers for the tests of the scoring half."""

import json
from pathlib import Path

from evaluation.tasks.sample import Sample
from evaluation.truth import TruthRecord, decode

# Property tests never fail because the machine is busy.

DATA = Path(__file__).parents[1] / "data"
PARSING = json.loads((DATA / "answer_parsing.json").read_text())
PARITY = json.loads((DATA / "evaluation.json").read_text())


def raw_record(qa_type, struc_info=None, answer="", dataset="AVOS", question="What?", **other):
    """One truth record as it lies in the file."""
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


def record(qa_type, struc_info=None, answer="", dataset="AVOS", question="What?", **other):
    """The same, decoded."""
    raw = raw_record(qa_type, struc_info, answer, dataset, question, **other)
    return records([raw])[0]


def records(raws) -> list[TruthRecord]:
    return decode(json.dumps(raws).encode())


def samples_of(module, cases) -> list[Sample]:
    """Sample scores of (record, answer) pairs."""
    return [module.sample(index, truth, text) for index, (truth, text) in enumerate(cases)]
