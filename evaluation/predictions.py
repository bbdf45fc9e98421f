"""The command that reviews a predictions file.

    medvidbench check FILE [--questions FILE] [--json OUT]
    medvidbench check FILE --keep OUT

Exit status 0 when the file can be scored, 1 when not, 2 when the command was given a
wrong option or question file. It needs no truth and no network. With --keep it instead writes
what a server keeps of the file, and prints the digests of both.
"""

import gc
import sys

if __name__ == "__main__":
    # All objects live until the end anyway, so collection would only take time.
    gc.disable()

import argparse
import io
import json
import os
from pathlib import Path
from typing import TextIO

from core.errors import PredictionsError, StoreError
from core.model.contracts.evaluation import BAD_QUESTIONS
from evaluation.output_places import check_outputs
from evaluation.upload.kept import keep
from evaluation.upload.records import shown
from evaluation.upload.whole_file import write_whole


def main(arguments: list[str] | None = None) -> int:
    """Prints the review; writes it as JSON with --json.

    The exit status is about the file only, not about a console that cannot show a character or
    was closed.
    """
    status, review, fault = _review(_options(arguments))
    _write(sys.stdout, review)
    _write(sys.stderr, fault)
    return status


def _review(options: argparse.Namespace) -> tuple[int, str, str]:
    """The exit status, and the texts for standard output and standard error."""
    name = shown(options.file.name or str(options.file), 60)
    try:
        if options.keep is not None:
            return 0, json.dumps(keep(options.file, options.keep)) + "\n", ""
        return _checked(options, name)
    except PredictionsError as error:
        return 1, "", f"{error}\n"
    except MemoryError:
        return (
            1,
            "",
            (
                f"{name} needs more memory than this check may use. "
                "Leave out everything but id, qa_type and prediction.\n"
            ),
        )


def _checked(options: argparse.Namespace, name: str) -> tuple[int, str, str]:
    # Half of the time of a server's call with --keep would be the import of the check.
    from evaluation.upload.file_review import QuestionsError, check
    from evaluation.upload.review_text import as_text

    try:
        found = check(options.file, options.questions)
    except QuestionsError as error:
        return BAD_QUESTIONS, "", f"{error}\n"
    if options.json is not None:
        write_whole(options.json, found.to_json())
    return 0 if found.ready else 1, as_text(found, name) + "\n", ""


def _write(stream: TextIO | None, text: str) -> None:
    """Print what the console can show; nothing if there is none, it was closed, or is full."""
    if stream is None:  # closed from the start, as under pythonw
        return
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")
    try:
        stream.write(text)
        stream.flush()
    except OSError:  # a closed pipe is BrokenPipeError on POSIX only
        # The interpreter would try to flush the rest of the buffer at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="medvidbench check",
        description="Reviews a predictions file. Exit status 0: it can be scored; 1: it cannot.",
    )
    parser.add_argument(
        "file", type=Path, metavar="FILE", help=".json or .jsonl, also as .gz or .zip"
    )
    parser.add_argument(
        "--questions", type=Path, metavar="FILE", help="public question file to compare with"
    )
    parser.add_argument(
        "--keep",
        type=Path,
        metavar="OUT",
        help="instead of a review, write the fields that are evaluated, as .json.gz",
    )
    parser.add_argument("--json", type=Path, metavar="OUT", help="write the review as JSON")
    options = parser.parse_args(arguments)
    inputs = [path for path in (options.file, options.questions) if path is not None]
    outputs = [path for path in (options.keep, options.json) if path is not None]
    if len(outputs) > 1:
        parser.error("--keep writes no review: omit --json, or give it alone.")
    try:
        check_outputs(outputs, inputs)
    except StoreError as error:
        parser.error(str(error))
    if options.keep is not None and options.keep.exists():
        parser.error(f"{options.keep} exists. Give another name, or delete it first.")
    return options


if __name__ == "__main__":
    status = main()
    gc.freeze()  # at the end Python collects once more, which would only take time
    sys.exit(status)
