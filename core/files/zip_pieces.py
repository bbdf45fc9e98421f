"""Decompresses the one file of a zip archive in pieces, within limits that no file can exceed.

The size of the central directory is checked before it is read, and nothing is decompressed before
it is needed.
"""

import io
import zlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from core.files.gzip_pieces import MAGIC, PIECE
from core.files.gzip_pieces import pieces as gzip_pieces

if TYPE_CHECKING:  # imported when there is an archive: an evaluation takes less than half a second
    import zipfile

MAGICS = (b"PK\x03\x04", b"PK\x05\x06")
_ENDINGS = (".json", ".jsonl", ".ndjson", ".gz")
_MAX_LIST = 1 << 20  # bytes of the central directory: some ten thousand files
_END = b"PK\x05\x06"
_END_SIZE, _LOCATOR_SIZE, _END64_SIZE, _MAX_COMMENT = 22, 20, 56, 1 << 16
# Archives with these names do not contain answers.
_KINDS = (
    ("[Content_Types].xml", "is an Excel or Word file, not JSON"),
    ("data.pkl", "is a PyTorch checkpoint, not JSON"),
    (".npy", "is a NumPy archive (.npz), not JSON"),
)
_DAMAGED = (
    "is a zip archive that cannot be unpacked (damaged or cut off). Pack it again, or upload the "
    "file unpacked."
)
_ADVICE = "Pack one .json or .jsonl file, or upload it unpacked."


class ZipError(Exception):
    """What is wrong with an archive: text that follows the name of the file."""


def pieces(packed: bytes) -> Iterator[bytes]:
    """The decompressed bytes of the archive's file of answers, also through inner gzip.

    That is the only file with a known ending, else the only file, not counting folders and files
    that macOS adds. Raises ZipError, or GzipError for the inner gzip.
    """
    parts = _parts(packed)
    first = next(parts, b"")
    if not first.startswith(MAGIC):
        yield first
        yield from parts
        return
    # Compressed bytes cannot be compressed much further: a large ratio here is a bomb.
    most = 4 * len(packed) + PIECE
    inner = bytearray(first)
    for part in parts:
        inner += part
        if len(inner) > most:
            raise ZipError("contains a gzip file that unpacks to more than is allowed")
    yield from gzip_pieces(bytes(inner))


def _parts(packed: bytes) -> Iterator[bytes]:
    listed = _list_size(packed)
    if listed is None:
        raise ZipError(_DAMAGED)
    if listed > _MAX_LIST:
        raise ZipError(f"is a zip archive of far too many files. {_ADVICE}")
    import zipfile

    try:
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            found = _chosen(archive.infolist())
            if found.flag_bits & 1:
                raise ZipError(f"is a zip archive with a password. {_ADVICE}")
            if found.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise ZipError(f"is a zip archive packed in an unusual way. {_ADVICE}")
            with archive.open(found) as file:
                while part := file.read(PIECE):
                    yield part
    # The exceptions of zipfile for damaged archives are not fully documented.
    except (
        zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError, LookupError
    ):  # fmt: skip
        raise ZipError(_DAMAGED) from None


def _list_size(packed: bytes) -> int | None:
    """Size in bytes of the central directory as zipfile will read it; 0 if there is none.

    None if its end is truncated.
    """
    at = packed.rfind(_END, max(0, len(packed) - _END_SIZE - _MAX_COMMENT))
    end = packed[at : at + _END_SIZE] if at >= 0 else b""
    if len(end) < _END_SIZE:
        return 0 if at < 0 else None
    size = int.from_bytes(end[12:16], "little")
    locator = at - _LOCATOR_SIZE
    if locator >= _END64_SIZE and packed[locator : locator + 4] == b"PK\x06\x07":
        end64 = packed[locator - _END64_SIZE : locator]
        size = max(size if size < 0xFFFFFFFF else 0, int.from_bytes(end64[40:48], "little"))
    return size


def _chosen(listed: "Sequence[zipfile.ZipInfo]") -> "zipfile.ZipInfo":
    files = [one for one in listed if not one.is_dir() and not _added_by_macos(one.filename)]
    named = [one for one in files if one.filename.lower().endswith(_ENDINGS)]
    if len(named) == 1 or len(files) == 1:
        return named[0] if named else files[0]
    for ending, what in _KINDS:
        if any(one.filename.endswith(ending) for one in files):
            raise ZipError(f"{what}. Save the predictions as UTF-8 JSON.")
    if not files:
        raise ZipError(f"is a zip archive without a file. {_ADVICE}")
    held = f"{len(named)} such files" if named else f"{len(files)} files of other kinds"
    parts = " If they are the parts of one run, join their records into one file." if named else ""
    raise ZipError(
        f"is a zip archive with {held}, where exactly one file of predictions (.json, .jsonl) is "
        f"expected. {_ADVICE}{parts}"
    )


def _added_by_macos(name: str) -> bool:
    return name.startswith("__MACOSX/") or name.rpartition("/")[2].startswith(".")
