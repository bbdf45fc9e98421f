"""The Submit page of a server with the parity truth: choosing a file, filling in, submitting."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.ui.session import current_services
from core.usecases.services import Services
from tests.pages.visited import PARITY, open_page, press

page = partial(open_page, "submit")

CANARY = "zebracanary"
PAYLOADS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "![x](http://127.0.0.1:9/x.png)",
    "[link](javascript:alert(1))",
    ":red[red] :material/home: $x^2$",
    "**bold** `code` # head",
]


@contextmanager
def canary_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    """A server's data folder with the parity truth, with the canary in every answer."""
    truth = json.loads(PARITY.read_text(encoding="utf-8"))["ground_truth"]
    for record in truth:
        record["canary"] = CANARY
        for turn in record["conversations"]:
            turn["value"] += f" {CANARY}" if record["qa_type"] not in ("next_action",) else ""
    path = tmp_path / "truth.json"
    path.write_text(json.dumps(truth), encoding="utf-8")
    monkeypatch.setenv("MEDVIDBENCH_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("MEDVIDBENCH_GROUND_TRUTH", str(path))
    monkeypatch.setenv("MEDVIDBENCH_MIN_RECORDS", "20")
    found = current_services()
    try:
        yield found
    finally:
        for job in found.jobs.list():
            if not job.done:
                found.jobs.cancel(job.job_id)


def predictions() -> bytes:
    return json.dumps(json.loads(PARITY.read_text(encoding="utf-8"))["predictions"]).encode()


def choose(app: AppTest, data: bytes, name: str = "predictions.json") -> AppTest:
    app.file_uploader(key="submit_file").set_value((name, data, "application/json"))
    return app.run()


def fill(app: AppTest, name: str = "Model A", **fields: str) -> AppTest:
    app.text_input(key="submit_model_name").set_value(name)
    app.text_input(key="submit_organization").set_value("Lab")
    for key, value in fields.items():
        app.text_input(key=f"submit_{key}").set_value(value)
    app.checkbox(key="submit_terms").check()
    return app


def submitted(name: str = "Model A", **fields: str) -> AppTest:
    return press(fill(choose(page(), predictions()), name, **fields), "Submit and evaluate")


def job_of(app: AppTest) -> str:
    found = app.query_params["job"]
    return found if isinstance(found, str) else found[0]


def marked_up(app: AppTest) -> str:
    """All texts that are rendered as Markdown or HTML, in which markup would take effect."""
    kinds = (app.markdown, app.caption, app.info, app.warning, app.error, app.success)
    labels = [box.label for box in (*app.expander, *app.button, *app.checkbox, *app.text_input)]
    html = [str(block.proto) for block in app.get("html")]
    return "\n".join([*(e.value for kind in kinds for e in kind), *labels, *html])


def plain(app: AppTest) -> str:
    """All texts that are shown as plain text."""
    return "\n".join([*(e.value for e in app.text), *(e.value for e in app.code)])
