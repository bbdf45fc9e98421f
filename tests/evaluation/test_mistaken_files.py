"""Files that are not predictions: each is named in a sentence that says what to do."""

import gzip
import io
import json
import pickle
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest

from core.errors import GroundTruthError, PredictionsError
from evaluation import truth
from evaluation.upload.reader import load
from evaluation.upload.wrong_keys import found_instead
from tests.evaluation.participants import FOLDER, RIGHT, read

RECORDS: list[dict[str, Any]] = read(RIGHT)
JSON = json.dumps(RECORDS)
COCO = [{"image_id": 1, "category_id": 2, "bbox": [1, 2, 3, 4], "score": 0.5}] * 9


def archive(kind: str) -> bytes:
    data = io.BytesIO()
    if kind == "tar":
        with tarfile.open(fileobj=data, mode="w") as tar:
            tar.addfile(tarfile.TarInfo("predictions.json"))
    else:
        with zipfile.ZipFile(data, "w") as file:
            file.writestr(kind, b"x")
            file.writestr("[Content_Types].xml" if kind == "xl/workbook.xml" else "version", b"x")
    return data.getvalue()


def renamed(**new: str) -> list[dict[str, Any]]:
    return [{new.get(key, key): value for key, value in one.items()} for one in RECORDS]


def record(one: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A record with these fields instead of its prediction."""
    return {key: value for key, value in one.items() if key != "prediction"} | fields


def by(key: str, *, whole: bool = True) -> dict[str, Any]:
    """Records keyed by a field, or grouped if several share it."""
    found: dict[str, Any] = {}
    for one in RECORDS:
        rest = {name: value for name, value in one.items() if name != key}
        found[one[key]] = rest if whole else one["prediction"]
    return found


GROUPED = read("62_grouped_by_task.json")
ANSWERS = "Choose the file of your model's answers"
KINDS: dict[str, tuple[bytes | str | Any, tuple[str, ...]]] = {
    "Git LFS pointer": (
        (FOLDER / "64_git_lfs_pointer.json").read_bytes(),
        ("is a Git LFS pointer", "git lfs pull"),
    ),
    "HTML page": (b"<!DOCTYPE html>\n<html><head>", ("is an HTML page", "sign-in page")),
    "HTML without doctype": (b"\n <html lang='en'>", ("is an HTML page",)),
    "HTML saved by a browser": (b"<!-- saved from x -->\n<html>", ("is an HTML page",)),
    "XML": (b"<?xml version='1.0'?><a/>", ("is XML",)),
    "a table in UTF-16": (
        "id\tqa_type\tprediction\r\nv\ttal\t1-2\r\n".encode("utf-16"),
        ("is a table (CSV)", r'read_csv(path, encoding="utf-16", sep="\t").to_json(out'),
    ),
    "CSV with semicolons": (
        b"id;qa_type;prediction\r\nv;tal;1-2, 3-4\r\n",
        ("is a table (CSV)", 'read_csv(path, sep=";").to_json(out, orient="records")'),
    ),
    "CSV": (b"id,qa_type,prediction\nv,tal,1-2\n", ("is a table (CSV)", "read_csv")),
    "TSV": (
        b"id\tqa_type\tprediction\nv\ttal\t1-2\n",
        ("is a table (CSV)", r'read_csv(path, sep="\t")'),
    ),
    "CSV with a byte-order mark": (b"\xef\xbb\xbfid;qa_type\nv;tal\n", ("is a table (CSV)",)),
    "Markdown fence": (
        (FOLDER / "67_fenced.json").read_bytes(),
        ("has a Markdown code fence", "Delete the lines with ```"),
    ),
    "words before a fence": (f"Here you are:\n\n```json\n{JSON}\n```", ("Markdown code fence",)),
    "a fence at the end": (f"{JSON}\n```\n", ("Markdown code fence", "at its end")),
    "program code": (f"predictions = {JSON}", ("is program code", "json.dump")),
    "JavaScript": (f"const data = {JSON};", ("is program code",)),
    "YAML": (b"- id: v\n  qa_type: tal\n", ("is YAML",)),
    "error message": (b"Traceback (most recent call last):\n  File", ("error message",)),
    "web address": (b"https://example.org/predictions.json\n", ("a web address",)),
    "tar": (archive("tar"), ("is a tar archive", "Unpack it")),
    "tar.gz": (gzip.compress(archive("tar")), ("is a tar archive", "Unpack it")),
    "pickle": (pickle.dumps(RECORDS), ("is a pickle", "json.dump")),
    "pickle of protocol 2": (pickle.dumps(RECORDS, 2), ("is a pickle",)),
    "pickle of protocol 1": (pickle.dumps(RECORDS, 1), ("is a pickle",)),
    "pickle of protocol 0": (pickle.dumps(RECORDS, 0), ("is a pickle",)),
    "PyTorch checkpoint": (archive("archive/data.pkl"), ("is a PyTorch checkpoint",)),
    "Excel": (archive("xl/workbook.xml"), ("is an Excel or Word file",)),
    "Arrow, as a data set is saved": (
        b"\xff\xff\xff\xff\x10\0\0\0" + bytes(99),
        ("is an Arrow file", "to_json"),
    ),
    "settings in TOML": (
        '[model]\nname = "m"\nframes = 32\n',
        ("settings of a run (TOML, INI)", "file of answers"),
    ),
    "settings in a list of TOML": (
        "[[runs.first]]\r\nmodel=m\r\n",
        ("settings of a run (TOML, INI)",),
    ),
    "Parquet": (b"PAR1" + bytes(99), ("is a Parquet file", "to_json")),
    "7z": (b"7z\xbc\xaf\x27\x1c" + bytes(99), ("is a 7z archive", "Unpack it")),
    "UTF-16": (JSON.encode("utf-16"), ("is UTF-16 text", "Save it as UTF-8")),
    "trailing comma": (
        (FOLDER / "65_trailing_comma.json").read_bytes(),
        ("not valid JSON at byte 8624", "comma before the closing “]”", "delete it"),
    ),
    "trailing comma in a record": (
        b'[{"id": "v", "qa_type": "tal", "prediction": "1-2",}]',
        ("comma before the closing “}”",),
    ),
    "cut off": (JSON[:-40], ("looks cut off", "Write or upload it again")),
    "lines cut off": (
        (FOLDER / "63_records.jsonl").read_bytes()[:-30],
        ("looks cut off", "(line 30)"),
    ),
    "Python's notation": (str(RECORDS), ("Python syntax", "json.dump")),
    "typographic quotes": (JSON.replace('"', "“"), ("typographic quotes",)),
    "comments": (f"[ // answers\n{JSON[1:]}", ("comments",)),
    "comments before it": (f"// answers\n// of run 3\n{JSON}", ("a comment", "// answers")),
    "a shell's comment": (f"# answers\n\n{JSON}", ("a comment", "Delete it")),
    "a block of comment": (f"/* answers\n of run 3 */ {JSON}", ("a comment", "/* answers")),
    "commented program code": (f"# of run 3\nrecords = {JSON}", ("is program code",)),
    "merge conflict": (f"[\n<<<<<<< HEAD\n{JSON[1:]}", ("merge conflict markers",)),
    "results": (
        {"results": RECORDS},
        ("an object with a list under “results”", "Upload only the list"),
    ),
    "results beside settings": (
        {"model": "x", "config": {"steps": 1}, "predictions": RECORDS},
        ("with a list under “predictions”",),
    ),
    "results as an object": (
        {"results": dict(enumerate(RECORDS))},
        ("is wrapped", "“results”", "one array"),
    ),
    "grouped by task": (GROUPED, ("is grouped", "9 keys", "Put all records into one array")),
    "grouped by task and keyed": (
        {task: dict(enumerate(records)) for task, records in GROUPED.items()},
        ("is grouped", "“cvs_assessment”", "Put all records into one array"),
    ),
    "keyed by id": (by("id"), ("is keyed by id", "which can have several questions")),
    "texts keyed by id": (by("id", whole=False), ("is keyed by id", "Write an array")),
    "texts keyed by number": (
        {str(index): one["prediction"] for index, one in enumerate(RECORDS)},
        ("maps keys to texts", "not identify its question"),
    ),
    "run settings": (
        (FOLDER / "68_run_settings_instead.json").read_bytes(),
        ("settings of a run", "“dataset”", "file of answers"),
    ),
    "a trainer's state": (
        {"epoch": 1.0, "log_history": [{"loss": 0.5, "step": 1}], "global_step": 1},
        ("settings of a run", "“log_history”"),
    ),
    "figures by task": (
        {"results": {"tal": {"miou,none": 0.5}}, "configs": {}, "versions": {"tal": 1}},
        ("has no answers", "“results”", "file of answers"),
    ),
    "notebook": ({"cells": [], "nbformat": 4, "metadata": {}}, ("is a Jupyter notebook",)),
    "COCO": (COCO, ("another benchmark's file", "“image_id”", "id, qa_type and prediction")),
    "VQA": ([{"question_id": 5, "answer": "yes"}] * 4, ("another benchmark's file",)),
    "lines of another benchmark": (
        "\n".join(json.dumps({"doc_id": n, "doc": {}, "resps": [["a"]]}) for n in range(4)),
        ("another benchmark's file", "“doc_id”"),
    ),
    "replies of a batch": (
        [{"id": "r", "custom_id": one["id"], "response": {"body": {}}} for one in RECORDS],
        ("or a tool's own: its 30 records have “id”, “custom_id”, “response” where id, qa_type",),
    ),
    "logs with the question inside": (
        [{"doc": one, "resps": [[one["prediction"]]]} for one in RECORDS],
        ("or a tool's own", "“doc”, “resps” where id, qa_type and prediction"),
    ),
    "results beside an empty error": (
        {"error": None, "results": RECORDS},
        ("a list under “results”", "Upload only the list"),
    ),
    "rows of a data set": (
        {"features": [], "rows": [{"row_idx": 0, "row": one} for one in RECORDS]},
        ("are too deep", "“rows”", "one array"),
    ),
    "rows of a data set with its columns": (
        {
            "features": [{"feature_idx": 0, "name": "id", "type": {"dtype": "string"}}],
            "rows": [{"row_idx": 0, "row": one, "truncated_cells": []} for one in RECORDS],
        },
        ("are too deep", "“rows”", "one array"),
    ),
    "figures by task alone": ({"tal": {"miou": 0.3}, "stg": {"iou": 0.1}}, ("has no answers",)),
    "a header line": (
        "\n".join(json.dumps(one) for one in [{"model": "x", "date": "y"}, *RECORDS]),
        ("index 0: prediction is missing. Every record",),
    ),
    "outputs": (
        [
            {"id": one["id"], "qa_type": "tal", "outputs": [{"text": one["prediction"]}]}
            for one in RECORDS
        ],
        ("there is “outputs”, a list: write its text as “prediction”",),
    ),
    "objects without commas": (
        "".join(json.dumps(one) for one in RECORDS),
        ("Put each record on a line of its own",),
    ),
    "an opening bracket lost": (JSON[1:], ("The opening “[” is missing",)),
    "a raw line break": (
        JSON.replace("seconds.", "\nseconds.", 1),
        ("invalid control character", "is written as \\n or \\t"),
    ),
    "a conflict": (
        f"<<<<<<< HEAD\n{JSON}\n=======\n{JSON}\n>>>>>>> b\n",
        ("has merge conflict markers",),
    ),
    "half a Git LFS pointer": (b"oid sha256:0000\nsize 22\n", ("is a Git LFS pointer",)),
    "DVC pointer": (
        b"outs:\n- md5: 0000\n  size: 22\n  path: p.json\n",
        ("is a DVC pointer", "dvc pull"),
    ),
    "git-annex pointer": (
        b"/annex/objects/SHA256E-s22--00.json\n",
        ("is a git-annex pointer", "git annex get"),
    ),
    "questions": ((FOLDER / "questions.json").read_bytes(), ("questions but no answers",)),
    "the ground truth": ((FOLDER / "truth.json").read_bytes(), ("questions but no answers",)),
    "batches": ([RECORDS[:9], RECORDS[9:]], ("lists of records inside its list", "one array")),
    "rows": ([list(one.values()) for one in RECORDS], ("rows without field names",)),
    "columns": (
        {key: [one[key] for one in RECORDS] for key in RECORDS[0]},
        ("a table by columns", 'orient="records"'),
    ),
    "columns with an index": (
        {key: {str(n): one[key] for n, one in enumerate(RECORDS)} for key in RECORDS[0]},
        ("a table by columns",),
    ),
    "columns of a split": (
        {"test": {key: [one[key] for one in RECORDS] for key in RECORDS[0]}},
        ("a table by columns", 'orient="records"'),
    ),
    "a tag around it": (f"<answer>\n{JSON}\n</answer>", ("has a tag (<answer>) around its JSON",)),
    "a comma before it": (f"[,{JSON[1:]}", ("There is a comma too many: delete it",)),
    "two commas": (JSON.replace("}, {", "},, {", 1), ("There is a comma too many",)),
    "keys without quotes": (JSON.replace('"id":', "id:"), ('Keys need double quotes ("id")',)),
    "full-width quotes": (JSON.replace('"', "＂"), ("typographic quotes",)),
    "a path with backslashes": (
        JSON.replace('"id"', r'"video": "C:\data\x.mp4", "id"'),
        (r"is written as \\ (as in a path)", "json.dump"),
    ),
    "a table in parts": (
        {"columns": list(RECORDS[0]), "index": [0], "data": [list(RECORDS[0].values())]},
        ("a table by columns",),
    ),
    "records under a key each": ([{"sample": one} for one in RECORDS], ("under “sample”",)),
    "fields under a key each": (
        [{"id": one["id"], "out": {"qa_type": "tal", "prediction": "1-2"}} for one in RECORDS],
        ("is wrapped", "under “out”"),
    ),
    "wrapped twice": ({"data": {"results": RECORDS}}, ("are too deep", "“data”", "one array")),
    "wrapped in a list": ([{"results": RECORDS}], ("is wrapped", "under “results”")),
    "texts by task and id": (
        {"tal": {"v": "1-2"}, "stg": {"v": "1.0 seconds: [1, 2, 3, 4]"}},
        ("are too deep", "“tal”"),
    ),
    "encoded twice": (json.dumps(JSON), ("JSON inside a JSON string", "the records themselves")),
    "records encoded twice": ([json.dumps(one) for one in RECORDS], ("JSON inside JSON strings",)),
    "two arrays": (f"{JSON}\n{JSON}", ("continues after the end", "all arrays into one")),
    "a log after it": (f"{JSON}\nDone in 3 s.", ("continues after the end", "Delete everything")),
    "a log before it": (f"INFO: loaded\n{JSON}", ("text before its JSON (“INFO: loaded”)",)),
    "a log alone": (b"2026-01-31 INFO loaded\n2026-01-31 INFO done\n", ("plain text", "log")),
    "a control character before it": (f"\x01{JSON}", ("(“\\x01”)",)),
    "a comment that clears the screen": (f"// \x1b[2J x\n{JSON}", ("(“// \\x1b[2J x”)",)),
    "a line with a control character": ("K" * 20 + "\x0bX:", ("(“" + "K" * 20 + "\\x0bX:”)",)),
    "answers alone": (b"1.5-2.0 seconds.\nsuturing\n", ("is plain text (“1.5-2.0 seconds.”)",)),
    "a call around it": (f"callback({JSON})", ("text before its JSON (“callback(”)",)),
    "a failed download": (b"404: Not Found", ("a line of text (“404: Not Found”)", "download")),
    "a path": (b"../../.git/annex/objects/Ab/3f/p.json", ("the path of the file",)),
    "a server's error": (
        {"message": "API rate limit exceeded", "documentation_url": "https://example.org"},
        ("a server's error message", "Download the file again"),
    ),
    "a video": (b"\0\0\0\x18ftypmp42" + bytes(99), ("is a video", ANSWERS)),
    "weights": (b"\x40" + bytes(7) + b'{"a":{"dtype":"F32"}}', ("a model's weights", ANSWERS)),
    "a program": (b"\x7fELF\2\1\1", ("is a program", ANSWERS)),
    "an image": (b"\x89PNG\r\n\x1a\n", ("is an image", ANSWERS)),
    "clip": (renamed(id="clip"), ("id is missing, but there is “clip”: rename it to “id”",)),
    "names in capitals": (
        [one | {"qa_type": one["qa_type"].upper()} for one in RECORDS],
        ("“DENSE_CAPTIONING_GPT” is unknown: write “dense_captioning_gpt”",),
    ),
    "response": (
        (FOLDER / "60_key_response.json").read_bytes(),
        (
            "prediction is missing, but there is “response”: rename it to “prediction” "
            "(in 30 records: index 0, 1, 2, …)",
        ),
    ),
    "Model Output": (renamed(prediction="Model Output"), ("there is “Model Output”: rename",)),
    "the reference beside the answer": (
        [record(one, answer="1-2", pred=one["prediction"]) for one in RECORDS],
        (
            "there are “answer” and “pred”, and one may be the reference: rename the model's "
            "answer to “prediction” (in 30 records: index 0, 1, 2, …)",
        ),
    ),
    "the reference beside several answers": (
        [record(one, answer="1-2", resps=[[one["prediction"]]]) for one in RECORDS],
        ("there are “answer” and “resps”",),
    ),
    "an empty answer beside the answer": (
        [record(one, answer="", **{"Model Output": one["prediction"]}) for one in RECORDS],
        ("there are “answer” and “Model Output”",),
    ),
    "a chat": (
        [record(one, messages=[{"role": "assistant", "content": "1-2"}]) for one in RECORDS],
        ("prediction is missing, but there is “messages”, a list: write its text as",),
    ),
    "a list around each answer": (
        [one | {"prediction": [one["prediction"]]} for one in RECORDS],
        ("prediction is not text but a list: write its text (in 30 records",),
    ),
    "a key that nobody knows": (renamed(prediction="antwort"), ("there is “antwort”: rename",)),
    "task": (renamed(qa_type="task"), ("qa_type is missing, but there is “task”: rename",)),
    "ID": (renamed(id="ID"), ("id is missing, but there is “ID”: rename it to “id”",)),
    "three keys": (
        renamed(id="video_id", qa_type="type", prediction="output"),
        ("“video_id”: rename it to “id”", "“type”: rename it", "“output”: rename it"),
    ),
    "names of tasks": (
        [one | {"qa_type": "TAL"} for one in RECORDS],
        ("qa_type “TAL” is unknown: write “tal” (in 30 records: index 0, 1, 2, …)",),
    ),
    "a name of a metric": ([one | {"qa_type": "TAG"} for one in RECORDS], ("write “tal”",)),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_mistaken_file_is_named_with_the_way_out(tmp_path: Path, kind: str) -> None:
    content, words = KINDS[kind]
    path = tmp_path / "p.json"
    if isinstance(content, str):
        path.write_text(content, encoding="utf-8")
    else:
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    with pytest.raises(PredictionsError) as caught:
        load(path)
    message = str(caught.value)
    for part in words:
        assert part in message
    assert len(message) < 1000
    assert message.count("rename it") <= 3
    assert all(char.isprintable() for char in message)


@pytest.mark.parametrize("name", ["public_question_file_as_truth.json", "questions.json"])
def test_a_question_file_is_no_ground_truth(name: str) -> None:
    with pytest.raises(GroundTruthError, match=r"questions without answers.*it is a question file"):
        truth.load(FOLDER / name)


def test_a_ground_truth_with_one_reference_in_words_is_one(tmp_path: Path) -> None:
    records = read("public_question_file_as_truth.json")
    records[5]["conversations"][1]["value"] = "1-2 seconds."
    path = tmp_path / "truth.json"
    path.write_text("\ufeff" + json.dumps(records), encoding="utf-8")
    assert len(truth.load(path)) == 30


def test_another_name_of_a_field_is_looked_for_among_as_many_keys_as_records_have() -> None:
    """A hostile record has millions, and is looked through for each field."""
    others = {f"field {number}": number for number in range(998)}
    assert found_instead("prediction", others | {"model_output": "1-2"}) == "model_output"
    hostile = others | {"one more": 0, "another": 0, "model_output": "1-2"}
    assert found_instead("prediction", hostile) is None
