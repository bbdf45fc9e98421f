"""The private ground truth, read once into typed records.

docs/evaluation.md describes the format. Reading is lenient where real files vary (fps as a
number, extra keys, `data_source` or `dataset_name`, `human` or `user`) and strict where a
metric would be wrong. An error gives the record's index and what was expected, never a value,
since participants see it.
"""

import codecs
import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, TypeVar

import msgspec

from core.benchmark import task_of
from core.errors import GroundTruthError
from core.files import packed
from core.files.gzip_pieces import GzipError
from core.files.zip_pieces import ZipError

_T = TypeVar("_T")

# A time or coordinate of a reference, bounded so that later arithmetic cannot overflow.
Quantity = Annotated[float, msgspec.Meta(ge=-1e12, le=1e12)]
_MAX_FPS = 1e6
UNKNOWN = "unknown"
_UNNAMED = "Unknown"  # as files write it
# Metrics that need the source dataset, for its classes or a mean over datasets.
_BY_DATASET = {"next_action", "skill_assessment", "cvs_assessment"}


class Turn(msgspec.Struct, gc=False):
    """One turn of the conversation: who speaks, and the text."""

    speaker: str = msgspec.field(name="from", default="")
    value: str = ""


class Metadata(msgspec.Struct, gc=False):
    """A clip's metadata; the bounds are used only for its names (evaluation.clips)."""

    video_id: str | int | None = None
    fps: str | float | None = None
    input_video_start_frame: Any = None
    start_frame: Any = None
    input_video_end_frame: Any = None
    end_frame: Any = None
    input_video_start_time: Any = None
    input_video_end_time: Any = None


class TruthRecord(msgspec.Struct):
    """One question with its reference answer.

    `struc_info` is not decoded here: its format depends on the task, which decodes it with
    `structured`.
    """

    id: str
    qa_type: str
    metadata: Metadata = msgspec.field(default_factory=Metadata)
    struc_info: msgspec.Raw = msgspec.field(default_factory=lambda: msgspec.Raw(b"null"))
    conversations: list[Turn] = []
    data_source: str | None = None
    dataset_name: str | None = None

    @property
    def task(self) -> str:
        """Task key; "" when the qa_type belongs to no task."""
        return task_of(self.qa_type) or ""

    @property
    def dataset(self) -> str:
        """Source dataset: `data_source`, else `dataset_name`, else UNKNOWN."""
        for name in (self.data_source, self.dataset_name):
            if name and name != _UNNAMED:
                return name
        return UNKNOWN

    @property
    def video(self) -> str:
        """The clip's video: from the metadata, else the id's first part."""
        video = self.metadata.video_id
        return self.id.partition("&&")[0] if video is None or video == "" else str(video)

    @property
    def fps(self) -> float:
        """Frames per second, finite and above 0; 1 if not in the metadata.

        Raises GroundTruthError when unreadable. The id's last part is ignored.
        """
        value = self.metadata.fps
        if value is None or value == "":
            return 1.0
        try:
            fps = float(value)
        except ValueError:
            fps = math.nan
        if not 0 < fps <= _MAX_FPS:
            raise GroundTruthError("metadata.fps: expected a number above 0")
        return fps

    @property
    def question(self) -> str:
        """The text of the last question, without the video token; "" when there is none."""
        text = self._last_turn_of(_ASKING)
        return text.replace("<video>\n", "").replace("<video>", "") if "<video>" in text else text

    @property
    def answer(self) -> str:
        """The text of the last reference answer; "" when there is none."""
        return self._last_turn_of(_ANSWERING)

    def _last_turn_of(self, speakers: Sequence[str]) -> str:
        for turn in reversed(self.conversations):
            if turn.speaker in speakers:
                return turn.value
        return ""


_ASKING, _ANSWERING = ("human", "user"), ("gpt", "assistant")
_SPEAKERS = {*_ASKING, *_ANSWERING}
_RECORDS = msgspec.json.Decoder(list[TruthRecord])
_LINES = msgspec.json.Decoder(TruthRecord)


def load(path: Path) -> list[TruthRecord]:
    """The records of a .json or .jsonl file, plain, as .gz or in a .zip, in order.

    Raises GroundTruthError when the file cannot be read or is not a JSON array of records, when
    there is none or none has a reference (a question file), or when a record has no text `id` or
    no `qa_type` of one of the eight tasks.
    """
    records = _decoded(read(path))
    if not records:  # else every record of every upload would be said to match no question
        raise GroundTruthError("the ground truth has no records. Expected one per question.")
    _refuse_other_forms(records)
    if not any(_has_reference(record) for record in records):
        raise GroundTruthError(
            "the ground truth has questions without answers (none of its "
            f"{len(records):,} records has a reference): it is a question file. Give the file "
            "with the references."
        )
    return _checked(records)


