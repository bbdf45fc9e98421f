"""Recognises other names for the benchmark's fields. Pure."""

import re
from collections.abc import Mapping
from itertools import islice
from typing import Any

from core.benchmark import TASKS, task_of
from evaluation.clips import clip_of

# Names that tools use for these fields, the likeliest first; case and punctuation are ignored.
_OTHER_NAMES = {
    "prediction": (
        *(
            "predictions",
            "pred",
            "preds",
            "predict",
            "predicted",
            "predictedanswer",
            "predanswer",
            "response",
        ),
        *("responses", "modelresponse", "llmresponse", "modeloutput", "llmoutput", "modelanswer"),
        *("modelprediction", "output", "outputs", "outputtext", "rawoutput", "generatedtext"),
        *("generatedanswer", "generated", "generation", "completion", "hypothesis", "hyp"),
        *("predictiontext", "answers", "answertext", "finalanswer", "result", "reply", "text"),
        *("content", "caption", "resps", "filteredresps", "messages", "choices", "candidates"),
        "toolcalls",
    ),
    "qa_type": (
        *("qatype", "questiontype", "tasktype", "taskname", "task", "type", "category", "qatypes"),
    ),
    "id": (
        *("sampleid", "clipid", "recordid", "questionid", "qid", "uid", "uuid", "samplekey", "key"),
        *("videoid", "video", "name", "index", "idx"),
    ),
}
# Fields of a record that are never its answer.
_BESIDE = {
    *("id", "qa_type", "question", "conversations", "metadata", "data_source", "dataset_name"),
    *("video", "video_id", "gnd", "ground_truth", "struc_info", "split", "model", "prompt"),
}

_OURS = {"id", "qa_type", "metadata", "question"}

# Names of a model's answer. Beside one, “answer” may be the reference, as other benchmarks have it.
RIVALS = (
    r"(?:pred(?:s|ict|icted|ictions?)?|hyp(?:othesis)?|(?:filtered[_ -]?)?resps"
    r"|generation|completion"
    r"|(?:(?:raw|model|llm)[_ -]?)?(?:responses?|outputs?)|(?:model|llm)[_ -]?(?:answer|prediction)"
    r"|output[_ -]?text|raw[_ -]?prediction"
    r"|(?:pred|predicted|generated)[_ -]?(?:answer|text|caption|response))"
)
_RIVAL = re.compile(RIVALS, re.IGNORECASE | re.ASCII)

_NAME_LENGTH = 200
_MOST_KEYS = 1000  # of a record; a hostile file has one with millions


def found_instead(field: str, record: Mapping[str, Any]) -> str | None:
    """The key under which a record has the value of `field`, or None."""
    keys = [key for key in islice(record, _MOST_KEYS) if key != field and "\0" not in key]
    plain = {_plain(key): key for key in reversed(keys)}
    names = (_plain(field), *_OTHER_NAMES.get(field, ()))
    found = next((plain[name] for name in names if name in plain), None)
    if found is not None:
        return found
    texts = [key for key in keys if type(record[key]) is str and key not in _BESIDE]
    if field == "id":  # recognised by its value
        texts = [key for key in texts if clip_of(record[key][:_NAME_LENGTH])]
    elif field == "qa_type":
        texts = [key for key in texts if task_of(record[key])]
    elif not _OURS & record.keys():  # a header with the settings of a run has texts too
        return None
    return texts[0] if len(texts) == 1 else None


def rival_of(record: Mapping[str, Any]) -> str | None:
    """The key of a record under which the model's answer may be instead of under “answer”.

    None if there is none, or if it has nothing else than “answer”.
    """
    answer = record.get("answer")
    for key in islice(record, _MOST_KEYS):
        if _RIVAL.fullmatch(key) and key != "prediction":
            value = record[key]
            text = type(value) is str and value.strip() and value != answer
            if text or (isinstance(value, list | dict) and value):
                return key
    return None


def meant_qa_type(text: str) -> str | None:
    """The qa_type that an unknown one means: `TAL`, `Video Summary`, `skill-assessment`."""
    return _MEANT.get(_plain(text))


def speaks_of_a_task(record: Mapping[str, Any]) -> bool:
    """Whether any field of a record has a qa_type of the benchmark or a task's name."""
    return any(
        type(value) is str
        and len(value) < 60
        and (task_of(value) is not None or meant_qa_type(value) is not None)
        for value in islice(record.values(), _MOST_KEYS)
    )


def _plain(name: str) -> str:
    name = name.casefold()[:60]
    return name if name.isalnum() else "".join(char for char in name if char.isalnum())


_MEANT = (
    {_plain(name): task.qa_types[0] for task in TASKS for name in (task.key, task.name, task.short)}
    | {"tag": "tal"}
    | {_plain(name): name for task in TASKS for name in task.qa_types}
)
