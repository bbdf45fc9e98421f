"""Bad uploads, through the command: one clear sentence, exit status 1, nothing written."""

import gzip
import json
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from core.errors import PredictionsError
from core.runs.child import Limits, confined
from core.runs.uploads.packing import content_hash
from evaluation.predictions import main
from evaluation.upload.file_bytes import as_text, read_bytes
from evaluation.upload.reader import load
from tests.evaluation.bad_uploads import CASES, GOOD, bomb

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]


def run(path: Path, memory_bytes: int = 0, cpu_s: int = 0) -> subprocess.CompletedProcess[str]:
    """The finished command, with limits of memory and processor time; 0 for none."""
    command = [sys.executable, "-m", "evaluation.predictions", str(path)]
    limits = Limits(120, memory_bytes, file_bytes=0, cpu_s=cpu_s)
    return subprocess.run(
        confined(command, limits) if memory_bytes or cpu_s else command,
        cwd=path.parent,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("case", CASES)
def test_a_bad_file_is_refused_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], case: str
) -> None:
    # In this process: a new one for each case would take far longer than its check. Other tests
    # of this file run the command as a process.
    data, sentence = CASES[case]
    path = tmp_path / "upload.json"
    path.write_bytes(data)
    assert main([str(path)]) == 1
    printed = capsys.readouterr()
    assert sentence in " ".join(printed.out.split())
    assert "cannot be scored: 1 problem" in printed.out
    assert printed.err == ""
    assert all(char == "\n" or char.isprintable() for char in printed.out)
    assert [file.name for file in tmp_path.iterdir()] == ["upload.json"]
    assert path.read_bytes() == data


def test_every_fault_is_counted_and_each_kind_is_reported_once(tmp_path: Path) -> None:
    records: list[object] = [GOOD] * 3 + [GOOD | {"prediction": 5}] * 30 + [{}] * 7 + [8]
    path = tmp_path / "upload.json"
    path.write_text(json.dumps(records))
    with pytest.raises(PredictionsError) as caught:
        load(path)
    message = str(caught.value)
    assert "has 52 faults in 38 of 41 records. " in message
    assert "prediction is not text but a number (in 30 records: index 3, 4, 5, …)" in message
    for field in ("qa_type", "id", "prediction"):
        assert f"{field} is missing (in 7 records: index 33, 34, 35, …)" in message
    assert "index 40: not an object but a number." in message


def test_of_very_many_kinds_of_faults_twenty_are_named(tmp_path: Path) -> None:
    path = tmp_path / "upload.json"
    path.write_text(json.dumps([GOOD, *(GOOD | {"qa_type": f"x{n}"} for n in range(30))] * 2))
    with pytest.raises(PredictionsError) as caught:
        load(path)
    message = str(caught.value)
    assert "has 60 faults in 60 of 62 records. The first 20 kinds: " in message
    assert "“x19” is unknown (in 2 records: index 20, 51)." in message
    assert "“x20”" not in message


def test_one_kind_of_fault_in_very_many_records(tmp_path: Path) -> None:
    path = tmp_path / "upload.json"
    path.write_text(json.dumps([GOOD, *[GOOD | {"prediction": 3.5}] * 1637]))
    with pytest.raises(PredictionsError) as caught:
        load(path)
    assert "has 1,637 faults in 1,637 of 1,638 records. " in str(caught.value)
    assert "(in 1,637 records: index 1, 2, 3, …)" in str(caught.value)


def test_no_such_file(tmp_path: Path) -> None:
    done = run(tmp_path / "nowhere.json")
    assert done.returncode == 1
    assert "nowhere.json cannot be read: No such file or directory." in done.stdout


