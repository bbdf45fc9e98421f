"""Reads a results file into the metrics, to fill in an entry that an admin adds by hand.

Two formats: the command's `--json` output (Results of
core.model.contracts.evaluation), and the older results file, whose
`aggregated_results` have an `overall` per task. Caption scores are accepted too,
unlike in an upload: this is an admin's edit, recorded in the audit trail.
Pure: bytes in, values out.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from core.benchmark import JUDGE_KEYS, METRIC_BY_KEY, METRIC_KEYS, METRICS, TASK_BY_KEY, task_of
from core.changes.entry_fields import metric_problem
from core.errors import RefusedError
from core.model.entries import rounded
from core.model.fields import FIELD_BY_KEY, check_text, text_problem

MAX_BYTES: Final = 20 << 20
FIELD: Final = "results_file"
# Other names of metrics in a task's `overall` in the older file, in addition to the log's.
_OLDER_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "tag_miou_03": ("meanIoU@0.3",),
    "tag_miou_05": ("meanIoU@0.5",),
    "vs_llm": ("average_score", "caption_score"),
    "rc_llm": ("average_score", "caption_score"),
}
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Imported:
    """The metrics with three decimals, None if missing from the file.

    `missing` lists those; `form` says which format it was. Versions are None, and the name is
    empty, if the file lacks them or has values that cannot be shown.
    """

    form: str
    metrics: dict[str, float | None]
    missing: tuple[str, ...]
    model_name: str = ""
    scorer_version: str | None = None
    ground_truth_sha256: str | None = None
    notes: tuple[str, ...] = ()


def read(data: bytes) -> Imported:
    """Read a results file. Raises RefusedError on field `results_file` with all problems."""
    record = _decoded(data)
    older = record.get("aggregated_results")
    if isinstance(older, dict):
        found = _older_metrics(older)
        form = "an older results file"
    elif isinstance(record.get("metrics"), dict):
        unknown = sorted(set(record["metrics"]) - set(METRIC_KEYS))
        if unknown:
            raise _refused(f"metrics: {unknown[0][:40]!r} is not a metric of this benchmark.")
        found = {key: record["metrics"].get(key) for key in METRIC_KEYS}
        form = "the command's --json"
    else:
        raise _refused(
            "Expected an object with “metrics” (the command's --json) or “aggregated_results” (an "
            "older results file)."
        )
    metrics, notes = _checked(found)
    truth = record.get("ground_truth_sha256")
    return Imported(
        form=form,
        metrics=metrics,
        missing=tuple(METRIC_BY_KEY[key].name for key in METRIC_KEYS if metrics[key] is None),
        model_name=_name(record.get("model_name")),
        scorer_version=_version(record.get("scorer_version")),
        ground_truth_sha256=truth if isinstance(truth, str) and _SHA256.fullmatch(truth) else None,
        notes=tuple(notes),
    )


def _name(given: object) -> str:
    """The model's name in the file, if the form accepts it; else the admin types one."""
    problem, text = check_text(FIELD_BY_KEY["model_name"], given)
    return "" if problem else text


def _version(given: object) -> str | None:
    return given[:40] if isinstance(given, str) and not text_problem(given) else None


def _decoded(data: bytes) -> dict[str, Any]:
    if len(data) > MAX_BYTES:
        raise _refused(f"The file has {len(data) >> 20} MB; a results file has less than 20 MB.")
    try:
        record = json.loads(
            data.decode("utf-8-sig"), parse_constant=_not_finite, object_pairs_hook=_once
        )
    except RecursionError:
        raise _refused("The file is nested too deeply to be a results file.") from None
    except UnicodeDecodeError:
        raise _refused("The file is not UTF-8 text. Choose the .json file itself.") from None
    except json.JSONDecodeError as error:
        raise _refused(
            f"The file is not JSON ({error.msg}, line {error.lineno}). Choose the .json file."
        ) from None
    except ValueError:
        raise _refused("The file has a number too long to be a metric.") from None
    if not isinstance(record, dict):
        raise _refused(
            f"The file has no results: expected an object, got {type(record).__name__}. Choose "
            "what the evaluation writes with --json, not the answers."
        )
    return record


def _not_finite(text: str) -> float:
    raise _refused(f"The file has {text}, which is not a number. Omit the value, or use null.")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise _refused(f"The file has {key[:40]!r} twice in one object. Keep one.")
        found[key] = value
    return found


def _older_metrics(results: Mapping[str, Any]) -> dict[str, Any]:
    overall: dict[str, Mapping[str, Any]] = {}
    for name, value in results.items():
        task = _task(name)
        inner = value.get("overall") if isinstance(value, dict) else None
        if task is None or not isinstance(inner, dict):
            continue
        if task in overall:
            raise _refused(f"aggregated_results has the task {TASK_BY_KEY[task].name} twice.")
        overall[task] = inner
    found: dict[str, Any] = {}
    for metric in METRICS:
        there = overall.get(metric.task, {})
        names = (metric.log_label, *_OLDER_NAMES.get(metric.key, ()))
        found[metric.key] = next((there[one] for one in names if there.get(one) is not None), None)
    return found


def _task(name: str) -> str | None:
    key = name.strip().casefold().replace(" ", "_").replace("-", "_")
    return key if key in TASK_BY_KEY else task_of(key)


def _checked(found: Mapping[str, Any]) -> tuple[dict[str, float | None], list[str]]:
    metrics: dict[str, float | None] = {}
    notes: list[str] = []
    wrong: list[str] = []
    for key in METRIC_KEYS:
        value = found.get(key)
        if key in JUDGE_KEYS and not isinstance(value, bool) and value == 0:
            # Older evaluators wrote 0 if no judge had run; the scale starts at 1.
            notes.append(f"{METRIC_BY_KEY[key].name} is 0 in the file: not judged.")
            value = None
        problem = metric_problem(key, value)
        if problem:
            wrong.append(problem)
        else:
            metrics[key] = None if value is None else rounded(float(value))
    if wrong:
        raise _refused(" ".join(wrong))
    return metrics, notes


def _refused(problem: str) -> RefusedError:
    return RefusedError({FIELD: problem})
