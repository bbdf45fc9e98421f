"""Scores a predictions file: the command line of the evaluation.

    medvidbench evaluate PREDICTIONS [--ground-truth FILE]

Exit status 0, or not 0 with one clear last line on standard error. See
docs/evaluation.md. Standard output is shown to participants: neither it nor standard error
quotes the ground truth.
"""

import gc
import sys
from pathlib import Path

if __name__ == "__main__":
    # All objects live until the end anyway, so collection would only take time.
    gc.disable()
    # When run as a file, Python looks for modules in this folder instead of the project's.
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

import argparse
import math
import os
from collections.abc import Sequence

from core.benchmark import JUDGE_KEYS, METRIC_BY_KEY, TASKS
from core.errors import GroundTruthError, MedVidBenchError
from core.files.hashes import sha256
from core.model.contracts.evaluation import error_line, progress_line
from evaluation import report, scoring, truth
from evaluation.upload import alignment, reader

TRUTH_VARIABLE = "MEDVIDBENCH_GROUND_TRUTH"
_TASK_KEYS = tuple(task.key for task in TASKS)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; returns the exit status."""
    options = _parser().parse_args(arguments)
    # An evaluation must not fail because of the locale.
    sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
    sys.stderr.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
    try:
        return _run(options)
    except MedVidBenchError as error:
        return _fail(str(error))
    except MemoryError:
        return _fail("MemoryError: the files need more memory than this process may use.")
    except KeyboardInterrupt:
        return _fail("Interrupted.", status=130)
    except Exception as error:
        # The exception's text could quote the truth, so only its type and place are shown.
        import traceback

        frame = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(frame.filename).name}:{frame.lineno}"
        return _fail(f"{type(error).__name__} at {where}. This is a bug in the evaluator.")


def _run(options: argparse.Namespace) -> int:
    named = options.ground_truth or os.environ.get(TRUTH_VARIABLE, "").strip()
    if named:
        return _evaluate(options, Path(named))
    import tempfile  # rare: the server always gives the truth

    with tempfile.TemporaryDirectory(prefix="own-truth-") as folder:
        return _evaluate(options, _own_truth(options, Path(folder)))


def _evaluate(options: argparse.Namespace, truth_path: Path) -> int:
    outputs = [path for path in (options.json, options.samples) if path is not None]
    if options.analyze_only and outputs:
        flag = "--json" if options.json is not None else "--samples"
        text = f"--analyze-only scores nothing, so {flag} has nothing to write. Omit one."
        return _fail(text, status=2)
    if outputs:
        from evaluation.output_places import check_outputs

        check_outputs(outputs, [options.predictions, truth_path])
    _say(progress_line(0, "reading"))
    given = reader.load(options.predictions)
    records = truth.load(truth_path)
    aligned = alignment.align(alignment.places(records, given), given)
    _say(f"{len(given):,} predictions for {len(records):,} questions, matched: {aligned.how}.")
    for warning in aligned.warnings:
        _say(f"Warning: {warning}")
    if options.analyze_only:
        _say(report.analysis(records, aligned.texts))
        return 0
    if not options.skip_check:
        # Takes as long as scoring, and the server has checked the file when it arrived.
        from evaluation.upload.answer_warnings import answer_warnings

        for warning in answer_warnings(records, given, options.tasks or _TASK_KEYS):
            _say(f"Warning: {warning}")
    del given
    result = scoring.score(
        records,
        aligned.texts,
        options.tasks or _TASK_KEYS,
        lambda fraction, text: _say(progress_line(fraction, text)),
    )
    unjudged = _judge(options, truth_path, result)
    if outputs and not result.failures:
        _write(options, truth_path, records, result)
    _print(result, options)
    if result.failures:
        return _fail(f"{', '.join(result.failures)} could not be evaluated; nothing was written.")
    return _fail(unjudged) if unjudged else 0


def _judge(options: argparse.Namespace, truth_path: Path, result: scoring.Result) -> str:
    """Add the caption metrics if a judge is configured; return why there are none if requested."""
    present = {
        METRIC_BY_KEY[key].task
        for key in JUDGE_KEYS
        if METRIC_BY_KEY[key].task in (options.tasks or _TASK_KEYS)
        and result.coverage[key].answered
    }
    if options.skip_llm_judge or not present:
        return ""
    from evaluation import judged  # the server always skips it here

    if not judged.configured():
        return ""
    out = options.judge_out or options.predictions.with_name(f"{options.predictions.name}.judge")
    metrics, why_not = judged.grade(
        options.predictions, truth_path, out, present, options.judge_samples
    )
    result.metrics.update(metrics)
    return why_not


def _write(
    options: argparse.Namespace,
    truth_path: Path,
    records: Sequence[truth.TruthRecord],
    result: scoring.Result,
) -> None:
    from evaluation import output  # hashing and compressing, only for outputs

    digests = sha256(truth_path), sha256(options.predictions)
    files: list[output.Output] = []
    if options.samples is not None:
        content = output.samples_json(result, records, *digests)
        files.append((options.samples, content, True))
    if options.json is not None:
        files.append((options.json, output.results_json(result, *digests), False))
    output.write_all(files)


def _print(result: scoring.Result, options: argparse.Namespace) -> None:
    for line in report.failure_lines(result):
        _say(line)
    if not any(math.isfinite(result.metrics[key]) for key in JUDGE_KEYS):
        _say(report.judge_line(options.skip_llm_judge))
    _say("")
    _say(report.coverage_table(result))
    if options.grouping == "per-dataset":
        _say(report.per_dataset(result))
    _say(report.summary(result).rstrip("\n"))


def _own_truth(options: argparse.Namespace, folder: Path) -> Path:
    """A file in `folder` with the references in the predictions themselves."""
    from evaluation.own_truth import own_truth

    found = own_truth(options.predictions)
    if found is None:
        raise GroundTruthError(
            f"There is no ground truth to score against. Give --ground-truth FILE or set "
            f"{TRUTH_VARIABLE}."
        )
    _say(
        f"{options.predictions.name} is scored against the references in the file itself, since no "
        "ground truth was given."
    )
    path = folder / "own_truth.json"
    path.write_bytes(found)
    return path


def _say(text: str) -> None:
    print(text, flush=True)


def _fail(text: str, status: int = 1) -> int:
    print(error_line(text), end="", file=sys.stderr, flush=True)
    return status


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number of at least 1, got {text!r}")
    return int(text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="medvidbench evaluate",
        description="Scores a MedVidBench predictions file.",
    )
    add = parser.add_argument
    add(
        "predictions",
        type=Path,
        metavar="PREDICTIONS",
        help=".json or .jsonl file, also as .gz or .zip",
    )
    add(
        "--ground-truth",
        type=Path,
        metavar="FILE",
        help=f"the references to score against (default: the file that {TRUTH_VARIABLE} names)",
    )
    add(
        "--grouping",
        choices=("overall", "per-dataset"),
        default="overall",
        help="per-dataset also prints the metrics of each source dataset",
    )
    add("--tasks", nargs="+", choices=_TASK_KEYS, metavar="TASK", help=", ".join(_TASK_KEYS))
    add("--skip-llm-judge", action="store_true", help="omit the caption metrics")
    add("--skip-check", action="store_true", help="omit the check's warnings about the answers")
    add(
        "--judge-samples",
        type=_count,
        metavar="N",
        help="grade only a seeded sample of N distinct captions",
    )
    add(
        "--judge-out",
        type=Path,
        metavar="DIR",
        help="folder for the judge's scores (default: PREDICTIONS.judge beside the file)",
    )
    add("--analyze-only", action="store_true", help="count records, score nothing")
    add("--json", type=Path, metavar="FILE", help="write the results in full precision")
    add("--samples", type=Path, metavar="FILE", help="write the sample scores; they are private")
    return parser


if __name__ == "__main__":
    status = main()
    gc.freeze()  # at the end Python collects once more, which would only take time
    sys.exit(status)
