"""Streamlit's options from the environment, serving below a path, and secrets."""

import codecs
import http.client
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from core.errors import SettingsError
from core.web.server import fixed_options, streamlit_options
from core.web.streamlit_options import from_environment
from tests.browser.browser_site import Site, serve
from tests.server.web_session import PATIENCE_S, run_page, session

DECIDED = {"server.port": 8501, "server.maxUploadSize": 200, "server.enableAgentApi": False}


def read(told: list[str] | None = None, **environ: str) -> dict[str, object]:
    tell = (told if told is not None else []).append
    return from_environment(environ, streamlit_options(), {**fixed_options(), **DECIDED}, tell)


def test_what_the_environment_says_is_handed_on_in_the_option_s_type() -> None:
    assert read(
        HOME="/root",
        STREAMLIT_SERVER_BASE_URL_PATH="/a/board/",
        STREAMLIT_SERVER_DISCONNECTED_SESSION_TTL="60",
        STREAMLIT_SERVER_ENABLE_WEBSOCKET_COMPRESSION="True",
        STREAMLIT_SERVER_CORS_ALLOWED_ORIGINS="https://a.example, https://b.example",
        STREAMLIT_THEME_LIGHT_PRIMARY_COLOR="#123456",
        STREAMLIT_SERVER_COOKIE_SECRET="read by Streamlit itself",
        STREAMLIT_LOGGER_LEVEL="",
    ) == {
        "server.baseUrlPath": "a/board",
        "server.disconnectedSessionTTL": 60,
        "server.enableWebsocketCompression": True,
        "server.corsAllowedOrigins": ["https://a.example", "https://b.example"],
        "theme.light.primaryColor": "#123456",
    }
    assert read(STREAMLIT_SERVER_CORS_ALLOWED_ORIGINS='["https://a.example"]') == {
        "server.corsAllowedOrigins": ["https://a.example"]
    }


def test_values_that_images_repeat_are_accepted() -> None:
    told: list[str] = []
    read(told, STREAMLIT_SERVER_PORT="8501", STREAMLIT_SERVER_HEADLESS="true")
    assert told == []


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("SERVER_PORT", "9000", "PORT"),
        ("SERVER_MAX_UPLOAD_SIZE", "1", "MEDVIDBENCH_MAX_UPLOAD_MB"),
        ("SECRETS_FILES", "/run/secrets.toml", "secrets.toml"),
        ("SERVER_ENABLE_XSRF_PROTECTION", "false", "enableXsrfProtection to be True"),
        ("SERVER_ENABLE_CORS", "false", "enableCORS to be True"),
        ("CLIENT_SHOW_ERROR_DETAILS", "full", "to be 'none'"),
        ("RUNNER_FAST_RERUNS", "perhaps", "true or false"),
        ("SERVER_DISCONNECTED_SESSION_TTL", "soon", "a number"),
        ("SERVER_BASE_URL_PATH", "/a b", "letters, digits"),
        ("SERVER_BASE_URL_PATH", "https://x.example/a", "letters, digits"),
        ("SERVER_BASE_URL_PATH", "/../a", "letters, digits"),
    ],
)
def test_what_would_break_the_program_is_one_sentence(name: str, value: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said) as refused:
        read(**{f"STREAMLIT_{name}": value})
    assert str(refused.value).startswith(f"STREAMLIT_{name}: ")


def test_an_option_without_effect_is_reported() -> None:
    told: list[str] = []
    found = read(told, STREAMLIT_SERVER_PRT="1", STREAMLIT_SERVER_ENABLE_AGENT_API="true")
    assert found == {}
    assert [line.partition(":")[0] for line in told] == [
        "STREAMLIT_SERVER_ENABLE_AGENT_API",
        "STREAMLIT_SERVER_PRT",
    ]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server below a path, with secrets as written by a Windows editor."""
    folder = tmp_path_factory.mktemp("site")
    home = folder / "home" / ".streamlit"
    home.mkdir(parents=True)
    secrets = (
        '[auth]\nredirect_uri = "http://127.0.0.1/bench/oauth2callback"\n'
        'cookie_secret = "a-cookie-secret"\nclient_id = "board"\nclient_secret = "s"\n'
        'server_metadata_url = "http://127.0.0.1:9/.well-known/openid-configuration"\n'
    )
    (home / "secrets.toml").write_bytes(codecs.BOM_UTF8 + secrets.encode())
    path = {"STREAMLIT_SERVER_BASE_URL_PATH": "/bench"}
    with serve(folder, HOME=str(home.parent), **path) as found:
        yield found


def ask(site: Site, path: str) -> tuple[int, str, str]:
    """Status, type and redirect."""
    connection = http.client.HTTPConnection(urlsplit(site.url).netloc, timeout=PATIENCE_S)
    connection.request("GET", path)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status, answer.getheader("content-type") or "", answer.getheader("location") or ""


@pytest.mark.slow
def test_everything_is_served_below_the_path(site: Site) -> None:
    assert ask(site, "/bench/")[:2] == (200, "text/html; charset=utf-8")
    assert ask(site, "/bench/submit")[0] == 200
    assert "javascript" in ask(site, "/bench/x/site.js")[1]
    assert ask(site, "/bench/api/v1/check")[:2] == (405, "application/json")
    assert ask(site, "/bench/api/v1/nothing")[:2] == (404, "application/json")
    assert ask(site, "/bench/Submit")[2] == "./submit"
    assert ask(site, "/bench/submit/x")[2] == "../no_page?address=%2Fsubmit%2Fx"
    assert ask(site, "/submit")[0] == 404


@pytest.mark.slow
def test_secrets_with_a_byte_order_mark_reach_streamlit(site: Site) -> None:
    with session(site.url) as visitor:
        assert b"Sign in with your account" in run_page(visitor, "owner")
    log = site.root.parent.parent / "log"
    assert "Failed to load secrets" not in log.read_text()
