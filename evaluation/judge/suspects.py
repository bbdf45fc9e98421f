"""Why captions of a run look like attempts to influence the judge, singly or together. Pure."""

from collections import Counter
from typing import Final

from core.model.names import folded
from evaluation.judge.fence import suspicions
from evaluation.judge.pairs import Plan

# One caption for many videos describes none of them; short ones recur in honest files.
MOST_SHARE: Final = 0.2
LEAST_RECORDS: Final = 20


def suspects(plan: Plan) -> dict[str, tuple[str, ...]]:
    """Caption -> why it is flagged; only flagged captions."""
    repeated = _repeated(plan)
    found = {}
    for text in dict.fromkeys(use.pair.prediction for use in plan.uses):
        why = (*suspicions(text), *([repeated[text]] if text in repeated else []))
        if why:
            found[text] = why
    return found


def _repeated(plan: Plan) -> dict[str, str]:
    """Captions used for many records of a task, also in disguised spelling."""
    texts = {use.pair.prediction for use in plan.uses}
    keys = {text: " ".join(folded(text).split()) for text in texts}
    places = {(use.pair.task, use.index, keys[use.pair.prediction]) for use in plan.uses}
    records = Counter(task for task, _index in {place[:2] for place in places})
    often = Counter((task, key) for task, _index, key in places)
    told = {
        key: f"is used in {count:,} of {records[task]:,} records"
        for (task, key), count in often.items()
        if count >= LEAST_RECORDS and count > MOST_SHARE * records[task]
    }
    return {text: told[key] for text, key in keys.items() if key in told}
