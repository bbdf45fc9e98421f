"""Writes an empty predictions file with every id and qa_type in the questions' order.

    python -m evaluation.template (--questions FILE | --ground-truth FILE) OUT

Of either file only id and qa_type are read, so no word of the truth can get through.
"""

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path

import msgspec

from core.errors import MedVidBenchError
from evaluation.upload.questions import read_names
from evaluation.upload.whole_file import write_whole


def template(names: Iterable[tuple[str, str]]) -> bytes:
    """Prediction-only JSON of (id, qa_type) pairs, one per line, every prediction empty."""
    lines = (
        msgspec.json.encode({"id": clip, "qa_type": qa_type, "prediction": ""})
        for clip, qa_type in names
    )
    return b"[\n" + b",\n".join(lines) + b"\n]\n"


def main(arguments: list[str] | None = None) -> int:
    """Exit status 0, or 1 with one line that says what is wrong."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.template", description=__doc__)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--questions", type=Path, metavar="FILE")
    source.add_argument("--ground-truth", type=Path, metavar="FILE")
    parser.add_argument("out", type=Path, metavar="OUT")
    options = parser.parse_args(arguments)
    try:
        names = read_names(options.questions or options.ground_truth)
        write_whole(options.out, template(names))
    except MedVidBenchError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{len(names)} records written to {options.out}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
