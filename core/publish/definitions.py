"""The exact definition of each metric, from docs/evaluation.md, for the About page."""

from functools import lru_cache
from pathlib import Path
from typing import Final

from core.benchmark import METRICS

SOURCE: Final = Path(__file__).resolve().parents[2] / "docs" / "evaluation.md"
_SECTION: Final = "## The metrics"


@lru_cache(maxsize=1)
def exact_definitions() -> dict[str, str]:
    """Metric key -> Markdown: exactly how answers are read, matched and averaged.

    Taken from the section's paragraphs that start with a metric's name in bold. Empty if the file
    cannot be read.
    """
    try:
        text = SOURCE.read_text(encoding="utf-8")
    except OSError:
        return {}
    section = text.partition(_SECTION)[2].partition("\n## ")[0]
    found: dict[str, str] = {}
    for paragraph in section.split("\n\n"):
        head = paragraph.strip().removeprefix("**").partition("**")[0]
        names = {name.strip() for name in head.split(",")}
        found |= {metric.key: paragraph.strip() for metric in METRICS if metric.name in names}
    return found
