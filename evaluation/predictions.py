"""The command that reviews a predictions file.

    python -m evaluation.predictions FILE [--questions FILE] [--json OUT]

Exit status 0 when the file can be scored, 1 when not, 2 when the command was given a
wrong option or question file. It needs no truth and no network.
"""

import argparse
import sys
from pathlib import Path

from core.errors import PredictionsError
from core.model.contracts.evaluation import BAD_QUESTIONS
from evaluation.upload.file_review import QuestionsError, check
from evaluation.upload.records import shown
from evaluation.upload.review_text import as_text
from evaluation.upload.whole_file import write_whole


def main(arguments: list[str] | None = None) -> int:
    """Prints the review; writes it as JSON with --json."""
    options = _options(arguments)
    try:
        found = check(options.file, options.questions)
        if options.json is not None:
            write_whole(options.json, found.to_json())
    except QuestionsError as error:
        sys.stderr.write(f"{error}\n")
        return BAD_QUESTIONS
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
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
