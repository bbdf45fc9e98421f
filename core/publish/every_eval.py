"""One entry in the format of “Every Eval Ever”, which collects evaluation results. Pure.

Source: eval.schema.json of every_eval_ever 0.3.0 (a copy is in tests/data). One file per
model; metrics without a value are left out, since the format cannot represent them.
"""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlsplit

from core.benchmark import LINKS, METRICS, NAME, TASK_BY_KEY, Metric
from core.files.json_text import dumps
from core.model.entries import API_VERIFIED, BoardName, Entry
from core.model.links import link_problem
from core.model.published import PUBLISHED, by_organisers
from core.model.statistics import EntryFigures, MetricFigures
from core.publish.exports import SYNTHETIC, TITLES, synthetic
from core.publish.model_cards import DATASET
from core.publish.moment import Moment
from core.publish.text import one_line
from core.ranking.board import Standing
from core.ranking.coverage import graded_share

SCHEMA_VERSION: Final = "0.3.0"
_BENCHMARK: Final = NAME.lower()
_NOT_IN_IDS: Final = re.compile(r"[^0-9A-Za-z._-]+")
_AVAILABILITY: Final = {"open": "open_weights", "closed": "closed_weights"}
_NO_FIGURES: Final = EntryFigures()


def every_eval(
    standing: Standing, board: BoardName, at: Moment, figures: EntryFigures | None = None
) -> str:
    """The file, as JSON. With `figures`, scores have their intervals."""
    entry = standing.entry
    stamp = f"{_epoch(at.as_of):.0f}"
    model = _model_id(entry)
    evaluated = (entry.verified_date if board == "official" else entry.date) or ""
    value = {
        "schema_version": SCHEMA_VERSION,
        "evaluation_id": f"{_BENCHMARK}/{model.replace('/', '_')}/{stamp}",
        **({"evaluation_timestamp": evaluated[:10]} if evaluated else {}),
        "retrieved_timestamp": stamp,
        "source_metadata": _source(entry, board, at),
        "eval_library": {"name": _BENCHMARK, "version": entry.scorer_version or "unknown"},
        "model_info": _model(entry, model),
        "evaluation_results": list(_results(standing, figures or _NO_FIGURES)),
    }
    return json.dumps(json.loads(dumps(value)), ensure_ascii=False, indent=2) + "\n"


def _source(entry: Entry, board: BoardName, at: Moment) -> dict[str, Any]:
    details = {
        "board": TITLES[board],
        "as_of": at.as_of,
        "revision": at.revision,
        "url": at.model_url(entry.entry_id),
        "status": SYNTHETIC if synthetic(entry, at.demo) else one_line(entry.status),
    }
    published = entry.extra.get(PUBLISHED) is True
    return {
        "source_name": f"{NAME} leaderboard",
        "source_type": "documentation" if published else "evaluation_run",
        "source_organization_name": NAME,
        "source_organization_url": LINKS["Project page"],
        "evaluator_relationship": _relationship(entry),
        "additional_details": {key: text for key, text in details.items() if text},
    }


def _relationship(entry: Entry) -> str:
    """The evaluator's relation to the model's developer. For submissions, the participant's model
    answered and the leaderboard scored."""
    if by_organisers(entry):
        return "first_party"
    return "third_party" if entry.status == API_VERIFIED else "collaborative"


def _model(entry: Entry, model: str) -> dict[str, Any]:
    declared = entry.declared
    said = {key: getattr(declared, key) for key in declared.__struct_fields__}
    return {
        "name": one_line(entry.model_name),
        "id": model,
        "developer": one_line(entry.organization),
        "additional_details": {
            **{key: one_line(str(text)) for key, text in said.items() if text is not None},
            "deployment_type": "unknown",
            "model_availability": _AVAILABILITY.get(declared.weights or "", "unknown"),
        },
    }


def _model_id(entry: Entry) -> str:
    """The model's id on the Hub if the entry links there; else organization and name."""
    url = entry.model_url
    if url and link_problem(url) is None and urlsplit(url).hostname == "huggingface.co":
        parts = [part for part in urlsplit(url).path.split("/") if part]
        if len(parts) == 2:
            return "/".join(map(_safe, parts))
    return f"{_safe(entry.organization)}/{_safe(entry.model_name)}"


def _safe(text: str) -> str:
    return _NOT_IN_IDS.sub("-", text).strip("-.") or "unknown"


def _results(standing: Standing, figures: EntryFigures) -> Iterator[dict[str, Any]]:
    entry = standing.entry
    for metric in METRICS:
        value = entry.metrics.get(metric.key)
        if value is None:
            continue
        details = {
            "rank": str(standing.metric_ranks[metric.key] or ""),
            "coverage": _text(graded_share(entry, metric.key)),
            "strict": _text(entry.strict.get(metric.key)),
            "counts_in_rank": "no" if metric.key in standing.not_counted else "",
        }
        yield {
            "evaluation_result_id": metric.key,
            "evaluation_name": f"{NAME} {TASK_BY_KEY[metric.task].name}",
            "source_data": {
                "dataset_name": NAME,
                "source_type": "hf_dataset",
                "hf_repo": DATASET,
                "hf_split": "test",
            },
            "metric_config": _metric(metric, entry),
            "score_details": {
                "score": value,
                "details": {key: text for key, text in details.items() if text},
                **_uncertainty(figures.metrics.get(metric.key)),
            },
        }


def _metric(metric: Metric, entry: Entry) -> dict[str, Any]:
    judge = entry.judge if metric.needs_judge else None
    found: dict[str, Any] = {
        "evaluation_description": metric.definition,
        "metric_id": f"{_BENCHMARK}.{metric.key}",
        "metric_name": metric.name,
        "lower_is_better": False,
        "score_type": "continuous",
        "min_score": metric.low,
        "max_score": metric.high,
    }
    if judge:
        graded = {"judge": one_line(judge.model), "rubric_version": one_line(judge.rubric_version)}
        found["additional_details"] = {key: text for key, text in graded.items() if text}
    return found


def _uncertainty(found: MetricFigures | None) -> Mapping[str, Any]:
    if found is None or found.interval is None:
        return {}
    low, high = found.interval
    interval = {
        "lower": low,
        "upper": high,
        "confidence_level": 0.95,
        "method": "stratified jackknife over recordings, t on the logit scale",
    }
    return {"uncertainty": {"confidence_interval": interval, "num_samples": found.n}}


def _text(value: float | None) -> str:
    return "" if value is None else f"{value:g}"


def _epoch(day: str) -> float:
    return datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp()
