"""Who graded a model's captions, and the grades: from a judge run, elsewhere, or none. Pure."""

import re
from typing import Final

from core.benchmark import JUDGE_ASPECTS, JUDGE_KEYS, METRIC_BY_KEY
from core.model.entries import Entry, Judgement, rounded
from core.model.published import PUBLISHED
from core.publish import dates
from core.publish.board.table import pending
from core.publish.facts import MISSING, TEXT, Cell, table_html
from core.publish.judges import cost
from core.publish.numbers import count, fixed, percent

_SAFE: Final = re.compile(r"[0-9A-Za-z.+-]{1,64}")
NOT_HERE: Final = "The entry has neither caption scores nor an upload, so no judge can grade it."


def ungraded(entry: Entry, uploaded: bool) -> str:
    """Why an entry has no judge run on this server, in one sentence."""
    if entry.judged:
        came = "published results" if entry.extra.get(PUBLISHED) is True else "entry"
        return f"Graded elsewhere: the values came with the {came}."
    return pending(entry) if uploaded else NOT_HERE


def facts(entry: Entry, judge: Judgement) -> list[str]:
    """Rubric, day, share graded, calls and cost. Our own text only."""
    found = []
    if _SAFE.fullmatch(judge.rubric_version):
        found.append(f"rubric version {judge.rubric_version}")
    read = dates.parse(judge.date)
    if read:
        found.append(f"on {dates.day(read[0])}")
    shares = [
        f"{percent(share)} for {METRIC_BY_KEY[key].name}"
        for key in JUDGE_KEYS
        if judge.metrics.get(key) is not None and (share := judge.share.get(key)) is not None
    ]
    if shares:
        found.append(f"graded {', '.join(shares)}")
    found += [count(judge.calls, "call"), cost(judge.cost_usd, judge.model)]
    if entry.judge_history:
        found.append(f"after {count(len(entry.judge_history), 'earlier run')}")
    if judge.metrics != {key: rounded(entry.metrics.get(key)) for key in judge.metrics}:
        found.append("values edited by the maintainers since")
    return found


def aspects_html(judge: Judgement) -> str:
    """The mean grade of each aspect, 1 to 5, for each caption metric."""
    head = [Cell("Aspect, 1 to 5", TEXT), *(Cell(METRIC_BY_KEY[key].name) for key in JUDGE_KEYS)]
    rows = [
        [
            Cell(name, "name"),
            *(_grade(judge.aspects.get(key, {}).get(aspect)) for key in JUDGE_KEYS),
        ]
        for aspect, name in JUDGE_ASPECTS.items()
    ]
    return table_html("Mean grade of each aspect", head, rows)


def _grade(value: float | None) -> Cell:
    return Cell(fixed(value), MISSING if value is None else "")
