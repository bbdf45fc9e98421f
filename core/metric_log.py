"""The evaluator's summary block: written here, read here.

The block is a contract with programs that parse it. `parse` also reads the
free-form logs of older evaluators; both are checked against
tests/data/metric_logs.json. Imports nothing but the benchmark's definitions.
"""

import itertools
import math
import re
from collections.abc import Mapping

from core.benchmark import METRIC_BY_KEY, METRICS

_RULE = "=" * 80
_TITLE = "LEADERBOARD METRICS SUMMARY"
_END = "END " + _TITLE

# Sections of the block in the order in which other programs expect them.
_SECTIONS = tuple(dict.fromkeys(metric.log_section for metric in METRICS))
_KEY_BY_SECTION_AND_LABEL = {
    (metric.log_section, metric.log_label): metric.key for metric in METRICS
}

# Percentages and decimal commas are not valid values: they would be read as 17.6, or as 0.
_NUMBER = re.compile(
    r"[+-]?\d{1,30}(?:\.\d{1,30})?(?:[eE][+-]?\d{1,3})?"
    r"(?![\w.]|[,'’]\d|\s{0,3}(?:[%％‰]|(?i:per\s?cent|pct)\b))"
)

# Task names in older logs; CVS and DVC must not match VS.
_TASK_LINE = re.compile(
    r"\s*(TAL|STG|NEXT[_ ]ACTION|NAP|DVC|DENSE[_ ]VIDEO[_ ]CAPTIONING|VS|RC"
    r"|VIDEO[_ ]SUMMARY|REGION[_ ]CAPTION|SKILL[_ ]ASSESSMENT|CVS[_ ]ASSESSMENT)\b",
    re.IGNORECASE,
)
_TASK_BY_NAME = {
    "tal": "tal",
    "stg": "stg",
    "next_action": "next_action",
    "nap": "next_action",
    "dvc": "dvc",
    "dense_video_captioning": "dvc",
    "vs": "vs",
    "video_summary": "vs",
    "rc": "rc",
    "region_caption": "rc",
    "skill_assessment": "skill_assessment",
    "cvs_assessment": "cvs_assessment",
}
_THRESHOLD_LINE = re.compile(r"\s*IoU_0\.([35])\s*(?::\s*)?$")
# The line must have words before it: "overall:" alone occurs inside a task's section. Two patterns
# in sequence: one combined pattern would scan the rest of a line from each of its words.
_WORD_BEFORE = re.compile(r"\S ")
_OTHER_HEADING = re.compile(r"\b(?:overall|evaluation|assessment|metrics)\b", re.IGNORECASE)

# (task, label in lower case) -> metric; task None: the label alone is enough.
_FREE_LABELS: dict[tuple[str | None, str], str] = {
    (None, "component_balanced_accuracy"): "cvs_acc",
    (None, "aspect_balanced_accuracy"): "sa_acc",
    (None, "temporal_f1"): "dvc_f1",
    (None, "caption_score"): "dvc_llm",
    ("next_action", "accuracy"): "nap_acc",
    ("stg", "mean_iou"): "stg_miou",
    ("tal", "miou@0.3"): "tag_miou_03",
    ("tal", "miou@0.5"): "tag_miou_05",
    ("tal", "meaniou@0.3"): "tag_miou_03",
    ("tal", "meaniou@0.5"): "tag_miou_05",
    ("vs", "score"): "vs_llm",
    ("vs", "average score"): "vs_llm",
    ("rc", "score"): "rc_llm",
    ("rc", "average score"): "rc_llm",
}


def write(metrics: Mapping[str, float | None]) -> str:
    """The summary block for `metrics` (key -> value), ending in a line end.

    Values have 4 decimals. A metric that is missing, None or not finite has no line, and a
    section without lines is omitted. Raises KeyError for unknown keys, which would be lost.
    """
    lines: dict[str, list[str]] = {section: [] for section in _SECTIONS}
    unknown = metrics.keys() - METRIC_BY_KEY
    if unknown:
        raise KeyError(f"not a metric of this benchmark: {', '.join(sorted(unknown))}")
    for metric in METRICS:
        value = metrics.get(metric.key)
        if value is not None and math.isfinite(value):
            lines[metric.log_section].append(f"  {metric.log_label}: {value:.4f}")
    parts = [_RULE, _TITLE, _RULE, ""]
    for section, values in lines.items():
        if values:
            parts += [section, *values, ""]
    parts += [_RULE, _END, _RULE, ""]
    return "\n".join(parts)


def parse(text: str) -> dict[str, float]:
    """Metric values (key -> value) found in an evaluator's log.

    The last complete summary block counts; without one the whole text is read as an older
    free-form log, where the last value of a metric counts. Values that are not finite numbers
    are ignored. Never raises; runs in linear time.
    """
    lines = text.splitlines()
    block = _last_block(lines)
    return _parse_free_form(lines) if block is None else _parse_block(block)


def _last_block(lines: list[str]) -> list[str] | None:
    """Lines between the title and the end line of the last complete block.

    Both follow a horizontal rule, so a dataset with such a name does not count.
    """
    stripped = [line.strip() for line in lines]
    ends = _under_a_rule(stripped, _END)
    if not ends:
        return None
    starts = [start for start in _under_a_rule(stripped, _TITLE) if start < ends[-1]]
    return lines[starts[-1] + 1 : ends[-1]] if starts else None


def _under_a_rule(lines: list[str], text: str) -> list[int]:
    """The index of a line that directly follows a horizontal rule."""
    pairs = enumerate(itertools.pairwise(lines), start=1)
    return [number for number, (above, line) in pairs if line == text and above == _RULE]


def _parse_block(lines: list[str]) -> dict[str, float]:
    metrics: dict[str, float] = {}
    section = ""
    for line in lines:
        if line.strip() in _SECTIONS:
            section = line.strip()
            continue
        label, value = _label_and_value(line)
        key = _KEY_BY_SECTION_AND_LABEL.get((section, label))
        if key and value is not None:
            metrics[key] = value
    return metrics


def _parse_free_form(lines: list[str]) -> dict[str, float]:
    metrics: dict[str, float] = {}
    task: str | None = None
    threshold = ""
    for line in lines:
        label, value = _label_and_value(line)
        if value is not None:
            label = label.lower()
            if label == "meaniou" and threshold:
                label = "meaniou@0." + threshold
            key = _FREE_LABELS.get((task, label)) or _FREE_LABELS.get((None, label))
            if key:
                metrics[key] = value
            continue
        if heading := _TASK_LINE.match(line):
            task = _TASK_BY_NAME[heading[1].lower().replace(" ", "_")]
            threshold = ""
        elif limit := _THRESHOLD_LINE.match(line):
            threshold = limit[1]
        elif (word := _WORD_BEFORE.search(line)) and _OTHER_HEADING.search(line, word.end()):
            task, threshold = None, ""
    return metrics


def _label_and_value(line: str) -> tuple[str, float | None]:
    """The text before the first colon, and the finite number right after it, if any."""
    label, _, rest = line.partition(":")
    found = _NUMBER.match(rest.lstrip())
    value = float(found[0]) if found else math.nan
    return label.strip(), value if math.isfinite(value) else None
