"""An upload is kept completely or not at all, within its limit."""

import gzip
import hashlib
import resource
import subprocess
import sys

import pytest

from core.errors import PredictionsError
from core.runs.uploads.packing import content_hash, keep_upload

pytestmark = pytest.mark.slow

TEXT = b'[{"id": "a", "qa_type": "tal", "prediction": "1-2"}]' * 50_000
MB = 1 << 20


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(TEXT, id="plain"),
        pytest.param(gzip.compress(TEXT), id="packed"),
        pytest.param(gzip.compress(TEXT[:9]) + gzip.compress(TEXT[9:]), id="two members"),
        pytest.param(gzip.compress(TEXT) + b"\0" * 512, id="padded"),
    ],
)
def test_the_same_content_gives_the_same_file_and_hash(data: bytes, tmp_path) -> None:
    target = tmp_path / "input.json.gz"
    digest = keep_upload(data, target, 3 * MB)
    assert digest == hashlib.sha256(TEXT).hexdigest() == content_hash(data, 3 * MB)
    assert gzip.decompress(target.read_bytes()) == TEXT
    keep_upload(TEXT, tmp_path / "again", 3 * MB)
    assert target.read_bytes() == (tmp_path / "again").read_bytes()


@pytest.mark.parametrize(
    ("data", "why"),
    [
        pytest.param(b"x" * (MB + 1), "more than 1 MB", id="too large"),
        pytest.param(gzip.compress(b"x" * (MB + 1)), "more than 1 MB", id="unpacks too large"),
        pytest.param(gzip.compress(TEXT)[:-20], "cut off", id="cut off"),
        pytest.param(gzip.compress(b"x")[:3], "cut off", id="cut in the head"),
        pytest.param(b"\x1f\x8bnot gzip at all", "damaged", id="not gzip"),
        pytest.param(gzip.compress(b"x") + b"junk", "damaged", id="junk behind"),
    ],
)
def test_what_cannot_be_kept_is_refused(data: bytes, why: str, tmp_path) -> None:
    with pytest.raises(PredictionsError, match=why):
        keep_upload(data, tmp_path / "f", MB if "MB" in why else 3 * MB)


def test_a_bomb_costs_no_more_memory_than_its_limit(tmp_path) -> None:
    bomb = tmp_path / "bomb"
    bomb.write_bytes(gzip.compress(bytes(400 * MB), compresslevel=1))
    code = (
        "import sys, pathlib; from core.runs.uploads.packing import keep_upload\n"
        "keep_upload(pathlib.Path(sys.argv[1]).read_bytes(), pathlib.Path(sys.argv[2]), 300 << 20)"
    )
    limit = 250 * MB  # less than what it would unpack to
    run = subprocess.run(
        [sys.executable, "-c", code, str(bomb), str(tmp_path / "out")],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)),
    )
    assert run.returncode == 1
    assert "PredictionsError: The file has more than 300 MB" in run.stderr


def test_an_existing_file_is_never_replaced(tmp_path) -> None:
    target = tmp_path / "input.json.gz"
    target.write_bytes(b"kept")
    with pytest.raises(FileExistsError):
        keep_upload(TEXT, target, 3 * MB)
    assert target.read_bytes() == b"kept"
