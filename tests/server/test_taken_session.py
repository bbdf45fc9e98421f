"""Knowing a session's id gives none of its rights; its own browser continues."""

import http.client
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from tests.browser.browser_site import ADMIN_PASSWORD, Site, serve
from tests.server.web_session import PATIENCE_S, ask_for, finished, run_page, session

SIGNED_IN = b"Sign out"
DOOR = b"current-password"  # the field for the password


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with serve(tmp_path_factory.mktemp("taken")) as found:
        yield found


def cookie(site: Site) -> str:
    """The cookies that the server sets for a new browser."""
    connection = http.client.HTTPConnection(urlsplit(site.url).netloc, timeout=PATIENCE_S)
    connection.request("GET", "/_stcore/health")
    found = connection.getresponse().getheader("Set-Cookie") or ""
    connection.close()
    return found.partition(";")[0]


def admin(site: Site, open_: Any) -> str:
    """Sign in as the admin; the session's id."""
    field = button = found = ""
    ask_for(open_, "admin")
    while True:
        said = ForwardMsg.FromString(bytes(open_.recv(timeout=PATIENCE_S)))
        field = said.delta.new_element.text_input.id or field
        button = said.delta.new_element.button.id or button
        found = said.new_session.initialize.session_id or found
        if said.WhichOneof("type") == "script_finished":
            break
    message = BackMsg()
    message.rerun_script.page_name = "admin"
    states = message.rerun_script.widget_states.widgets
    states.add(id=field, string_value=ADMIN_PASSWORD)
    states.add(id=button, trigger_value=True)
    open_.send(message.SerializeToString())
    assert SIGNED_IN in finished(open_)
    return found


@pytest.mark.parametrize("has_cookie", [True, False], ids=["by the cookie", "by the connection"])
def test_an_id_does_not_take_over_an_admin(site: Site, has_cookie: bool) -> None:
    own = cookie(site) if has_cookie else ""
    with session(site.url, cookie=own) as tab:
        taken = admin(site, tab)
        for stranger in ("", cookie(site), '_streamlit_xsrf="2|00|00|1"'):
            with session(site.url, cookie=stranger, taken=taken) as thief:
                page = run_page(thief, "admin")
                assert SIGNED_IN not in page
                assert DOOR in page


def test_the_same_browser_continues_after_a_broken_connection(site: Site) -> None:
    own = cookie(site)
    with session(site.url, cookie=own) as tab:
        taken = admin(site, tab)
    with session(site.url, cookie=own, taken=taken) as again:
        assert SIGNED_IN in run_page(again, "admin")
