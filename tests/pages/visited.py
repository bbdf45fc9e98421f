"""Opens pages with AppTest and presses their buttons; used by all tests of pages."""

import html
import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.ui.session import current_services
from core.usecases.services import Services

PAGES = Path(__file__).resolve().parents[2] / "pages"
PARITY = Path(__file__).resolve().parents[1] / "data" / "evaluation.json"
GUARD_S = 240


def open_page(name: str, **query: str) -> AppTest:
    """A page of pages/, opened at an address with these parameters."""
    app = AppTest.from_file(str(PAGES / f"{name}.py"), default_timeout=GUARD_S)
    for key, value in query.items():
        app.query_params[key] = value
    app.run()
    assert not app.exception
    return app


def shown(app: AppTest) -> str:
    """All texts of the page."""
    parts = [e.value for e in (*app.markdown, *app.caption, *app.info, *app.warning, *app.error)]
    parts += [e.value for e in (*app.text, *app.code)]
    parts += [f"{e.label} {e.value} {e.delta}" for e in app.metric]
    parts += [e.proto.text for e in app.get("progress")]
    return "\n".join(parts)


def tables(app: AppTest) -> list[dict[str, list[str]]]:
    """The tables on the page: the cells of each column, as text."""
    found = []
    for element in app.get("html"):
        for table in re.findall(r"<table.*?</table>", element.proto.body, re.DOTALL):
            rows = re.findall(r"<tr.*?</tr>", table, re.DOTALL)
            cells = [re.findall(r"<t[hd]\b[^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in rows]
            head, *body = [[_text(cell) for cell in row] for row in cells]
            columns = zip(*body, strict=True) if body else [()] * len(head)
            found.append(dict(zip(head, map(list, columns), strict=True)))
    return found


def _text(markup: str) -> str:
    return html.unescape(re.sub("<[^>]*>", "", markup)).strip()


def press(app: AppTest, label: str, key: str = "") -> AppTest:
    """Click the only button with this label, or, with a key, the first of several."""
    found = [b for b in app.button if b.label == label and (not key or b.key == key)]
    assert found, f"no button {label!r} among {[b.label for b in app.button]}"
    assert len(found) == 1 or key, f"{len(found)} buttons {label!r}: name one by its key"
    found[0].click()
    app.run()
    assert not app.exception
    return app


def own_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Services:
    """A separate, empty data folder, with a ground truth that is not used."""
    truth = tmp_path / "truth.json"
    truth.write_text("[]")
    monkeypatch.setenv("MEDVIDBENCH_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("MEDVIDBENCH_GROUND_TRUTH", str(truth))
    return current_services()
