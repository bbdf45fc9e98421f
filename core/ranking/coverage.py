"""The share of a metric's questions behind its value, and the effect of a low share.

Answering only easy questions would give a high mean over few records. Pure.
"""

from collections.abc import Mapping

from core.benchmark import JUDGE_KEYS, PARTS
from core.model.entries import Entry
from core.model.policy import Policy

Values = Mapping[str, float | None]


def share(coverage: Mapping[str, object], key: str) -> float | None:
    """The share of a metric's questions that was answered, 0 to 1; None if unknown.

    Scored / records. For a balanced metric (core.benchmark.PARTS) at most the share of parts that
    the answers name, since a record with one named part counts as scored. Older evaluations did
    not count parts: then it is scored / records. For a caption metric answered / records, since
    captions are graded after the evaluation, which has scored none of them; for DVC_llm the share
    of DVC_F1, since only an answer with a segment has a caption.
    """
    if key == "dvc_llm" and (found := share(coverage, "dvc_f1")) is not None:
        return found
    done = "answered" if key in JUDGE_KEYS else "scored"
    counts = parts(coverage, key) or _counts(coverage, key, done, "records")
    return counts[0] / counts[1] if counts else None


def graded_share(entry: Entry, key: str) -> float | None:
    """The share of the questions that a value is based on; for judged metrics, that of the
    questions answered with a caption, times the share of captions that were graded."""
    found = share(entry.coverage, key)
    if key not in JUDGE_KEYS:
        return found
    graded = entry.judge.share.get(key) if entry.judge else None
    return None if graded is None else graded * (1 if found is None else found)


def answered(coverage: Mapping[str, object], key: str) -> bool:
    """Whether there is any answer to a metric's questions, scored or not."""
    return _counts(coverage, key, "answered", "records") is not None


def parts(coverage: Mapping[str, object], key: str) -> tuple[int, int] | None:
    """Named parts and all parts, if the share counts parts; None if it counts records."""
    scored = _counts(coverage, key, "scored", "records")
    named = _counts(coverage, key, "parts_named", "parts") if key in PARTS else None
    if not scored or not named or named[0] * scored[1] >= scored[0] * named[1]:
        return None
    return named


def parts_text(coverage: Mapping[str, object], key: str) -> str:
    """The parts in words, “200 of 600 components answered”; empty if records count."""
    named = parts(coverage, key)
    return f"{named[0]:,} of {named[1]:,} {PARTS[key]} answered" if named else ""


def _counts(
    coverage: Mapping[str, object], key: str, part: str, whole: str
) -> tuple[int, int] | None:
    found = coverage.get(key)
    if not isinstance(found, Mapping):
        return None
    some, every = found.get(part), found.get(whole)
    if not isinstance(some, int) or not isinstance(every, int) or not 0 < some <= every:
        return None
    return some, every


def low(metrics: Values, coverage: Mapping[str, object], policy: Policy) -> dict[str, float]:
    """The metrics with a value from too few of their records, with the share."""
    shares = {key: share(coverage, key) for key, value in metrics.items() if value is not None}
    return {
        key: found
        for key, found in shares.items()
        if found is not None and found < policy.min_coverage
    }


def left_out(
    metrics: Values, coverage: Mapping[str, object], policy: Policy
) -> Mapping[str, float]:
    """The metrics of `low` if the minimum is enforced: their values do not count."""
    return low(metrics, coverage, policy) if policy.enforce_min_coverage else {}


def counted(metrics: Values, coverage: Mapping[str, object], policy: Policy) -> Values:
    """The metrics for ranking: those that do not count are missing."""
    out = left_out(metrics, coverage, policy)
    return {**metrics, **dict.fromkeys(out)} if out else metrics