def test_a_folder_and_a_pipe_are_no_files(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.json"
    os.mkfifo(pipe)
    for path in (tmp_path, pipe):
        with pytest.raises(PredictionsError, match="is not a file"):
            load(path)


def test_a_hostile_file_name_is_escaped(tmp_path: Path) -> None:
    path = tmp_path / "a\x1b[2J\u202egnp.json"
    path.write_bytes(b"[]")
    done = run(path)
    assert "a\\x1b[2J\\u202egnp.json has no records" in " ".join(done.stdout.split())
    assert "\x1b" not in done.stdout
    assert "\u202e" not in done.stdout


def peak_limited(path: Path) -> subprocess.CompletedProcess[str]:
    """The command in 1 GB of address space and 20 s of processor time."""
    return run(path, 1 << 30, cpu_s=20)


def test_a_file_of_500_mb_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "large.json"
    with path.open("wb") as file:
        file.truncate(500 << 20)
    done = run(path, 200 << 20)
    assert done.returncode == 1
    assert "has 500.0 MB; at most 200.0 MB (unpacked) are read" in " ".join(done.stdout.split())


def test_a_gzip_bomb_is_unpacked_to_the_limit_only(tmp_path: Path) -> None:
    path = tmp_path / "bomb.json.gz"
    path.write_bytes(bomb(300, b" "))
    done = peak_limited(path)
    assert done.returncode == 1
    assert "unpacks to more than is allowed" in done.stdout


def chunks(record: bytes) -> Iterator[bytes]:
    yield b"["
    for _ in range(99):
        yield (record + b",") * 100_000
    yield (record + b",") * 99_999 + record + b"]"


def test_ten_million_tiny_records_are_refused_in_little_memory(tmp_path: Path) -> None:
    """Of the kind that takes most memory."""
    path = tmp_path / "many.json"
    with path.open("wb") as file:
        file.writelines(chunks(b'{"a":0}'))
    done = peak_limited(path)
    assert done.returncode == 1, done.stderr
    assert "has more than 200,000 records" in done.stdout


@pytest.mark.parametrize("record", [b"{}", b"0", b"[]", b'{"a":0}'])
def test_tiny_records_of_any_kind_are_refused_while_they_are_counted(
    tmp_path: Path, record: bytes
) -> None:
    path = tmp_path / "many.json"
    # What follows is not read: it would be another fault.
    path.write_bytes(b"[" + (record + b",") * 1_001 + b"?" * 1_000)
    with pytest.raises(PredictionsError, match="has more than 1,000 records"):
        load(path, max_records=1_000)


def test_the_limits_are_parameters(tmp_path: Path) -> None:
    path = tmp_path / "p.json"
    path.write_text(json.dumps([GOOD] * 5))
    assert len(load(path, max_records=5)) == 5
    with pytest.raises(PredictionsError, match="more than 4 records"):
        load(path, max_records=4)
    with pytest.raises(PredictionsError, match="at most"):
        load(path, max_bytes=50)


def test_too_little_memory_is_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "p.json"
    path.write_text(json.dumps([GOOD | {"prediction": "x" * (60 << 20)}]))
    before = resource.getrlimit(resource.RLIMIT_AS)
    done = run(path, 150 << 20)
    assert done.returncode == 1
    assert "needs more memory" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert resource.getrlimit(resource.RLIMIT_AS) == before


def test_a_million_gzip_members_are_refused_before_they_are_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "members.json.gz"
    path.write_bytes(gzip.compress(b"", mtime=0) * 1_000_000)
    done = run(path, cpu_s=5)
    assert done.returncode == 1, done.stderr
    assert "more than 10,000 gzip files" in " ".join(done.stdout.split())
    with pytest.raises(PredictionsError, match="10,000 parts"):
        content_hash(path.read_bytes(), 1 << 20)


def test_members_and_padding_are_read_as_gzip_reads_them(tmp_path: Path) -> None:
    path = tmp_path / "members.json.gz"
    packed = [gzip.compress(part) for part in (b"[", b"1" * 100_000, b"", b"]")]
    path.write_bytes(bytes(7).join(packed) + bytes(40_000))
    assert read_bytes(path) == b"[" + b"1" * 100_000 + b"]"
    assert content_hash(path.read_bytes(), 1 << 20) == sha256(read_bytes(path)).hexdigest()


@pytest.mark.parametrize("distinct", [False, True])
def test_an_object_of_very_many_keys_is_reported_in_little_time_and_memory(
    tmp_path: Path, distinct: bool
) -> None:
    path = tmp_path / "keys.json"
    keys = (b'"%d":0' % (number if distinct else 1) for number in range(200_000))
    path.write_bytes(b"[{" + b",".join(keys) + b"}]")
    done = run(path, 1 << 30, cpu_s=10)
    assert done.returncode == 1, done.stderr
    told = " ".join(done.stdout.split())
    assert "another benchmark's file: its record has “" in told
    assert "where id, qa_type and prediction are expected" in told


@pytest.mark.parametrize(("records", "keys"), [(1, 2_000_001), (1, 500_001), (999, 502)])
def test_more_keys_than_any_file_has_are_refused_unread(
    tmp_path: Path, records: int, keys: int
) -> None:
    path = tmp_path / "keys.json"
    path.write_bytes(b"[%s]" % b",".join([b"{%s}" % b",".join([b'"1":0'] * keys)] * records))
    done = run(path, 300 << 20, cpu_s=5)
    assert done.returncode == 1, done.stderr
    assert "too many JSON values" in " ".join(done.stdout.split())


@pytest.mark.parametrize("at", [0, (1 << 20) - 2, (1 << 20) - 1, 1 << 20, (1 << 20) + 5])
def test_the_place_of_a_damaged_byte_is_reported_wherever_it_is(at: int) -> None:
    """Also at the boundaries of the pieces in which a file is decoded."""
    before = b"x" * (at % 2) + "é".encode() * (at // 2)
    for damage in (b"\xff" + b" " * 9, b"\xe2\x82"):
        with pytest.raises(PredictionsError, match=rf"byte 0x\w\w at byte {at} \("):
            as_text(before + damage, "p.json")
    whole = before + "€ end".encode()
    assert as_text(whole, "p.json") == whole
