"""The command that reviews an upload: `python -m evaluation.predictions FILE`.

Exit status 0 when the file can be scored, 1 when not, 2 when the command was given a
wrong option or question file. It needs no truth and no network.
"""

import argparse
import hashlib
import re
import resource
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from core.errors import PredictionsError
from core.model.review import Review, refused
from evaluation.predictions import decode
from evaluation.upload.check import review
from evaluation.upload.file_bytes import as_text as as_utf8
from evaluation.upload.file_bytes import read_bytes
from evaluation.upload.questions import Question, read_questions
from evaluation.upload.records import Prediction, shown
from evaluation.upload.review_text import as_text
from evaluation.upload.whole_file import write_whole

# Inside JSON text a quote is escaped, so that only keys look like this.
_TRUTH_FIELD = re.compile(
    rb'"(gnd|ground_truth|struc_info|llm_judge\w{0,60}|evaluations|aggregated_results)"\s{0,9}:'
)


class QuestionsError(PredictionsError):
    """The question file cannot be read: no fault of the upload."""


def check(path: Path, questions: Path | None = None) -> Review:
    """The review of a file on disk. A file that cannot be read has one problem.

    Raises QuestionsError when the question file cannot be read.
    """
    asked = None if questions is None else _questions(questions)
    sha256 = ""
    try:
        raw = read_bytes(path)
        # Of the unpacked bytes, as everywhere: a packed copy is the same upload.
        sha256 = hashlib.sha256(raw).hexdigest()
        data = as_utf8(raw, path.name)
        predictions = decode(data, path.name)
    except PredictionsError as error:
        return refused(str(error), sha256)
    found = review(predictions, asked, ignored_fields=ignored_fields(data), sha256=sha256)
    return replace(found, content_sha256=content_sha256(predictions))


def content_sha256(predictions: Sequence[Prediction]) -> str:
    """The SHA-256 of the answers alone: the order of records and of keys, blanks in the JSON and
    round an answer, questions and fields that are never read do not change it."""
    parts = ((one.id, one.qa_type, one.text.strip()) for one in predictions)
    digest = hashlib.sha256()
    for part in sorted(parts):
        digest.update(repr(part).encode())
    return digest.hexdigest()


def _questions(path: Path) -> list[Question]:
    try:
        return read_questions(path)
    except PredictionsError as error:
        raise QuestionsError(str(error)) from None


def ignored_fields(data: bytes) -> dict[str, int]:
    """How often fields that tell of the truth stand in the JSON text, by name."""
    counts = Counter(found[1] for found in _TRUTH_FIELD.finditer(data))
    return {shown(name.decode()): count for name, count in counts.items()}


def main(arguments: list[str] | None = None) -> int:
    """Prints the review; writes it as JSON with --json."""
    options = _options(arguments)
    _limit(options)
    try:
        found = check(options.file, options.questions)
        if options.json is not None:
            write_whole(options.json, found.to_json())
    except QuestionsError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except PredictionsError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except MemoryError:
        sys.stderr.write(
            f"{shown(options.file.name, 60)} needs more memory than this check may use. "
            "Leave out everything but id, qa_type and prediction.\n"
        )
        return 1
    sys.stdout.write(as_text(found, shown(options.file.name, 60)) + "\n")
    return 0 if found.ready else 1


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m evaluation.predictions",
        description="Reviews a predictions file. Exit status 0: it can be scored; 1: it cannot.",
    )
    parser.add_argument("file", type=Path, metavar="FILE", help=".json or .json.gz")
    parser.add_argument(
        "--questions", type=Path, metavar="FILE", help="public question file to compare with"
    )
    parser.add_argument("--json", type=Path, metavar="OUT", help="write the review as JSON")
    parser.add_argument("--memory-limit", type=int, metavar="BYTES", help="address space at most")
    parser.add_argument("--cpu-limit", type=int, metavar="SECONDS", help="processor time at most")
    parser.add_argument("--file-limit", type=int, metavar="BYTES", help="size of OUT at most")
    return parser.parse_args(arguments)


def _limit(options: argparse.Namespace) -> None:
    """Limits this process itself: a threaded server cannot safely do so between fork and exec."""
    for kind, value in (
        (resource.RLIMIT_AS, options.memory_limit),
        (resource.RLIMIT_CPU, options.cpu_limit),
        (resource.RLIMIT_FSIZE, options.file_limit),
    ):
        if value is not None:
            _, hard = resource.getrlimit(kind)
            most = value if hard == resource.RLIM_INFINITY else min(value, hard)
            resource.setrlimit(kind, (most, most))
