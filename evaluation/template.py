"""Writes an empty predictions file with every id and qa_type in the questions' order.

    medvidbench template (--questions FILE [--with-questions] | --ground-truth FILE) OUT

With --with-questions every record also has its question, which then decides how its answer is
matched. Of the ground truth only id and qa_type are read, so nothing else can leak.
"""

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path

import msgspec

from core.errors import MedVidBenchError, PredictionsError
from evaluation.output_places import check_outputs
from evaluation.upload.questions import Question, read_names, read_questions
from evaluation.upload.whole_file import write_whole


def template(names: Iterable[tuple[str, str]]) -> bytes:
    """Prediction-only JSON of (id, qa_type) pairs, one per line, with empty predictions."""
    lines = (
        msgspec.json.encode({"id": clip, "qa_type": qa_type, "prediction": ""})
        for clip, qa_type in names
    )
    return b"[\n" + b",\n".join(lines) + b"\n]\n"


def template_with(questions: Iterable[Question]) -> bytes:
    """The same, with each record's question if it has text."""
    lines = (
        msgspec.json.encode(
            {
                "id": one.id,
                "qa_type": one.qa_type,
                **({"question": one.text} if one.text else {}),
                "prediction": "",
            }
        )
        for one in questions
    )
    return b"[\n" + b",\n".join(lines) + b"\n]\n"


def main(arguments: list[str] | None = None) -> int:
    """Exit status 0, or 1 with a one-line error."""
    parser = argparse.ArgumentParser(
        prog="medvidbench template",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--questions", type=Path, metavar="FILE", help="the question file")
    source.add_argument("--ground-truth", type=Path, metavar="FILE", help="your own references")
    parser.add_argument("--with-questions", action="store_true", help="needs --questions")
    parser.add_argument("out", type=Path, metavar="OUT", help="must not exist yet")
    options = parser.parse_args(arguments)
    if options.with_questions and not options.questions:
        parser.error("--with-questions needs --questions: the truth is not copied")
    if options.out.exists():  # it may have answers by now
        sys.stderr.write(f"{options.out} exists. Give another name, or delete it first.\n")
        return 1
    source_file = options.questions or options.ground_truth
    try:
        check_outputs([options.out], [])
        if options.with_questions:
            found = read_questions(source_file)
            count, data = len(found), template_with(found)
        else:
            names = read_names(source_file)
            count, data = len(names), template(names)
        if not count:
            raise PredictionsError(
                f"{source_file} has no records. Expected an array of records with id and qa_type."
            )
        write_whole(options.out, data)
    except MedVidBenchError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{count:,} records written to {options.out}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
