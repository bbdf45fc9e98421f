"""`preview`: sentence similarity in place of a judge, offline and without an API key.

It is not a judgement: it is labelled as a preview, has its own file name and keys, and is never
published. A score is 1 + 4 × the cosine of caption and reference, at least 1.
"""

import argparse
import datetime
import math
from collections.abc import Callable, Sequence

import msgspec

from core.errors import SettingsError
from core.files.hashes import sha256
from core.model.contracts.evaluation import progress_line
from core.model.contracts.judge import RESULT_FILE
from evaluation import output
from evaluation.judge.aggregate import ASPECTS, METRIC_OF_TASK, aggregate
from evaluation.judge.console import read_plan, say
from evaluation.judge.pairs import Pair

FILE = "preview.json"
_METHOD = "all-MiniLM-L6-v2: 1 + 4 × cosine, cosines below 0 as 0"


def preview(options: argparse.Namespace) -> int:
    """Runs the command and returns its exit status."""
    if (options.out / RESULT_FILE).exists():
        raise SettingsError(f"{options.out} has a judge run. Give another folder with --out.")
    plan = read_plan(options)
    pairs = plan.distinct()
    say(f"{len(plan.uses):,} pairs, {len(pairs):,} distinct; no call, no cost.")
    scores = similarity(pairs, lambda done: say(progress_line(done, "pairs compared")))
    found = aggregate(plan, {key: dict.fromkeys(ASPECTS, one) for key, one in scores.items()})
    content = {
        "preview": True,
        "what": "Sentence similarity, not a judgement. Never used on a board.",
        "method": _METHOD,
        "preview_metrics": {
            key: None if math.isnan(value) else value for key, value in found.metrics.items()
        },
        "pairs": {
            METRIC_OF_TASK[task]: sum(pair.task == task for pair in pairs) for task in plan.present
        },
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "predictions_sha256": sha256(options.predictions),
        "ground_truth_sha256": sha256(options.ground_truth),
    }
    options.out.mkdir(parents=True, exist_ok=True, mode=0o700)
    data = msgspec.json.format(msgspec.json.encode(content), indent=1) + b"\n"
    output.write_all([(options.out / FILE, data, True)])
    for key, value in found.metrics.items():
        say(f"  preview of {key}: {'—' if math.isnan(value) else f'{value:.3f}'}")
    say("This is a preview by sentence similarity, not a judgement. It is never published.")
    return 0


def similarity(
    pairs: Sequence[Pair], progress: Callable[[float], None] = lambda _: None
) -> dict[str, float]:
    """Pair's key -> score, 1 to 5 with fractions; `progress` gets the share done, 0 to 1."""
    from evaluation.encoder import MiniLM

    texts = list(dict.fromkeys(text for one in pairs for text in (one.prediction, one.reference)))
    told = 0.0

    def done(count: int) -> None:
        nonlocal told
        if count / len(texts) >= told + 0.05:
            told = count / len(texts)
            progress(told)

    vectors = dict(zip(texts, MiniLM().encode(texts, done), strict=True))
    return {
        pair.key: 1
        + 4 * min(1.0, max(0.0, float(vectors[pair.prediction] @ vectors[pair.reference])))
        for pair in pairs
    }
