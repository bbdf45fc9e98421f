"""Pages draw their charts without pandas and Altair, which Streamlit would import for some."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
REPOSITORY = Path(__file__).resolve().parents[2]
PROGRAM = """
import json, sys
from core.web import server
from streamlit.testing.v1 import AppTest
from core.model.published import published_state

server.import_ahead()
ids = [entry.entry_id for entry in published_state().official[:2]]
drawn = {}
for page, query in json.loads(sys.argv[1]):
    app = AppTest.from_file(f"pages/{page}.py", default_timeout=240)
    for key, value in query.items():
        app.query_params[key] = ",".join(ids) if value == "ids" else value
    app.run()
    assert not app.exception, app.exception
    drawn[page] = max(drawn.get(page, 0), len(app.get("vega_lite_chart")))
print(json.dumps([drawn, sorted({"pandas", "altair"} & set(sys.modules))]))
"""
VISITS = [
    ("leaderboard", {}),
    ("leaderboard", {"board": "Community"}),
    ("leaderboard", {"view": "metric"}),
    ("compare", {"ids": "ids"}),
    ("model", {"id": "ids"}),
    ("about", {}),
]


def test_no_page_imports_pandas_or_altair(tmp_path: Path) -> None:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("MEDVIDBENCH_", "HF_"))}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, json.dumps(VISITS)],
        cwd=REPOSITORY,
        env={**kept, "MEDVIDBENCH_DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    drawn, imported = json.loads(done.stdout.splitlines()[-1])
    assert imported == []
    assert drawn["leaderboard"] > 0
    assert drawn["compare"] > 0
