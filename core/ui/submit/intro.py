"""The top of the Submit page: what the two steps are, the file's form, files to download."""

from html import escape

import streamlit as st

from core.benchmark import JUDGE_KEYS, METRIC_BY_KEY, SCORED_KEYS, TEST_RECORDS
from core.ui import downloads
from core.usecases.downloads import samples, template
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
    """Steps, file format with an example, samples and template."""
    _steps()
    form, files = st.columns([3, 2], gap="large")
    with form:
        _format(services.settings.max_upload_mb)
    with files:
        _files(services)


def _steps() -> None:
    first, second = st.columns(2)
    with first, st.container(border=True, height="stretch"):
        st.markdown(
            "**1. Upload and evaluate**: seconds.  \nSeven metrics: "
            + ", ".join(METRIC_BY_KEY[key].name for key in SCORED_KEYS)
            + "."
        )
    with second, st.container(border=True, height="stretch"):
        st.markdown(
            "**2. Caption judge**: in the background.  \nThree metrics: "
            + ", ".join(METRIC_BY_KEY[key].name for key in JUDGE_KEYS)
            + ", graded by a language model. Until then your entry says “judge pending”."
        )


def _format(max_mb: int) -> None:
    st.subheader("The file", anchor="format")
    st.markdown(
        "One JSON array (`.json`) or a JSON object per line (`.jsonl`), also as `.gz` or `.zip`, "
        f"at most {max_mb} MB unpacked. One record per question: `id`, `qa_type` and "
        f"`prediction`. The test set has {TEST_RECORDS:,} questions; keep their order, copy `id` "
        "and `qa_type` unchanged, or give each record its `question`, which then decides."
    )
    # Plain HTML: with st.code every visitor would load a highlighter of 1.5 MB first.
    with st.container(border=True):
        st.html(f'<pre style="{_CODE}">{escape(EXAMPLE)}</pre>')
    st.caption(
        "Times are seconds from the beginning of the clip, not of the video. Boxes are left, top, "
        "right and bottom edge in pixels; the benchmark does not say whether of the video's own "
        "frames or of smaller ones."
    )
    st.caption(
        "Inference output with metadata, qa_type, question and answer is read too. What a "
        "file says about the right answers or about scores is never read. A task may be left out: "
        "its metrics are then shown as “—” and rank last."
    )


def _files(services: Services) -> None:
    settings = services.settings
    st.subheader("Files to start from", anchor="files")
    if settings.truth_path.is_file() or settings.questions_path:
        downloads.button(
            "Empty template",
            lambda: template(settings),
            "predictions_template.json",
            "application/json",
            icon=":material/download:",
        )
        st.caption("Every id and qa_type in order; fill in the predictions.")
    for sample in samples(settings):
        downloads.button(
            sample.label,
            sample.read,
            sample.path.name,
            "application/json",
            icon=":material/download:",
        )
        st.caption(f"From the synthetic benchmark: {sample.what}.")
