"""Reads an uploaded file into memory: plain or compressed, of limited size, as UTF-8 bytes."""

import codecs
import re
import stat
from pathlib import Path

from core.errors import PredictionsError
from core.files import packed
from core.files.gzip_pieces import MAX_MEMBERS, GzipError
from core.files.zip_pieces import ZipError
from evaluation.upload.binary_kinds import binary_kind
from evaluation.upload.records import shown

MAX_BYTES = 200 * 1024 * 1024
_CHUNK = 1 << 20
_FIRST_LINE = 8 << 20  # bytes; it ends within
_FIRST = 1 << 16  # bytes
_NEXT_LINE = re.compile(rb"\}[ \t\r]*+\n[ \t\r\n]*+\{")
_MARKS = re.compile(rb"(?:\xef\xbb\xbf)+")


def read_upload(path: Path, max_bytes: int = MAX_BYTES) -> bytes:
    """The file's JSON text as valid UTF-8 bytes, decompressed, without a byte order mark.

    Raises PredictionsError.
    """
    return as_text(read_bytes(path, max_bytes), path.name)


def read_bytes(path: Path, max_bytes: int = MAX_BYTES) -> bytes:
    """The file's bytes, decompressed. Raises PredictionsError.

    Gzip and zip are recognised by their first bytes, not by the file's name. The size is
    checked before reading, and again while decompressing.
    """
    name = shown(path.name or str(path), 60)
    try:
        info = path.stat()
        if not stat.S_ISREG(info.st_mode):
            raise PredictionsError(
                f"{name} is not a file. Give one .json or .jsonl file (also as .gz or .zip)."
            )
        if info.st_size > max_bytes:
            raise _too_large(name, f"has {megabytes(info.st_size)}", max_bytes)
        with path.open("rb") as file:
            data = file.read(max_bytes + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "invalid file name"
        raise PredictionsError(f"{name} cannot be read: {reason}.") from None
    if len(data) > max_bytes:
        raise _too_large(name, "grew while it was read", max_bytes)
    return _unpacked(name, data, max_bytes)


def megabytes(size: int) -> str:
    """A size in MB (2^20 bytes) with one decimal."""
    return f"{size / (1 << 20):.1f} MB"


def _too_large(name: str, what: str, max_bytes: int) -> PredictionsError:
    return PredictionsError(
        f"{name} {what}; at most {megabytes(max_bytes)} (unpacked) are read. "
        "A predictions file of the full test set has a few MB: keep only "
        "id, qa_type and prediction."
    )


def _unpacked(name: str, data: bytes, max_bytes: int) -> bytes:
    pieces = packed.pieces(data)
    if pieces is None:
        return data
    parts: list[bytes] = []
    size = 0
    try:
        for piece in pieces:
            size += len(piece)
            if size > max_bytes:
                raise _too_large(name, "unpacks to more than is allowed", max_bytes)
            parts.append(piece)
    except ZipError as error:
        raise PredictionsError(f"{name} {error}") from None
    except GzipError as error:
        told = {
            "damaged": f"{name} starts like a gzip file but cannot be unpacked (damaged after "
            f"{size} unpacked bytes). Pack it again, or upload the plain .json file.",
            "cut off": f"{name} looks cut off: the gzip data ends after {size} unpacked bytes. "
            "Upload the file again.",
            "too many members": f"{name} has more than {MAX_MEMBERS:,} gzip files "
            "in a row. Compress it again as one.",
        }
        raise PredictionsError(told[error.fault]) from None
    return b"".join(parts)


def as_text(data: bytes, file_name: str) -> bytes:
    """`data` without any byte order mark, if it is UTF-8 and has no NUL.

    Raises PredictionsError that says what it is instead.
    """
    name = shown(file_name, 60)
    kind = binary_kind(data)
    if kind is not None:
        raise PredictionsError(f"{name} {_wide_table(data) or kind}")
    # There may be several, also at the start of a line, if files with a mark were joined.
    marks = _MARKS.match(data)
    data = data[marks.end() :] if marks else data
    data = data.replace(b"\n" + codecs.BOM_UTF8, b"\n")
    wrong = None if data.isascii() else _not_utf8(data)
    if wrong is not None:
        byte = f"byte 0x{data[wrong]:02x} {position(data, wrong)}"
        raise PredictionsError(f"{name} is not valid UTF-8 ({byte}). Save it as UTF-8 JSON.")
    nul = data.find(b"\0")
    if nul >= 0:
        wide = nul < 4 and data.count(b"\0", 0, 64) > 8
        kind = "UTF-16 or UTF-32 text" if wide else "damaged"
        raise PredictionsError(
            f"{name} has a NUL byte {position(data, nul)}; the file is {kind}. "
            "Save it as UTF-8 JSON."
        )
    if not data.strip():
        raise PredictionsError(
            f"{name} is empty. Expected a JSON array of records with id, qa_type and prediction."
        )
    return data


def _wide_table(data: bytes) -> str | None:
    """What to do with a table in UTF-16, as Excel writes it; None for anything else."""
    if not data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return None
    from evaluation.upload.text_kinds import text_kind  # rare, and takes a while to import

    kind = text_kind(data[:_FIRST].decode("utf-16", errors="ignore")) or ""
    found = kind.replace("read_csv(path", 'read_csv(path, encoding="utf-16"')
    return found if found != kind else None


def _not_utf8(data: bytes) -> int | None:
    """The position of the first byte that is not UTF-8.

    Decodes in pieces: one emoji would make a text of 200 MB take 800 MB.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    for at in range(0, len(data), _CHUNK):
        waiting = len(decoder.getstate()[0])
        try:
            decoder.decode(data[at : at + _CHUNK], at + _CHUNK >= len(data))
        except UnicodeDecodeError as error:
            return at - waiting + error.start
    return None


def position(data: bytes, offset: int) -> str:
    """A byte's position in words: "at byte 17 (line 2)"."""
    line = data.count(b"\n", 0, offset) + 1
    return f"at byte {offset} (line {line})"


def is_lines(data: bytes) -> bool:
    """Whether this is JSON Lines: one JSON object per line.

    In a single JSON value, objects are separated by commas, and strings have no line breaks.
    """
    return data[:_FIRST].lstrip(b" \t\r\n").startswith(b"{") and bool(
        _NEXT_LINE.search(data, 0, _FIRST_LINE)
    )
