"""Both themes: the table has the configured colours, and text has AA contrast."""

import re
import tomllib
from pathlib import Path

import pytest

from core.publish.explore.marks import COLOURS, GREY, UNPINNED

ROOT = Path(__file__).resolve().parents[2]
THEME = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))["theme"]
CSS = (ROOT / "core" / "publish" / "board" / "templates" / "board.css").read_text(encoding="utf-8")
PAIRS = {name: two for name, *two in re.findall(r"--(\w+):light-dark\((#\w+),(#\w+)\)", CSS)}
SCHEMES = ("light", "dark")


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    bright, dim = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def colour(name: str, scheme: str) -> str:
    return PAIRS[name][SCHEMES.index(scheme)]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_table_has_the_page_s_background(scheme: str) -> None:
    assert colour("page", scheme) == THEME[scheme]["backgroundColor"]
    assert colour("head", scheme) == THEME[scheme]["secondaryBackgroundColor"]
    assert colour("line", scheme) == THEME[scheme]["borderColor"]


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("ground", ["page", "head", "tint"])
def test_text_keeps_contrast_aa(scheme: str, ground: str) -> None:
    on = colour(ground, scheme)
    for text in (THEME[scheme]["textColor"], colour("soft", scheme), colour("link", scheme)):
        assert contrast(text, on) >= 4.5, (text, on)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_captions_keep_contrast_aa(scheme: str) -> None:
    """Streamlit shows captions and table headers in the text colour at 60 % opacity."""
    text, on = THEME[scheme]["textColor"], THEME[scheme]["backgroundColor"]
    mixed = (0.6 * int(text[i : i + 2], 16) + 0.4 * int(on[i : i + 2], 16) for i in (1, 3, 5))
    assert contrast("#" + "".join(f"{round(channel):02x}" for channel in mixed), on) >= 4.5


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_best_value_and_the_primary_colour_keep_contrast_aa(scheme: str) -> None:
    assert contrast(colour("accent", scheme), colour("best", scheme)) >= 4.5
    assert contrast(THEME[scheme]["primaryColor"], THEME[scheme]["backgroundColor"]) >= 4.5


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("mark", [GREY, *COLOURS[:UNPINNED]])
def test_marks_of_charts_contrast_with_both_backgrounds(scheme: str, mark: str) -> None:
    assert contrast(mark, THEME[scheme]["backgroundColor"]) >= 3


@pytest.mark.parametrize("disc", ["#e8bf3a", "#c3c9d1", "#d79f6c"])
def test_the_rank_on_a_medal_is_readable(disc: str) -> None:
    assert f"background:{disc}" in CSS
    assert contrast("#1b2430", disc) >= 4.5
