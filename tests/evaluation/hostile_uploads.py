"""Uploads near the size limit that are costly to read: created here, measured by `make bench`.

Each takes a size in bytes, so that tests use small ones and the bench real ones.
Prints the processor time and memory of the check per shape; exit status 1 if one needs more
than the limits. Usage: python -m tests.evaluation.hostile_uploads [SHAPE...]
"""

import gzip
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Final

from core.runs.child import Limits, confined
from core.runs.uploads.check import CPU_S, MEMORY_BYTES, TIMEOUT_S
from evaluation.upload.file_bytes import MAX_BYTES
from scripts.figures import note

ROOT = Path(__file__).resolve().parents[2]
SECONDS: Final = 5.0
BYTES: Final = 1 << 30
FULL: Final = MAX_BYTES - (1 << 20)
_EACH = 90_000  # below the longest answer that is read
# Text that each answer parser matches: repeated as often as it fits, then an end.
_LIKED: Mapping[str, tuple[str, str, str]] = {
    "digits": ("tal", "1", ""),
    "segments": ("tal", "1-2,", ""),
    "numbers without a dash": ("tal", "1 ", "to"),
    "worded segments": ("tal", "1 to 2 ", ""),
    "clock times": ("tal", "1:1:1 to ", ""),
    "spaces after a number": ("tal", "          ", "to"),
    "open brackets": ("stg", "[", ""),
    "open boxes": ("stg", "1 seconds: [", "]"),
    "boxes": ("stg", "1 seconds: [1,2,3,4] ", ""),
    "bare boxes": ("stg", "[[1,2,3,4]]", ""),
    "captions": ("dc", "1-2 seconds: ", ""),
    "different captions": ("dc", "1-2 seconds:1-3 seconds:1-4 seconds:", ""),
    "line ends": ("dc", "\n", "second"),
    "loose captions": ("dc", "Start Time 1 - 2 seconds", ""),
    "aspects": ("skill_assessment", "a:1/5,", ""),
    "commas": ("skill_assessment", ",", "/5"),
    "colons": ("skill_assessment", ":", "/5"),
    "components": ("cvs_assessment", "two structures:1,", ""),
    "names without a value": ("cvs_assessment", "two structures:", ""),
    "words": ("video_summary_gpt", "a ", ""),
    "blanks": ("video_summary_gpt", " ", "."),
    "letters": ("next_action", "x", ""),
    "wide letters": ("region_caption_gpt", "x", "\U0001f600"),
    "escapes": ("region_caption_gpt", "\n", "x"),
    "thoughts": ("region_caption_gpt", "<think>", ""),
    "closing tags": ("region_caption_gpt", "</", "<think>"),
    "error messages": ("region_caption_gpt", "http Aaa <", ""),
}
_ASKED: Mapping[str, tuple[str, str, str]] = {
    "digits": ("stg", "1", "every second "),
    "times": ("stg", "1, ", "at "),
    "ranges": ("stg", "from 1 ", "every second "),
    "bare ranges": ("stg", "1 - ", "every second "),
    "counts": ("tal", "1 a a a ", ""),
}


def record(**fields: str) -> bytes:
    return json.dumps({"id": "v&&1&&9&&1.0", **fields}, ensure_ascii=False).encode()


