"""Recognises JSON files that are not a list of this benchmark's records, by their content.

Only used when no record of the file could be read.
"""

from itertools import islice
from typing import Any, NoReturn

from core.benchmark import task_of
from core.errors import PredictionsError
from evaluation.clips import clip_of
from evaluation.upload.json_elements import TWICE, JsonNumber
from evaluation.upload.mistaken_files import refuse_results, refuse_single_record
from evaluation.upload.records import shown
from evaluation.upload.wrong_keys import found_instead, speaks_of_a_task

_NAMED = 5
_LOOKED_AT = 1000  # records, or keys of one
_ERRORS = {"error", "errors", "message", "detail", "documentation_url"}
_REPLY = 5  # fields of an error message
_BEGIN = 2000  # characters
_RECORD_FIELDS = ('"id"', '"qa_type"', '"prediction"', '"answer"')


class Seen:
    """Describes the elements of the outer array or object, gathered while walking it."""

    def __init__(self) -> None:
        self.keys: dict[str, None] = {}
        self._count = self._objects = self._texts = self._clips = self._nested = 0
        self._answers = self._ours = self._questions = self._groups = self._replies = 0
        self._columns = False
        self._lists: list[str] = []
        self._first: Any = None
        self._fields: tuple[str, ...] = ()

    def add(self, key: str | None, value: Any) -> None:
        self._count += 1
        if self._count == 1:
            self._first = value
        if key is not None:
            self.keys[key] = None
            self._clips += clip_of(key) is not None
            self._columns |= _is_column(key, value) or _has_columns(value)
            self._groups += _is_group(key, value)
            if isinstance(value, list) and value and _has_an_answer(value[0]):
                self._lists.append(key)
        self._texts += type(value) is str
        if not isinstance(value, dict):
            return
        self._objects += 1
        if not self._fields:
            self._fields = tuple(key for key in value if key != TWICE)[: _NAMED + 1]
        if self._objects > _LOOKED_AT:
            return
        self._nested += bool(value) and all(
            isinstance(inner, dict) and _looks_like_a_record(inner) for inner in value.values()
        )
        answered = "prediction" in value or "answer" in value
        named = "id" in value or "metadata" in value
        self._ours += "qa_type" in value or (answered and named) or speaks_of_a_task(value)
        self._answers += answered
        asked = "conversations" in value or "question" in value
        replied = found_instead("prediction", value) is not None
        self._replies += replied and not answered
        self._questions += asked and not answered and not replied

    def refuse(self, label: str) -> None:
        """Raises PredictionsError that says what the file is, if that is clear."""
        if self._texts == self._count and type(self._first) is str and _is_json(self._first):
            _refuse(
                f"{label} has JSON inside JSON strings (json.dumps was called twice). Write "
                "the records themselves: [ {…}, {…} ]."
            )
        if not self.keys:
            self._refuse_deeper(label)
        if self.keys:
            self._refuse_object(label)
        looked_at = min(self._objects, _LOOKED_AT)
        if self._count and self._objects == self._count:
            if self._questions == looked_at:
                _refuse(
                    f"{label} has the benchmark's questions but no answers. Upload your model's "
                    "answers: the same records, each with a prediction."
                )
            if not self._ours and self._fields:
                tool = " or a tool's own" if self._replies else ""
                they = f"{self._count:,} records have" if self._count > 1 else "record has"
                _refuse(
                    f"{label} looks like another benchmark's file{tool}: its {they} "
                    f"{_named(self._fields)} where id, qa_type and prediction are expected. "
                    "Upload the answers to this benchmark's questions, with these three fields."
                )

    def _refuse_deeper(self, label: str) -> None:
        """An array with records inside lists, or under a key of each object."""
        first = self._first
        if isinstance(first, list):
            if first and _is_record(first[0]):
                _refuse(
                    f"{label} has lists of records inside its list (one per batch?). Put "
                    "all records into one array: [ {…}, {…} ]."
                )
            if len(first) > 1 and type(first[0]) is str:
                _refuse(
                    f"{label} has rows without field names. Write each as an object: "
                    '{"id": …, "qa_type": …, "prediction": …}.'
                )
        elif isinstance(first, dict) and not _is_record(first):
            under = next(
                (key for key, value in islice(first.items(), _LOOKED_AT) if _holds_records(value)),
                None,
            )
            if under is not None and not self._replies:
                _refuse(
                    f"{label} is wrapped: its records are one level too deep, under "
                    f"“{shown(under)}”. Put all records into one array: [ {{…}}, {{…}} ]."
                )

    def _refuse_object(self, label: str) -> None:
        refuse_results(label, self.keys.keys())
        if self._columns:
            _refuse(
                f"{label} is a table by columns, as pandas writes it. Write a record per row: "
                'DataFrame.to_json(path, orient="records").'
            )
        refuse_single_record(label, self.keys.keys())
        if {"cells", "nbformat"} <= self.keys.keys():
            _refuse(f"{label} is a Jupyter notebook. Upload the JSON file that it writes.")
        if len(self._lists) == 1:
            _refuse(
                f"{label} is an object with a list under “{shown(self._lists[0])}”. Upload "
                "only the list: [ {…}, {…} ]."
            )
        if self._lists:
            _refuse(
                f"{label} is grouped: it has a list of records under each of "
                f"{len(self._lists):,} keys ({_named(self._lists)}). Put all records into one "
                "array: [ {…}, {…} ]."
            )
        if self.keys.keys() & _ERRORS and self._count <= _REPLY:
            _refuse(
                f"{label} is a server's error message ({_named(tuple(self.keys))}) from a failed "
                "download. Download the file again, and open it before you upload it."
            )
        if self._nested and not self._ours:
            what = "grouped" if self._nested > 1 else "wrapped"
            _refuse(
                f"{label} is {what}: its records are one level too deep, under "
                f"{_named(tuple(self.keys))}. Put all records into one array: [ {{…}}, {{…}} ]."
            )
        if 2 * self._clips > self._count:
            _refuse(
                f"{label} is keyed by id, but an id identifies a clip, which can have several "
                "questions, so answers are lost. Write an array with a record per question: id, "
                "qa_type and prediction."
            )
        if self._groups and not self._answers:
            _refuse(
                f"{label} is grouped or wrapped: its answers are too deep, under "
                f"{_named(tuple(self.keys))}. Put all of them into one array of records with id, "
                "qa_type and prediction: [ {…}, {…} ]."
            )
        if self._texts == self._count and self._count > 1 and not _settings(self.keys):
            _refuse(
                f"{label} maps keys to texts ({_named(tuple(self.keys))}), but a text alone does "
                "not identify its question. Write an array with a record per question: "
                "id, qa_type and prediction."
            )
        if not self._ours and not self._answers:
            _refuse(
                f"{label} has no answers; its keys ({_named(tuple(self.keys))}) look like the "
                "settings of a run. Upload the file of answers that the run wrote."
            )


