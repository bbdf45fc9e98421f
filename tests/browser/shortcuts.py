"""What a browser test needs but does not test, without a browser or with little work."""

import json
import urllib.request
from pathlib import Path

from tests.browser.browser_site import GUARD_S, Site


def some(site: Site, folder: Path, name: str = "some.json") -> Path:
    """Every tenth answer of the good sample, which the server checks and scores quickly."""
    records = json.loads((site.samples / "sample_good.json").read_text(encoding="utf-8"))
    path = folder / name
    path.write_text(json.dumps(records[::10]), encoding="utf-8")
    return path


def rows_at_first(site: Site) -> str:
    """What a new visitor of the Community board gets first: its rows, as HTML."""
    page = f"{site.url}/?board=Community"
    asked = urllib.request.Request(page, headers={"Accept": "text/html"})  # noqa: S310
    with urllib.request.urlopen(asked, timeout=GUARD_S) as answer:  # noqa: S310
        return str(answer.read(), "utf-8")
