"""Balanced accuracy over named parts, for skill and CVS assessment."""

from collections.abc import Mapping, Sequence

from evaluation.tasks.sample import Sample, by_dataset, mean, unscored_reason

Scores = Mapping[str, float]


def compare(
    key: str, text: str, answer: Scores, truth: Scores
) -> tuple[dict[str, float], str | None, dict[str, float | None]]:
    """A sample's scores, reason and parts; the score is the share of parts that agree.

    Only parts on both sides are compared. `parts` has every part of the reference: 1, 0,
    or None if it is not in the answer.
    """
    parts: dict[str, float | None] = {
        name: float(answer[name] == value) if name in answer else None
        for name, value in truth.items()
    }
    both = [value for value in parts.values() if value is not None]
    if not both:
        return {}, unscored_reason(text, parsed=bool(answer)), parts
    return {key: mean(both)}, None, parts


def aggregate(samples: Sequence[Sample], strict: bool, names: Sequence[str] = ()) -> float:
    """Per part, correct / (records where both have it); mean over parts, then over datasets.

    A dataset in which nothing could be compared counts as 0. If `strict`, every record counts
    for every part of its dataset (`names`, and those of any reference in it), and a missing
    part is wrong. NaN without samples.
    """
    values = []
    for group in by_dataset(samples).values():
        known = dict.fromkeys([*names, *(name for one in group for name in one.parts)])
        accuracies = []
        for name in known:
            results = [one.parts.get(name) for one in group]
            counted = [result or 0.0 for result in results if strict or result is not None]
            if counted:
                accuracies.append(mean(counted))
        values.append(mean(accuracies) if accuracies else 0.0)
    return mean(values)
