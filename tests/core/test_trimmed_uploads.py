"""What is kept of an upload: the fields that are evaluated, and the digest of the file as sent."""

import gzip
import hashlib
import json
import os
import zipfile
from pathlib import Path

import pytest

from core.errors import RefusedError
from core.model.fields import Form
from core.runs.records import result_files
from core.runs.uploads.packing import content_hash
from core.usecases.services import Services
from core.usecases.submit import CheckedFile, submit
from evaluation.upload.file_review import content_sha256
from evaluation.upload.kept import keep, pieces
from evaluation.upload.reader import decode, load
from tests.core.services_world import world

pytestmark = pytest.mark.slow

PARTICIPANTS = Path(__file__).parents[1] / "data" / "participants"
MB = 1 << 20
FILES = ("00_all_right.json", "02_multi_gpu_results.json", "05_id_ignored_beside_answer.json",
         "63_records.jsonl")  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_what_is_kept_reads_as_what_was_sent(name: str, tmp_path: Path) -> None:
    sent = PARTICIPANTS / name
    told = keep(sent, tmp_path / "kept.json.gz")
    before, after = load(sent), load(tmp_path / "kept.json.gz")
    assert after == before
    assert content_sha256(after) == content_sha256(before)
    assert told["sent"] == hashlib.sha256(sent.read_bytes()).hexdigest()
    assert told["kept"] == content_hash((tmp_path / "kept.json.gz").read_bytes(), MB)
    keep(tmp_path / "kept.json.gz", tmp_path / "again.json.gz")  # there is nothing more to remove
    assert (tmp_path / "again.json.gz").read_bytes() == (tmp_path / "kept.json.gz").read_bytes()


@pytest.mark.parametrize(
    "metadata",
    [
        {"video_id": "v", "fps": 1, "start_frame": 3, "end_frame": 9.5},
        {"video_id": "v&&w", "fps": "1.0", "input_video_start_frame": "3",
         "input_video_end_frame": "9", "input_video_start_time": 1.5, "input_video_end_time": "4"},
        {"video_id": "v", "fps": None, "input_video_start_time": 1, "input_video_end_time": 4},
        {"video_id": "v"},
    ],
)  # fmt: skip
@pytest.mark.parametrize("given", ["v&&3&&9&&1.0", None, 7, ""])
def test_names_of_a_clip_are_kept(metadata: dict[str, object], given: object) -> None:
    one = {"qa_type": "tal", "answer": "1-2 é “x”", "question": "When?", "metadata": metadata}
    records = decode(json.dumps([one | {"id": given}] if given != "" else [one]).encode(), "p")
    assert decode(b"".join(pieces(records)), "p") == records


def stored(services: Services, data: bytes) -> tuple[Path, str, str]:
    receipt = submit(
        services,
        Form(model_name="M", organization="Lab", contact="a@example.org", terms=True),
        CheckedFile(data, ready=True, records=200),
    )
    found = services.store.read().submissions[receipt.submission_id]
    upload = result_files(services.settings.root, receipt.submission_id).upload
    assert oct(upload.stat().st_mode & 0o777) == "0o600"
    assert [path.name for path in upload.parent.iterdir()] == [upload.name]
    return upload, found.predictions_sha256, found.upload_sha256


def padded(words: int) -> bytes:
    record = {
        "id": "v&&1&&9&&1.0", "qa_type": "tal", "prediction": "1-2 seconds.",
        "notes": os.urandom(words).hex(), "gnd": "3-4 seconds.", "metadata": {"x": words},
    }  # fmt: skip
    return json.dumps([record] * 50, indent=1).encode()


def test_padding_in_fields_that_are_not_read_is_not_stored(tmp_path: Path) -> None:
    data = padded(9_000)
    upload, sent, kept = stored(world(tmp_path), gzip.compress(data))
    assert sent == hashlib.sha256(data).hexdigest()
    text = gzip.decompress(upload.read_bytes())
    assert kept == hashlib.sha256(text).hexdigest() != sent
    assert len(text) < len(data) / 100
    assert b"notes" not in text
    assert b"gnd" not in text
    assert [one.text for one in load(upload)] == ["1-2 seconds."] * 50


def test_a_zip_is_kept_as_what_it_holds(tmp_path: Path) -> None:
    path = tmp_path / "p.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("p.jsonl", '{"id": "v", "qa_type": "tal", "prediction": "1-2"}\n' * 2)
    upload, _, _ = stored(world(tmp_path), path.read_bytes())
    assert len(load(upload)) == 2


def test_the_limit_is_of_the_file_as_sent(tmp_path: Path) -> None:
    services = world(tmp_path)
    with pytest.raises(RefusedError) as refused:
        stored(services, gzip.compress(padded(20_000)))
    assert "more than 1 MB when unpacked" in str(refused.value.problems)
    assert not list(services.settings.root.glob("results/*"))
