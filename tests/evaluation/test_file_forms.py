"""What is accepted as a file: JSON and JSON Lines, plain, as gzip and in a zip archive."""

import gzip
import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from core.errors import PredictionsError
from core.runs.uploads.packing import content_hash
from evaluation.upload.file_bytes import as_text, read_bytes
from evaluation.upload.questions import read_questions
from evaluation.upload.reader import decode, load
from evaluation.upload.record_faults import read_slowly
from tests.evaluation.bad_uploads import bomb
from tests.evaluation.participants import FOLDER, RIGHT, read

JSON = (FOLDER / RIGHT).read_bytes()
LINES = (FOLDER / "63_records.jsonl").read_bytes()
MB = 1 << 20
LIMIT = 3 * MB


def packed(*files: tuple[str, bytes], kind: int = zipfile.ZIP_DEFLATED) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", kind) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return data.getvalue()


def windows(lines: bytes) -> bytes:
    return b"\xef\xbb\xbf" + lines.replace(b"\n", b"\r\n") + b"\r\n"


MAC = [("__MACOSX/._p.json", b"\0"), (".DS_Store", b"\0"), ("out/", b"")]
GOOD: dict[str, bytes] = {
    "json": JSON,
    "jsonl": LINES,
    "jsonl of Windows": windows(LINES),
    "json with two byte-order marks": b"\xef\xbb\xbf" * 2 + JSON,
    "lines with a byte-order mark each": b"\n".join(
        b"\xef\xbb\xbf" + line for line in LINES.splitlines()
    ),
    "jsonl with blank lines": b"\n\n" + LINES.replace(b"\n", b"\n \n"),
    "objects over several lines": b"\n".join(
        json.dumps(one, indent=1).encode() for one in read(RIGHT)
    ),
    "json with a byte-order mark": b"\xef\xbb\xbf" + JSON,
    "json.gz": gzip.compress(JSON),
    "jsonl.gz": gzip.compress(LINES),
    "zip": packed(("p.json", JSON)),
    "zip stored": packed(("p.json", JSON), kind=zipfile.ZIP_STORED),
    "zip of jsonl": packed(("out/p.jsonl", LINES)),
    "zip of json.gz": packed(("p.json.gz", gzip.compress(JSON))),
    "zip of macOS": packed(("out/p.json", JSON), *MAC),
    "zip with a read me": packed(("README.txt", b"x"), ("p.json", JSON)),
    "zip of another name": packed(("predictions", JSON)),
    "zip of many other files": packed(
        *((f"frames/{n}.txt", b"x") for n in range(3000)), ("p.json", JSON)
    ),
}


@pytest.mark.parametrize("form", GOOD)
def test_every_form_holds_the_same_records(tmp_path: Path, form: str) -> None:
    path = tmp_path / "any.name"
    path.write_bytes(GOOD[form])
    plain = decode(JSON, "p.json")
    assert load(path) == plain
    assert read_slowly(as_text(read_bytes(path), "p.json"), "p.json") == plain
    assert content_hash(GOOD[form], MB) == hashlib.sha256(read_bytes(path)).hexdigest()


def with_password() -> bytes:
    data = bytearray(packed(("p.json", JSON)))
    at = data.rindex(b"PK\x01\x02")
    data[at + 8] |= 1
    data[6] |= 1
    return bytes(data)


def endless_list() -> bytes:
    """One file, and a central directory that claims to be 100 MB long."""
    data = bytearray(packed(("p.json", JSON)))
    at = data.rindex(b"PK\x05\x06")
    data[at + 12 : at + 16] = (100 * MB).to_bytes(4, "little")
    return bytes(data)


def endless_list_of_64_bits() -> bytes:
    data = packed(("p.json", JSON))
    at = data.rindex(b"PK\x05\x06")
    end = b"PK\x06\x06" + (44).to_bytes(8, "little") + bytes(28)
    end += (1 << 40).to_bytes(8, "little") + bytes(8)
    locator = b"PK\x06\x07" + bytes(4) + at.to_bytes(8, "little") + (1).to_bytes(4, "little")
    return data[:at] + end + locator + data[at:]


BAD: dict[str, tuple[Callable[[], bytes], str]] = {
    "two files": (lambda: packed(("a.json", JSON), ("b.json", JSON)), "with 2 such files"),
    "parts of a run": (
        lambda: packed(*((f"rank{n}.jsonl", JSON) for n in range(4))),
        "If they are the parts of one run, join their records into one file.",
    ),
    "no file": (packed, "without a file"),
    "other files": (lambda: packed(("a.txt", b"x"), ("b.txt", b"x")), "2 files of other kinds"),
    "a password": (with_password, "with a password"),
    "cut off": (lambda: packed(("p.json", JSON))[:-30], "damaged or cut off"),
    "damaged": (lambda: packed(("p.json", JSON)).replace(b"p.json", b"q.json", 1), "damaged"),
    "lzma": (lambda: packed(("p.json", JSON), kind=zipfile.ZIP_LZMA), "an unusual way"),
    "bzip2": (lambda: packed(("p.json", JSON), kind=zipfile.ZIP_BZIP2), "an unusual way"),
    "zip in zip": (lambda: packed(("p.json", packed(("p.json", JSON)))), "inside another archive"),
    "a bomb": (lambda: packed(("p.json", bytes(4 * MB))), "unpacks to more than is allowed"),
    "a bomb in a bomb": (
        lambda: packed(("p.json.gz", bomb(100, b"\0"))),
        "unpacks to more than is allowed",
    ),
    "a bomb of gzip": (
        lambda: packed(("p.gz", gzip.compress(b"") + bytes(2 * MB))),
        "unpacks to more than is allowed",
    ),
    "very many files": (
        lambda: packed(*((f"{n:0200}.txt", b"") for n in range(5000))),
        "far too many files",
    ),
    "an endless list": (endless_list, "far too many files"),
    "an endless list of 64 bits": (endless_list_of_64_bits, "far too many files"),
}


@pytest.mark.parametrize("form", BAD)
def test_a_bad_archive_is_refused_by_check_and_store_alike(tmp_path: Path, form: str) -> None:
    make, words = BAD[form]
    path = tmp_path / "p.zip"
    path.write_bytes(make())
    with pytest.raises(PredictionsError, match=words):
        load(path, max_bytes=LIMIT)
    if "inside" not in words:  # only the check reads the stored file
        with pytest.raises(PredictionsError):
            content_hash(path.read_bytes(), LIMIT)


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_questions_may_be_packed_and_have_a_byte_order_mark(tmp_path: Path, mark: bytes) -> None:
    plain = mark + (FOLDER / "questions.json").read_bytes()
    path = tmp_path / "questions"
    for data in (plain, gzip.compress(plain), packed(("q.json", plain))):
        path.write_bytes(data)
        assert len(read_questions(path)) == 30


def test_lines_and_their_faults_are_reported_by_index(tmp_path: Path) -> None:
    path = tmp_path / "p.jsonl"
    path.write_bytes(LINES.replace(b'"prediction"', b'"response"', 3) + b"\n5\n")
    with pytest.raises(PredictionsError) as caught:
        load(path)
    assert "has 4 faults in 4 of 31 records" in str(caught.value)
    assert "“response”: rename it to “prediction” (in 3 records: index 0, 1, 2)" in str(
        caught.value
    )
    assert "index 30: not an object but a number" in str(caught.value)
