"""The captions of some records, and why they look like attempts to influence the judge.

    python -m evaluation.judge.flagged PREDICTIONS --ground-truth FILE --records 3,17

For maintainers: it prints the participant's text as the judge saw it, truncated and with invisible
characters shown (evaluation.judge.fence), one JSON object per record. It never quotes a reference.
"""

import argparse
import sys
from collections.abc import Collection, Sequence
from pathlib import Path

import msgspec

from core.errors import MedVidBenchError
from core.model.contracts.judge import FlaggedCaption, FlaggedRecord
from evaluation.judge import pairs
from evaluation.judge.console import fail, read_plan, say
from evaluation.judge.fence import as_shown
from evaluation.judge.suspects import suspects

MOST_CAPTIONS = 20  # per record; a dense caption may have hundreds


def find(plan: pairs.Plan, wanted: Collection[int]) -> list[FlaggedRecord]:
    """The flagged captions among the graded ones of the requested records; pure."""
    reasons = suspects(plan)
    captions: dict[tuple[int, str], dict[str, tuple[str, ...]]] = {}
    for use in plan.uses:
        if use.index in wanted:
            texts = captions.setdefault((use.index, use.pair.task), {})
            texts[use.pair.prediction] = reasons.get(use.pair.prediction, ())
    found = []
    for (index, task), texts in captions.items():
        # Today's rules may flag none of them: then show all, since one of them was flagged.
        told = {text: why for text, why in texts.items() if why} or texts
        first = list(told.items())[:MOST_CAPTIONS]
        shown = tuple(FlaggedCaption(as_shown(text), why) for text, why in first)
        found.append(FlaggedRecord(index, task, shown, len(told)))
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.judge.flagged")
    parser.add_argument("predictions", type=Path)
    parser.add_argument("--ground-truth", type=Path, required=True)
    parser.add_argument("--records", required=True, help="record indices, separated by commas")
    options = parser.parse_args(arguments)
    try:
        wanted = {int(index) for index in options.records.split(",")}
    except ValueError:
        return fail("--records: expected whole numbers separated by commas, such as 3,17.")
    try:
        for one in find(read_plan(options), wanted):
            say(msgspec.json.encode(one).decode())
    except MedVidBenchError as error:
        return fail(str(error))
    except OSError as error:
        return fail(f"a file cannot be read ({error.strerror}).")
    return 0


if __name__ == "__main__":
    sys.exit(main())
