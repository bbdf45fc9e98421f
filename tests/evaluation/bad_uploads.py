"""Uploads that are refused, each with words of the reason."""

import gzip
import json
import zlib

GOOD = {"id": "v&&1&&9&&1.0", "qa_type": "tal", "prediction": "1-2 seconds."}


def good(**changes: object) -> bytes:
    return json.dumps([GOOD | changes]).encode()


def bomb(megabytes: int, char: bytes) -> bytes:
    """A gzip file of many equal characters.

    A flushed piece may be repeated, so that only two are compressed.
    """
    packer, chunk = zlib.compressobj(wbits=31), char * (1 << 20)
    head, piece = (packer.compress(chunk) + packer.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
    check = 0
    for _ in range(megabytes):
        check = zlib.crc32(chunk, check)
    end = b"\x03\0" + check.to_bytes(4, "little") + (megabytes << 20).to_bytes(4, "little")
    return head + (megabytes - 1) * piece + end


RESULTS = "is a file of evaluation results (it has "
DEEP = b"[" * 200_000
CASES = {
    "not JSON": (b"hello", "not valid JSON at byte 0"),
    "Python's repr": (b"[{'id': 'v'}]", "not valid JSON at byte 2"),
    "empty file": (b"", "is empty"),
    "blanks only": (b" \n", "is empty"),
    "cut inside a text": (good()[:38], "looks cut off at byte 35 (line 1) of 38 bytes"),
    "cut after a comma": (b'[{"id": "v"},\n', "looks cut off at byte 14 (line 2) of 14 bytes"),
    "cut inside an escape": (b'[{"id": "\\ud8', "looks cut off"),
    "comma at the end": (b'[{"id": "v"},]', "not valid JSON at byte 13"),
    "a number": (b"5", "has a number. Expected a JSON array"),
    "a text": (b'"predictions"', "has text. Expected a JSON array"),
    "null": (b"null", "has null. Expected a JSON array"),
    "empty array": (b"[]", "has no records"),
    "empty object": (b"{}", "has no records"),
    "a record that is a list": (b"[[1]]", "index 0: not an object but a list"),
    "missing id": (b'[{"qa_type": "tal", "prediction": ""}]', "index 0: id is missing"),
    "missing qa_type": (b'[{"id": "v", "prediction": ""}]', "index 0: qa_type is missing"),
    "missing prediction": (b'[{"id": "v", "qa_type": "tal"}]', "index 0: prediction is missing"),
    "null prediction": (
        good(prediction=None),
        "prediction is not text but null: write an empty text where there is no answer",
    ),
    "list prediction": (good(prediction=["a"]), "prediction is not text but a list"),
    "an endless answer": (
        good(prediction="1-2, " * 20_001),
        "has an over-long answer: 100,005 characters at index 0; at most 100,000",
    ),
    "an endless id": (good(id="v" * 100_001), "has an over-long id"),
    "an endless question": (good(question="?" * 100_001), "an over-long question"),
    "number as id": (good(id=17), "id is not text but a number"),
    "unknown qa_type": (good(qa_type="tai"), "qa_type “tai” is unknown. Every record"),
    "hostile qa_type": (good(qa_type="\x1b[2J\u202e"), "qa_type “\\x1b[2J\\u202e” is unknown"),
    "answer without metadata": (
        b'[{"qa_type": "tal", "answer": "x"}]',
        "index 0: metadata is missing",
    ),
    "metadata beside the answer": (
        b'[{"qa_type": "tal", "answer": "x", "video_id": "v", "fps": "1.0"}]',
        "metadata is missing, but there is “video_id”: put it, fps and the bounds into “metadata”",
    ),
    "metadata without video": (
        b'[{"qa_type": "tal", "answer": "x", "metadata": {}}]',
        "index 0: metadata.video_id is missing",
    ),
    "bound of a wrong type": (
        b'[{"qa_type": "tal", "answer": "x", "metadata": {"video_id": "v", "fps": [1]}}]',
        "index 0: metadata.fps is not text but a list",
    ),
    "huge number": (
        b'[{"qa_type": "tal", "answer": "", "metadata": {"video_id": "v", "fps": %s}}]'
        % (b"9" * 1_000_000),
        "metadata.fps is a number of 1000000 digits",
    ),
    "infinite number": (
        b'[{"qa_type": "tal", "answer": "", "metadata": {"video_id": "v", "fps": 1e999}}]',
        "metadata.fps is too large a number",
    ),
    "deep array": (DEEP, "nested too deeply in the record at index 0"),
    "deep field": (b'[{"id": %s' % DEEP, "nested too deeply in the record at index 0"),
    "deep objects": (b'[{"a":' * 100_000, "nested too deeply in the record at index 0"),
    "NaN": (b'[{"id": "v", "score": NaN}]', "the record at index 0 has NaN"),
    "NaN, what to write": (b'[{"prediction": NaN}]', "or an empty text for an answer"),
    "Infinity": (b'[{"id": "v", "score": -Infinity}]', "the record at index 0 has -Infinity"),
    "lone surrogate": (
        good(prediction="\ud800"),
        "has half a character (lone surrogate \\ud800)",
    ),
    "escaped NUL": (good(prediction="a\0b"), "prediction has a NUL character"),
    "NUL byte": (good().replace(b"seconds", b"sec\0nds"), "has a NUL byte at byte"),
    "not UTF-8": (good().replace(b"seconds", b"\xff"), "not valid UTF-8 (byte 0xff at byte"),
    "UTF-16 with mark": (good().decode().encode("utf-16"), "is UTF-16 text"),
    "UTF-16 without mark": (good().decode().encode("utf-16-le"), "the file is UTF-16 or UTF-32"),
    "a zip archive": (b"PK\x03\x04" + bytes(99), "is a zip archive"),
    "broken gzip": (b"\x1f\x8b" + bytes(99), "cannot be unpacked"),
    "cut gzip": (gzip.compress(good() * 99)[:-9], "looks cut off: the gzip data ends"),
    "gzip in gzip": (gzip.compress(gzip.compress(good())), "a gzip file inside a gzip file"),
    "twice a field": (
        b'[{"id": "v", "qa_type": "tal", "prediction": "a", "prediction": "b"}]',
        "index 0: the field prediction appears twice",
    ),
    "twice a field, once with an escape": (
        rb'[{"id": "a", "qa_type": "tal", "prediction": "1-2", "\u0070rediction": "5-9"}]',
        "index 0: the field prediction appears twice",
    ),
    "twice a field, once with an escaped underscore": (
        rb'[{"id": "a", "qa_type": "tal", "qa\u005Ftype": "stg", "prediction": "1-2"}]',
        "index 0: the field qa_type appears twice",
    ),
    "twice an answer, once with an escape": (
        rb'[{"metadata": {"video_id": "v"}, "qa_type": "tal", "answer": "1", "\u0061nswer": "2"}]',
        "index 0: the field answer appears twice",
    ),
    "twice a place, twice a question": (
        b'[{"metadata": {"video_id": "v"}, "qa_type": "tal", "answer": "1", "question": "a",'
        b' "metadata": {"video_id": "w"}, "question": "b"}]',
        "index 0: the field metadata appears twice; index 0: the field question appears twice",
    ),
    "a number of 41 digits": (
        b'[{"metadata": {"video_id": "v", "fps": %s}, "qa_type": "tal", "answer": "1"}]'
        % (b"-1" + b"0" * 39),
        "index 0: metadata.fps is a number of 41 digits",
    ),
    "twice what names a clip": (
        b'[{"metadata": {"video_id": "v", "fps": 1, "fps": 2, "video_id": "w"}, "qa_type": "tal",'
        b' "answer": "1"}]',
        "index 0: the field metadata.fps appears twice; index 0: the field metadata.video_id",
    ),
    "twice a key": (
        b'{"1": %s, "1": %s}' % ((good()[1:-1],) * 2),
        "index 1: the key “1” appears twice",
    ),
    "JSON Lines with commas": (good()[1:-1] + b",\n" + good()[1:-1], "leave out the commas"),
    "one record": (good()[1:-1], "is a single record, not a list of records"),
    "finished results": (
        b'{"model_name": "m", "evaluated_samples": 5, "aggregated_results": {"a": 1}}',
        "is a file of evaluation results (it has aggregated_results, evaluated_samples, "
        "model_name). Upload the predictions they were computed from instead",
    ),
    "our own results": (
        b'{"metrics": {"cvs_acc": 0.9}, "strict": {}, "scorer_version": "1"}',
        "is a file of evaluation results",
    ),
    "results with NaN": (
        b'{"model_name": "m", "aggregated_results": {"tal": NaN}, "evaluated_samples": 5}',
        RESULTS,
    ),
    "large results": (
        b'{"model_name": "m", "samples": [%s0], "evaluated_samples": 250000}'
        % (b'{"id":"v","qa_type":"tal","gnd":"","iou":"0","answer":""},' * 250_000),
        RESULTS,
    ),
    "results cut off": (b'{"model_name": "m", "aggregated_results": {"tal": {"ove', RESULTS),
    "results in a list": (b'[{"model_name": "m", "evaluated_samples": 5}]', RESULTS),
    "a list in an object": (
        b'{"source": {"a": 1}, "predictions": %s}' % good(),
        "is an object with a list under “predictions”. Upload only the list: [ {…}, {…} ].",
    ),
    "a broken record with scores": (
        b'{"0": {"id": "v", "aggregated_results": {}, "score": NaN}}',
        "the record at index 0 has NaN",
    ),
    "a wrong record with scores": (
        good(id=17, model_name="m", aggregated_results={}),
        "id is not text but a number",
    ),
}
