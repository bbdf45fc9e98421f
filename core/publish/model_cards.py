"""One entry for its model's page on the Hugging Face Hub: two formats of metadata. Pure.

`model-index` is part of the metadata of a README.md; `.eval_results/*.yaml` is the format that
replaces it. Missing scores are left out; a score from too few questions says so, since whoever
reads it there does not see the board.
"""

from collections.abc import Iterator
from typing import Any, Final

from core.benchmark import LINKS, METRICS, NAME, TASK_BY_KEY, Metric
from core.model.entries import API_VERIFIED, BoardName, Entry
from core.publish.exports import SYNTHETIC, TITLES, synthetic
from core.publish.moment import Moment
from core.publish.numbers import percent
from core.publish.text import one_line
from core.ranking.board import Standing

DATASET: Final = LINKS["Dataset"].removeprefix("https://huggingface.co/datasets/")
EVAL_RESULTS: Final = ".eval_results/medvidbench.yaml"  # where the Hub looks for it
_STATUS: Final = {True: "verified by the maintainers", False: "self-reported"}


def model_index(standing: Standing, board: BoardName, at: Moment) -> str:
    """The metadata of a model card: its `model-index`."""
    entry, results = standing.entry, []
    source = {"name": _source(entry, board, at), "url": _url(entry, at)}
    for task in TASK_BY_KEY.values():
        found = [
            {"type": metric.key, "name": _named(metric, standing), "value": value}
            for metric, value in _scores(entry)
            if metric.task == task.key
        ]
        if found:
            results.append(
                {
                    "task": {"type": "video-text-to-text", "name": task.name},
                    "dataset": {
                        "type": DATASET,
                        "name": NAME,
                        "split": "test",
                        # Further fields of the Hub's format.
                        "args": {"as_of": at.as_of, "revision": at.revision},
                    },
                    "metrics": found,
                    "source": source,
                }
            )
    index = {"model-index": [{"name": one_line(entry.model_name), "results": results}]}
    return f"---\n{_yaml(index)}---\n"


def eval_results(standing: Standing, board: BoardName, at: Moment) -> str:
    """A file for the folder .eval_results: a list with one item per metric."""
    from huggingface_hub import EvalResultEntry, eval_result_entries_to_yaml

    entry = standing.entry
    day = (entry.verified_date if board == "official" else entry.date) or None
    found = [
        EvalResultEntry(
            dataset_id=DATASET,
            task_id=metric.key,
            value=value,
            date=day[:10] if day else None,
            source_url=_url(entry, at),
            source_name=_source(entry, board, at),
            notes=f"{_named(metric, standing)}; board as of {at.as_of}, revision {at.revision}",
        )
        for metric, value in _scores(entry)
    ]
    return _yaml(eval_result_entries_to_yaml(found))


def _scores(entry: Entry) -> Iterator[tuple[Metric, float]]:
    for metric in METRICS:
        if (value := entry.metrics.get(metric.key)) is not None:
            yield metric, value


def _named(metric: Metric, standing: Standing) -> str:
    if metric.key not in standing.low:
        return metric.name
    ranked = ", not ranked" if metric.key in standing.not_counted else ""
    return f"{metric.name} (from {percent(standing.low[metric.key])} of its questions{ranked})"


def _source(entry: Entry, board: BoardName, at: Moment) -> str:
    what = f"{TITLES[board]} board, {_STATUS[entry.status == API_VERIFIED]}"
    return f"{NAME} leaderboard, {SYNTHETIC if synthetic(entry, at.demo) else what}"


def _url(entry: Entry, at: Moment) -> str:
    return at.model_url(entry.entry_id) or LINKS["Project page"]


def _yaml(value: Any) -> str:
    import yaml  # here: needed only for this download

    text: str = yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=1000)
    return text
