"""Our files at /x: found by name, not sent twice, and no other files."""

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from core.web import assets


@pytest.fixture
def client() -> TestClient:
    return TestClient(Starlette(routes=assets.routes()))


def test_the_script_is_served_and_not_sent_twice(client: TestClient) -> None:
    found = client.get("/x/site.js")
    assert found.status_code == 200
    assert found.headers["content-type"].startswith("text/javascript")
    assert "a[data-go]" in found.text
    assert found.headers["cache-control"] == "no-cache"  # revalidated before use
    again = client.get("/x/site.js", headers={"If-None-Match": found.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("path", ["/x/", "/x/none.js", "/x/../assets.py", "/x/%2e%2e/assets.py"])
def test_nothing_else_is_served(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_it_is_only_read(client: TestClient) -> None:
    assert client.post("/x/site.js").status_code == 405