def _is_record(value: Any) -> bool:
    return isinstance(value, dict) and bool({"prediction", "answer", "qa_type"} & value.keys())


def _looks_like_a_record(value: Any) -> bool:
    """Also one whose fields have other names; not the figures of a log or of results."""
    return _has_an_answer(value) or (
        isinstance(value, dict) and found_instead("id", value) is not None
    )


def _has_an_answer(value: Any) -> bool:
    """A record, also under another name; not a column's description, which has only a name."""
    return isinstance(value, dict) and (
        _is_record(value) or found_instead("prediction", value) is not None
    )


def _holds_records(value: Any) -> bool:
    """A record, or a list or object whose first value is a record."""
    if isinstance(value, dict) and value and not _is_record(value):
        value = next(iter(value.values()))
    elif isinstance(value, list) and value:
        value = value[0]
    return _is_record(value)


def _is_group(key: str, value: Any) -> bool:
    """Whether records, or the answers to a task, are below a key of the outer object."""
    if isinstance(value, list):
        return bool(value) and isinstance(value[0], dict) and _holds_one(value[0])
    if not isinstance(value, dict):
        return False
    figures = all(isinstance(one, JsonNumber) for one in value.values())
    return (task_of(key) is not None and not figures) or _holds_one(value)


def _holds_one(value: dict[str, Any]) -> bool:
    return any(_holds_records(one) for one in value.values())


def _is_column(key: str, value: Any) -> bool:
    """Whether it is a table by columns: field or column names with lists of values."""
    if key == "columns":
        return isinstance(value, list)
    return key in {"qa_type", "prediction", "answer"} and isinstance(value, list | dict)


def _has_columns(value: Any) -> bool:
    """Such a table under a key, as of one split; a record may have one list of answers."""
    return isinstance(value, dict) and (
        sum(_is_column(key, inner) for key, inner in islice(value.items(), _LOOKED_AT)) > 1
    )


def _is_json(text: str) -> bool:
    begin = text[:_BEGIN].lstrip()
    return begin.startswith(('{"', "[{")) and any(name in begin for name in _RECORD_FIELDS)


def _settings(keys: dict[str, None]) -> bool:
    return bool(keys.keys() & {"model", "config", "dataset", "split", "seed", "args"})


def _named(names: Any) -> str:
    told = ", ".join(f"“{shown(name)}”" for name in names[:_NAMED])
    return told + (", …" if len(names) > _NAMED else "")


def _refuse(text: str) -> NoReturn:
    raise PredictionsError(text)
