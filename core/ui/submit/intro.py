"""The Submit page beside the upload: the file format, downloads, how scoring works."""

from collections.abc import Callable
from html import escape

import streamlit as st

from core.benchmark import JUDGE_KEYS, LINKS, METRIC_BY_KEY, SCORED_KEYS, TEST_RECORDS
from core.ui import downloads
from core.usecases.downloads import demo_questions, samples, template
from core.usecases.services import Services

_CODE = "margin: 0; white-space: pre-wrap; font: 0.875rem/1.6 'Source Code Pro', monospace"
EXAMPLE = """\
[
 {"id": "clip_0001&&12&&96&&1.0", "qa_type": "tal",
  "prediction": "12.0-18.5, 40.0-52.0"},
 {"id": "clip_0001&&12&&96&&1.0", "qa_type": "stg",
  "prediction": "1 seconds: [10, 20, 80, 120]"},
 {"id": "clip_0002&&0&&60&&1.0", "qa_type": "next_action",
  "prediction": "clip cystic duct"}
]"""


def show_intro(services: Services) -> None:
    """Beside the upload: the file format, files to start from, how scoring works."""
    with st.expander("File format", icon=":material/data_object:"):
        _format(services.settings.max_upload_mb)
    with st.expander("Questions, template and samples", icon=":material/download:"):
        _files(services)
    with st.expander("How scoring works", icon=":material/format_list_numbered:"):
        _steps()


def _steps() -> None:
    st.markdown(
        f"1. **Upload and evaluate** takes seconds. {len(SCORED_KEYS)} metrics: "
        + ", ".join(METRIC_BY_KEY[key].name for key in SCORED_KEYS)
        + ".\n2. **Caption judge** runs in the background when you start it. "
        f"{len(JUDGE_KEYS)} metrics: "
        + ", ".join(METRIC_BY_KEY[key].name for key in JUDGE_KEYS)
        + ", graded by a language model. Until then your entry says “judge pending” and ranks "
        "last in them."
    )


def _format(max_mb: int) -> None:
    st.markdown(
        "One JSON array (`.json`) or a JSON object per line (`.jsonl`), also as `.gz` or `.zip`, "
        f"at most {max_mb} MB unpacked. One record per question: `id`, `qa_type` and "
        f"`prediction`. The test set has {TEST_RECORDS:,} questions; keep their order, copy `id` "
        "and `qa_type` unchanged, or give each record its `question`, which then takes precedence."
    )
    # Plain HTML: with st.code, every visitor would have to load a 1.5 MB highlighter.
    with st.container(border=True):
        st.html(f'<pre style="{_CODE}">{escape(EXAMPLE)}</pre>')
    st.caption(
        "Times are seconds from the start of the clip, not of the video. Boxes are the left, top, "
        "right and bottom edges in pixels; the benchmark does not say whether these are pixels of "
        "the original frames or of resized ones."
    )
    st.caption(
        "Inference output with metadata, qa_type, question and answer is accepted too. Reference "
        "answers and scores in the file are ignored. You may leave out a task: its metrics are "
        "then shown as “—” and rank last."
    )


def _files(services: Services) -> None:
    settings = services.settings
    questions = demo_questions(settings)
    if questions:
        _download("Questions", questions.read_bytes, questions.name)
        st.caption("The questions of the synthetic benchmark, as JSON.")
    elif not settings.demo:
        st.markdown(
            f"The questions and videos are in the [public dataset]({LINKS['Dataset']}). "
            "The reference answers stay private."
        )
    if settings.truth_path.is_file() or settings.questions_path:
        with st.container(horizontal=True):
            _download("Empty template", lambda: template(settings), "predictions_template.json")
            if settings.questions_path:
                _download(
                    "Template with questions",
                    lambda: template(settings, with_questions=True),
                    "predictions_template_with_questions.json",
                )
        st.caption(
            "Every `id` and `qa_type` in order; fill in the predictions. With `question` in each "
            "record, the order of the file no longer matters."
        )
    for sample in samples(settings):
        _download(sample.label, sample.read, sample.path.name)
        st.caption(f"From the synthetic benchmark: {sample.what}.")


def _download(label: str, data: Callable[[], bytes], name: str) -> None:
    """A button for a JSON file that is made or read on click."""
    downloads.button(label, data, name, "application/json", icon=":material/download:")
