"""Answers with many more segments than requested, and the metrics held because of them.

Metrics that ignore surplus segments can be gamed without a model: a blind grid of enough segments
matches every reference. Such values are neither shown nor counted until an admin reviews them.
"""

from collections.abc import Mapping
from typing import Final, TypeVar

import msgspec

from core.benchmark import METRIC_BY_KEY
from core.model.contracts.evaluation import Surplus
from core.model.entries import Entry, Judgement

# A metric whose answers are counted -> the metrics that ignore their surplus. DVC_F1 divides by
# the number of predicted segments, and STG_mIoU uses one box per time: surplus gains nothing there.
_IGNORED_BY: Final[Mapping[str, tuple[str, ...]]] = {
    "tag_miou_03": ("tag_miou_03",),
    "tag_miou_05": ("tag_miou_05",),
    "dvc_f1": ("dvc_llm",),
}
# Held if one answer has more than this, or this share of a metric's records has surplus.
_MOST_SEGMENTS: Final = 20
_MOST_SHARE: Final = 0.05
_T = TypeVar("_T")
HELD: Final = "Held until the maintainers have reviewed the answers"


def surplus_text(found: Surplus) -> str:
    """The surplus in words."""
    answers = "1 answer has" if found.answers == 1 else f"{found.answers:,} answers have"
    return f"{answers} more segments or boxes than requested, up to {found.largest:,}"


def surplus_of(entry: Entry, key: str) -> Surplus | None:
    """The surplus behind a metric of an entry; None if there is none or it is unknown."""
    try:
        found = msgspec.convert(entry.surplus.get(key), Surplus | None)
    except msgspec.ValidationError:  # from a row of an older board
        return None
    return found if found and found.answers > 0 else None


def ignored(entry: Entry) -> dict[str, Surplus]:
    """The metrics of an entry that ignore many surplus segments, with the surplus."""
    return {
        metric: found
        for key in entry.surplus
        if (found := surplus_of(entry, key)) and _many(found, entry.coverage.get(key))
        for metric in _IGNORED_BY.get(key, ())
    }


def _many(found: Surplus, coverage: object) -> bool:
    records = coverage.get("records") if isinstance(coverage, Mapping) else None
    share = found.answers / records if isinstance(records, int) and records > 0 else 1.0
    return found.largest > _MOST_SEGMENTS or share > _MOST_SHARE


def held(entry: Entry) -> dict[str, Surplus]:
    """Those of them that no admin has reviewed."""
    return {} if entry.surplus_seen == entry.upload_id else ignored(entry)


def held_text(entry: Entry) -> str:
    """Which metrics are held and why, as one sentence; "" if none."""
    waits = held(entry)
    names = ", ".join(METRIC_BY_KEY[key].name for key in waits)
    why = ", ".join(dict.fromkeys(surplus_text(found) for found in waits.values()))
    return f"{HELD}: {names}, because {why}." if waits else ""


def withheld(entry: Entry) -> Entry:
    """The entry as shown and ranked: without held metrics.

    The board files are made from it: with another field left out, those of an older version would
    differ from their journal. `strict_shown` is for what is made anew for each reader.
    """
    if not entry.surplus or not (keys := held(entry)):
        return entry
    return msgspec.structs.replace(
        entry,
        metrics={**entry.metrics, **dict.fromkeys(keys)},
        by_dataset=_without(entry.by_dataset, keys),
        judge=_ungraded(entry.judge, keys),
    )


def strict_shown(entry: Entry) -> dict[str, float | None]:
    """The strict scores without those of held metrics."""
    return _without(entry.strict, held(entry))


def _ungraded(run: Judgement | None, keys: Mapping[str, object]) -> Judgement | None:
    if run is None or not keys.keys() & run.metrics.keys():
        return run
    metrics = {key: None if key in keys else value for key, value in run.metrics.items()}
    aspects, share = _without(run.aspects, keys), _without(run.share, keys)
    return msgspec.structs.replace(run, metrics=metrics, aspects=aspects, share=share)


def _without(values: Mapping[str, _T], keys: Mapping[str, object]) -> dict[str, _T]:
    return {key: value for key, value in values.items() if key not in keys}