def one_answer(kind: str, size: int) -> bytes:
    qa_type, often, end = _LIKED[kind]
    return b"[%s]" % record(qa_type=qa_type, prediction=often * (size // len(often)) + end)


def answers(kind: str, each: int, size: int) -> bytes:
    """As many answers of `each` characters as fit."""
    qa_type, often, end = _LIKED[kind]
    one = record(qa_type=qa_type, prediction=often * (each // len(often)) + end)
    return b"[%s%s]" % ((one + b",") * (size // (len(one) + 1)), one)


def question(kind: str, size: int) -> bytes:
    qa_type, often, start = _ASKED[kind]
    text = start + often * (size // len(often))
    return b"[%s]" % record(qa_type=qa_type, prediction="1-2 [[1,2,3,4]]", question=text)


def questions(kind: str, each: int, size: int) -> bytes:
    one = question(kind, each)[1:-1]
    return b"[%s%s]" % ((one + b",") * (size // (len(one) + 1)), one)


def field(name: str, size: int) -> bytes:
    fields = {"qa_type": "tal", "prediction": "1-2", name: "x" * size}
    return b"[%s]" % record(**fields)


def skipped(size: int) -> bytes:
    """Good and as large as a file may be: 1,600 answers among fields that are never read."""
    one = record(qa_type="tal", prediction="1.5-2.5 seconds.", x="x" * (size // 1600 - 100))
    return b"[%s]" % b",".join([one] * 1600)


def keys(size: int) -> bytes:
    """One record with as many keys as fit."""
    return b"[{%s}]" % b",".join(b'"%x":0' % number for number in range(size // 12))


def many_keys(size: int) -> bytes:
    """Records of the same 1,500 keys."""
    one = keys(min(size, 1500 * 12))[1:-1]
    return b"[%s]" % b",".join([one] * max(1, size // len(one)))


def listed(value: bytes, size: int) -> bytes:
    """One record with one skipped field: a list of as many values as fit."""
    head = record(qa_type="tal", prediction="1-2")[:-1]
    often = size // (len(value) + 1)
    return b'[%s, "x": [%s%s]}]' % (head, (value + b",") * often, value)


def slow_list(value: bytes, size: int) -> bytes:
    """The same, and a wrong qa_type, so that it is walked record by record."""
    return listed(value, size).replace(b'"tal"', b'"tai"', 1)


def around(often: bytes, size: int) -> bytes:
    return often * (size // len(often))


SHAPES: Final[Mapping[str, Callable[[int], bytes]]] = {
    **{f"one answer: {kind}": partial(one_answer, kind) for kind in _LIKED},
    **{f"answers of 90,000: {kind}": partial(answers, kind, _EACH) for kind in _LIKED},
    **{f"one question: {kind}": partial(question, kind) for kind in _ASKED},
    **{f"questions of 90,000: {kind}": partial(questions, kind, _EACH) for kind in _ASKED},
    **{f"one field: {name}": partial(field, name) for name in ("id", "qa_type", "x")},
    "good records with long skipped fields": skipped,
    "good wide records with long skipped fields": lambda size: skipped(size).replace(
        b'"x": "xxxx', '"x": "\U0001f600'.encode()
    ),
    "one record of many keys": keys,
    "a list of numbers": partial(listed, b"1"),
    "a list of texts": partial(listed, b'""'),
    "a list of objects": partial(listed, b"{}"),
    "a list of lists": partial(listed, b"[]"),
    "walked: a list of numbers": partial(slow_list, b"1"),
    # Just below what is refused unread: 20 million values, 4 million quotes, a million in few
    # objects.
    "walked: 19 million numbers": lambda size: slow_list(b"1", min(size, 38 << 20)),
    "one record of 490,000 keys": lambda size: keys(min(size, 5_900_000)),
    "records of 1,500 keys": lambda size: many_keys(min(size, 14 << 20)),
    "walked: 1.9 million texts": lambda size: slow_list(b'""', min(size, 5 << 20)),
    "walked: a list of texts": partial(slow_list, b'""'),
    "walked: a list of lists": partial(slow_list, b"[]"),
    "only digits": partial(around, b"1"),
    "only open brackets": partial(around, b"["),
    "only open objects": partial(around, b'{"":'),
    "only spaces": partial(around, b" "),
    "only line ends": partial(around, b"\n"),
    "only quotes": partial(around, b'"'),
    "a text without an end": lambda size: b'[{"id":"' + b"x" * size,
    "wide and damaged": lambda size: "\U0001f600".encode() + b" " * size + b"x",
}


def measure(path: Path) -> tuple[float, int, int, str]:
    """Processor seconds, peak memory in bytes, status and last line of the check of a file."""
    command = [sys.executable, "-m", "evaluation.predictions", str(path)]
    command = confined(command, Limits(TIMEOUT_S, MEMORY_BYTES, cpu_s=CPU_S))
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, stdout=said, stderr=said, env=environment)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        told = said.read().decode(errors="replace").strip().splitlines()
    seconds = used.ru_utime + used.ru_stime
    return seconds, used.ru_maxrss << 10, process.returncode, " ".join(told[:2])[:140]


def make(name: str, path: Path) -> None:
    """Write a file in another process, since a child starts with its parent's peak memory."""
    code = "import sys; from tests.evaluation import hostile_uploads as h; h.write(*sys.argv[1:])"
    subprocess.run([sys.executable, "-c", code, name, str(path)], cwd=ROOT, check=True)


def write(name: str, path: str) -> None:
    data = SHAPES[name](FULL)
    Path(path).write_bytes(gzip.compress(data, 1) if path.endswith(".gz") else data)


def main(names: list[str]) -> int:
    """Measure the named shapes, or all, plain and packed; 1 if one exceeds the limits."""
    missed = 0
    slowest, largest = 0.0, 0
    for name in names or SHAPES:
        for ending in ("", ".gz"):
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / f"p.json{ending}"
                make(name, path)
                seconds, memory, status, told = measure(path)
            slowest, largest = max(slowest, seconds), max(largest, memory)
            over = seconds > SECONDS or memory > BYTES
            missed += over
            print(
                f"{'OVER ' if over else ''}{name}{ending}: {seconds:.1f} s, {memory >> 20} MB, "
                f"status {status}: {told}",
                flush=True,
            )
    how = f"of {2 * len(names or SHAPES)} files near the size limit, plain and packed"
    note("processor time of the check, the costliest", slowest, "s", SECONDS, how)
    note("memory of the check, the costliest", largest / 2**20, "MB", BYTES / 2**20, how)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
