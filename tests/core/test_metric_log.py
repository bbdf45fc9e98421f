"""The summary block is written and read exactly; older logs are read as documented."""

import json
import math
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import metric_log
from core.benchmark import METRIC_KEYS

CASES = json.loads((Path(__file__).parents[1] / "data" / "metric_logs.json").read_text())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_logs_of_the_public_evaluator_are_read(case):
    assert metric_log.parse(case["log"]) == case["expected"]


def test_the_block_is_written_byte_for_byte():
    whole = next(case for case in CASES if case["name"] == "summary block alone")
    assert metric_log.write(whole["expected"]) == whole["log"]


def test_sections_without_a_value_are_left_out():
    skipped = next(case for case in CASES if case["name"] == "caption metrics skipped")
    assert metric_log.write(skipped["expected"]) == skipped["log"]


def test_a_block_whose_title_is_cut_off_is_no_block():
    _, _, rest = metric_log.write({"cvs_acc": 0.5, "nap_acc": 0.25}).partition("SUMMARY\n")
    assert metric_log.parse(rest) == metric_log.parse(rest.replace("=", ""))


def test_what_was_not_computed_has_no_line():
    block = metric_log.write({"cvs_acc": math.nan, "nap_acc": None, "stg_miou": math.inf})
    assert ":" not in block
    assert metric_log.parse(block) == {}


def test_an_unknown_metric_is_refused():
    with pytest.raises(KeyError):
        metric_log.write({"semantic": 0.5})


@given(st.dictionaries(st.sampled_from(METRIC_KEYS), st.floats(0, 5)))
def test_what_is_written_is_read_back_with_four_decimals(metrics):
    read = metric_log.parse(metric_log.write(metrics))
    assert read == {key: float(f"{value:.4f}") for key, value in metrics.items()}


def test_the_last_complete_block_counts():
    first, last = metric_log.write({"cvs_acc": 0.25}), metric_log.write({"cvs_acc": 0.5})
    torn = last.replace("END", "")
    assert metric_log.parse(first + "noise\n" + last) == {"cvs_acc": 0.5}
    assert metric_log.parse(first + torn) == {"cvs_acc": 0.25}


def test_labels_count_only_in_their_own_section():
    block = metric_log.write({"nap_acc": 0.5}).replace("Next Action -", "Another -")
    assert metric_log.parse(block) == {}


@given(st.text())
def test_any_text_gives_finite_values_of_known_metrics(text):
    for key, value in metric_log.parse(text + "\n" + metric_log.write({"sa_acc": 1})).items():
        assert key in METRIC_KEYS
        assert math.isfinite(value)


HEADINGS = (
    ("Some Overall Evaluation", True),
    ("  a overall", True),
    ("x\toverall", False),
    ("overall:", False),
    ("  overall metrics", True),
    ("overall", False),
    ("Some overallish words", False),
    ("- metrics_of", False),
    ("pre-overall", False),
)


@pytest.mark.parametrize(("line", "heading"), HEADINGS)
def test_another_heading_ends_the_section_of_a_task(line, heading):
    log = f"STG\n{line}\n  mean_iou: 0.5\n"
    assert metric_log.parse(log) == ({} if heading else {"stg_miou": 0.5})


@pytest.mark.parametrize("line", ["IoU_0.3", " IoU_0.3 : ", "IoU_0.3:", "IoU_0.3 :", "IoU_0.3  "])
def test_a_threshold_may_have_a_colon(line):
    assert metric_log.parse(f"TAL\n{line}\nmeanIoU: 0.5\n") == {"tag_miou_03": 0.5}


_PARSE = r"""
from core import metric_log
for part in ("a", "a ", "a  ", " ", "overal ", "assessment_", "1", "1.", ":", "=", "\n ", "a\t"):
    for first in ("", "TAL ", "IoU_0.3", "accuracy: "):
        metric_log.parse(first + part * (200_000 // len(part)) + "x")
"""


@pytest.mark.slow
def test_no_line_takes_more_than_moments():
    # Quadratic work on such a line would take far more processor time.
    ended = subprocess.run(
        [sys.executable, "-c", _PARSE],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        timeout=300,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (20, 20)),
    )
    assert ended.returncode == 0, ended.stderr.decode()


@pytest.mark.parametrize("name", ["END LEADERBOARD METRICS SUMMARY", "LEADERBOARD METRICS SUMMARY"])
def test_a_dataset_named_like_a_heading_does_not_end_the_block(name):
    block = metric_log.write({"cvs_acc": 0.25, "rc_llm": 4.5})
    inside = block.replace("Region", f"{name}\nRegion").replace("RC -", f"  {name}\nRC -")
    for log in (f"{block}{name}\n", f"{name}\n{block}", inside):
        assert metric_log.parse(log) == {"cvs_acc": 0.25, "rc_llm": 4.5}


UNREADABLE = (
    "nan", "inf", "-", "", "n/a", "0.5x", "1e999", "½", "17.6%", "17.6 %", "17.6\u00a0%", "17.6％",
    "17.6 percent", "17.6 Per cent", "17.6 pct", "0,176", "1,234.5", "1'234",
)  # fmt: skip


@pytest.mark.parametrize("value", UNREADABLE)
def test_unreadable_values_are_left_out(value):
    assert metric_log.parse(f"CVS Assessment\n  component_balanced_accuracy: {value}\n") == {}