def _refuse_other_forms(records: list[TruthRecord]) -> None:
    """Raises GroundTruthError when all references are in a form in which none is read.

    Else every answer would be unscored, and the metric 0.
    """
    speakers = {turn.speaker for record in records for turn in record.conversations}
    if speakers and speakers.isdisjoint(_SPEAKERS):
        raise GroundTruthError(
            "the ground truth has conversations in which nobody asks or answers. Expected turns "
            'such as {"from": "human", "value": "…"} and {"from": "gpt", "value": "…"}; “role” and '
            "“content” are not read: rename them."
        )
    given = {bytes(record.struc_info).strip()[:1] for record in records} - {b"n"}  # null
    if given == {b'"'}:
        raise GroundTruthError(
            "the ground truth has each struc_info as JSON inside a text. Expected a list or an "
            "object: decode it with json.loads before the file is written."
        )


def _has_reference(record: TruthRecord) -> bool:
    """Whether a record has an answer, as text or structured."""
    told = any(t.speaker in _ANSWERING and t.value.strip() for t in record.conversations)
    return told or bytes(record.struc_info).strip() not in (b"null", b"[]", b"{}", b'""')


def read(path: Path) -> bytes:
    """The file's JSON bytes, decompressed if it is gzip or a zip archive with one such file."""
    try:
        data = path.read_bytes()
        pieces = packed.pieces(data)
        return data if pieces is None else b"".join(pieces)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise GroundTruthError(
            f"the ground truth file {path.name or path} cannot be read: {reason}. Check its path."
        ) from error
    except GzipError as error:
        raise GroundTruthError("the ground truth is an incomplete gzip file") from error
    except ZipError as error:
        raise GroundTruthError(f"the ground truth {error}") from error


def decode(data: bytes) -> list[TruthRecord]:
    """Decodes the JSON array; raises like `load`, which also refuses a question file."""
    return _checked(_decoded(data))


def _decoded(data: bytes) -> list[TruthRecord]:
    try:
        data = data.removeprefix(codecs.BOM_UTF8)
        return (_LINES.decode_lines if _is_lines(data) else _RECORDS.decode)(data)
    except msgspec.ValidationError as error:
        raise GroundTruthError(
            f"the ground truth is not an array of records: {safe_reason(error)}"
        ) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        if data.startswith(b"version https://git-lfs"):
            raise GroundTruthError(
                "the ground truth is a Git LFS pointer, not the file itself. Fetch the file with "
                "“git lfs pull”."
            ) from None
        # The decoder's text has the place and no content.
        place = _MALFORMED.fullmatch(str(error))
        raise GroundTruthError(
            f"the ground truth file is not JSON ({place[1] if place else type(error).__name__}). "
            "Expected an array of records, or one record per line."
        ) from None


_MALFORMED = re.compile(r"(?:JSON is malformed: )?([A-Za-z ]{1,60}(?: \(byte \d+\))?)")


def _is_lines(data: bytes) -> bool:
    """Whether the file starts with a record, like JSON Lines, and not with an array."""
    return data[:100].lstrip().startswith(b"{")


def _checked(records: list[TruthRecord]) -> list[TruthRecord]:
    for index, record in enumerate(records):
        task = task_of(record.qa_type)
        if task is None:
            raise GroundTruthError(f"ground truth record {index}: qa_type belongs to no task")
        if task in _BY_DATASET and record.dataset == UNKNOWN:
            raise GroundTruthError(
                f"ground truth record {index}: data_source and dataset_name are both missing. "
                f"Add one: {task} is scored per dataset."
            )
    return records


def structured(record: TruthRecord, decoder: msgspec.json.Decoder[_T]) -> _T:
    """The record's `struc_info`, decoded; raises GroundTruthError on another structure."""
    try:
        return decoder.decode(record.struc_info)
    except (msgspec.DecodeError, RecursionError) as error:
        raise GroundTruthError(f"struc_info: {safe_reason(error)}") from None


def safe_reason(error: Exception) -> str:
    """msgspec's expected type and path; its other messages could quote the file."""
    text = str(error)
    if text.startswith(("Expected `", "Object missing required field `")):
        return text
    return "does not have the documented structure"
