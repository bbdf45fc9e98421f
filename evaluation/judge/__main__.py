"""The judge's command: `python -m evaluation.judge run PREDICTIONS --ground-truth FILE --out DIR`.

Exit status 0 complete, 3 incomplete, 1 failed, with one clear last line. No line holds a
word of a caption, a reference or the key.
"""

import argparse
import asyncio
import datetime
import math
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from core.errors import MedVidBenchError, SettingsError
from evaluation import output, predictions, truth
from evaluation.judge import pairs, prompts, runner
from evaluation.judge.aggregate import aggregate
from evaluation.judge.client import Endpoint
from evaluation.judge.fence import suspicions
from evaluation.judge.records import Budget, ScoreFile, cache_path


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; returns the exit status."""
    options = _parser().parse_args(arguments)
    try:
        return _run(options)
    except MedVidBenchError as error:
        return _fail(str(error))
    except KeyboardInterrupt:
        return _fail("interrupted. What was scored is kept; run it again to resume.")
    except OSError as error:
        return _fail(f"a file cannot be read or written ({error.strerror}).")
    except Exception as error:
        # Its own text could quote a caption.
        return _fail(f"{type(error).__name__}. This is a fault of the judge's program.")


def _run(options: argparse.Namespace) -> int:
    records = truth.load(options.ground_truth)
    given = predictions.load(options.predictions)
    aligned = predictions.align([(record.id, record.qa_type) for record in records], given)
    plan = pairs.plan(records, aligned.texts)
    if not plan.uses:
        raise MedVidBenchError("no caption can be judged: the file holds no matching caption.")
    options.out.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder = options.cache or options.out
    cache = ScoreFile(cache_path(folder, options.model, prompts.RUBRIC_VERSION))
    budget = Budget(folder, options.budget)
    prices = runner.Prices(options.price_input, options.price_output)
    expected = runner.estimate(plan, cache, prices)
    _say(
        f"{len(plan.uses):,} pairs, {expected.pairs:,} distinct; {expected.calls:,} calls, about "
        f"{expected.tokens:,} tokens, {expected.cost:.2f} USD; budget {budget.left():,} calls."
    )
    if options.plan:
        told = {
            "pairs": len(plan.uses),
            "distinct": expected.pairs,
            "calls": expected.calls,
            "tokens": expected.tokens,
            "cost_usd": expected.cost,
            "budget_left": budget.left(),
        }
        _say(f"[plan] {msgspec.json.encode(told).decode()}")
        return 0
    key = os.environ.get("OPENAI_API_KEY", "").strip()
    if not key:
        raise SettingsError("there is no key for the judge. Set OPENAI_API_KEY.")
    address = os.environ.get("OPENAI_BASE_URL", "").strip() or None
    endpoint = Endpoint(key, address, options.model, options.concurrency)
    ended = asyncio.run(runner.Run(plan, cache, budget, prices).work(endpoint, _say))
    cache.close()
    _write(options, plan, ended)
    for task in plan.present:
        known = {pair.key for pair in plan.distinct() if pair.task == task}
        done = len(known & ended.scores.keys())
        _say(f"LLM Judge completed: {done}/{len(known)} successful")
    sentence = ended.sentence(options.min_share)
    if ended.stopped:
        return _fail(sentence)
    _say(sentence[0].upper() + sentence[1:])
    return 0 if ended.complete(options.min_share) else 3


def _write(options: argparse.Namespace, plan: pairs.Plan, ended: runner.Ended) -> None:
    """scores.jsonl (digests of pairs, no text) and judge.json; metrics only when complete."""
    judged = aggregate(plan, {key: score.scores for key, score in ended.scores.items()})
    whole = ended.complete(options.min_share)
    flagged: dict[str, list[str]] = {}
    for use in plan.uses:
        if reasons := suspicions(use.pair.prediction):
            known = flagged.setdefault(str(use.index), [])
            known += [reason for reason in reasons if reason not in known]
    content = {
        "complete": whole,
        "state": ended.sentence(options.min_share),
        "metrics": {
            key: None if math.isnan(value) or not whole else value
            for key, value in judged.metrics.items()
        },
        "aspects": judged.aspects if whole else {},
        "share": ended.share,
        "failed": ended.failed,
        "calls": ended.calls,
        "cost_usd": ended.cost,
        "model": options.model,
        "models_named": sorted({score.model for score in ended.scores.values()}),
        "rubric_version": prompts.RUBRIC_VERSION,
        "prompt_hash": {task: prompts.prompt_hash(task) for task in plan.present},
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "flagged": flagged,
        "predictions_sha256": output.sha256(options.predictions),
        "ground_truth_sha256": output.sha256(options.ground_truth),
    }
    lines = b"".join(msgspec.json.encode(score) + b"\n" for score in ended.scores.values())
    result = msgspec.json.format(msgspec.json.encode(content), indent=1) + b"\n"
    output.write_all(
        [
            (options.out / "scores.jsonl", lines, True),
            (options.out / "judge.json", result, True),
        ]
    )


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _fail(text: str) -> int:
    sys.stderr.write(f"Error: {' '.join(text.split())}\n")
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m evaluation.judge", description=__doc__)
    commands = parser.add_subparsers(required=True)
    run = commands.add_parser("run", help="judge the captions of a predictions file")
    add = run.add_argument
    env = os.environ.get
    add("predictions", type=Path, metavar="PREDICTIONS")
    add("--ground-truth", type=Path, required=True, metavar="FILE")
    add("--out", type=Path, required=True, metavar="DIR", help="private results")
    add("--cache", type=Path, metavar="DIR", help="scores and budget shared between runs")
    add("--model", default=env("MEDVIDBENCH_JUDGE_MODEL") or "gpt-4.1")
    add("--budget", type=int, default=env("MEDVIDBENCH_JUDGE_BUDGET") or "10000")
    add("--concurrency", type=int, default=env("MEDVIDBENCH_JUDGE_CONCURRENCY") or "20")
    add("--min-share", type=float, default=env("MEDVIDBENCH_JUDGE_MIN_SHARE") or "0.98")
    add("--price-input", type=float, default=2.0, help="US dollars per million tokens sent")
    add("--price-output", type=float, default=8.0, help="US dollars per million received")
    add("--plan", action="store_true", help="say what it would cost; ask nothing")
    return parser


if __name__ == "__main__":
    sys.exit(main())
