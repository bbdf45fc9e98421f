"""The caption judge's commands; docs/judge.md.

    python -m evaluation.judge run PREDICTIONS --ground-truth FILE --out DIR
    python -m evaluation.judge agree A B [--json FILE]
    python -m evaluation.judge preview PREDICTIONS --ground-truth FILE --out DIR

Exit status 0 complete, 3 incomplete, 1 failed, with one clear last line. No line quotes a
caption, a reference or the key.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from core.errors import MedVidBenchError
from evaluation.judge.console import fail
from evaluation.judge.pairs import TASKS


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; returns the exit status."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.command(options))
    except MedVidBenchError as error:
        return fail(str(error))
    except KeyboardInterrupt:
        return fail("interrupted. The scores so far are kept; run it again to resume.")
    except OSError as error:
        return fail(
            f"a file cannot be read or written ({error.strerror}). The scores so far are kept; run "
            "it again to resume."
        )
    except Exception as error:
        # The exception's text could quote a caption.
        return fail(f"{type(error).__name__}. This is a bug in the judge's program.")


def _run(options: argparse.Namespace) -> int:
    from evaluation.judge.run_command import run

    return run(options)


def _agree(options: argparse.Namespace) -> int:
    from evaluation.judge.agree_command import agree

    return agree(options)


def _preview(options: argparse.Namespace) -> int:
    from evaluation.judge.preview import preview

    return preview(options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m evaluation.judge",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True)
    run = commands.add_parser("run", help="judge the captions of a predictions file")
    run.set_defaults(command=_run)
    _inputs(run)
    add, env = run.add_argument, os.environ.get
    add("--cache", type=Path, metavar="DIR", help="folder of scores and budget shared between runs")
    add("--model", default=env("MEDVIDBENCH_JUDGE_MODEL") or "gpt-4.1")
    add("--budget", type=int, default=env("MEDVIDBENCH_JUDGE_BUDGET") or "10000")
    add("--concurrency", type=int, default=env("MEDVIDBENCH_JUDGE_CONCURRENCY") or "20")
    add("--min-share", type=float, default=env("MEDVIDBENCH_JUDGE_MIN_SHARE") or "0.98")
    price = env("MEDVIDBENCH_JUDGE_PRICE_INPUT") or "2"
    add("--price-input", type=float, default=price, help="US dollars per million input tokens")
    price = env("MEDVIDBENCH_JUDGE_PRICE_OUTPUT") or "8"
    add("--price-output", type=float, default=price, help="US dollars per million output tokens")
    add("--tasks", nargs="+", choices=TASKS, default=TASKS, metavar="TASK", help=", ".join(TASKS))
    add("--sample", type=int, metavar="N", help="grade a seeded sample of N distinct pairs")
    add("--plan", action="store_true", help="print the estimated cost; send no request")
    add(
        "--within-budget",
        action="store_true",
        help="send no request if the estimate exceeds --budget",
    )
    agree = commands.add_parser("agree", help="agreement of two runs")
    agree.set_defaults(command=_agree)
    agree.add_argument("a", type=Path, metavar="A", help="a run's folder, or its score file")
    agree.add_argument("b", type=Path, metavar="B")
    agree.add_argument("--json", type=Path, metavar="FILE", help="also write the result as JSON")
    preview = commands.add_parser("preview", help="sentence similarity, without an API key")
    preview.set_defaults(command=_preview)
    _inputs(preview)
    return parser


def _inputs(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("predictions", type=Path, metavar="PREDICTIONS")
    parser.add_argument("--ground-truth", type=Path, required=True, metavar="FILE")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="private results")


if __name__ == "__main__":
    sys.exit(main())
