"""Signing in with an account at a real OpenID Connect provider, through Streamlit's st.login.

The server is below a path, as behind a proxy.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import account_provider
from tests.browser.account_provider import CLIENT, SECRET, Provider
from tests.browser.browser_site import PATIENCE_MS, Site, Visitor, see, serve, settled
from tests.browser.shortcuts import some

pytestmark = pytest.mark.browser
_SECRETS = """
[auth]
redirect_uri = "http://127.0.0.1:{{port}}/bench/oauth2callback"
cookie_secret = "a-cookie-secret-of-the-account-tests-only"
client_id = "{client}"
client_secret = "{secret}"
server_metadata_url = "{url}/.well-known/openid-configuration"
"""


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with account_provider.running() as found:
        yield found


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, provider: Provider) -> Iterator[Site]:
    """A server that is configured for the provider; Ada is its admin."""
    folder = tmp_path_factory.mktemp("site")
    home: Path = folder / "home" / ".streamlit"
    home.mkdir(parents=True)
    text = _SECRETS.format(client=CLIENT, secret=SECRET, url=provider.url)
    (home / "secrets.toml").write_text(text, encoding="utf-8")
    admins = "ada@example.org, id-nobody"
    below = {"STREAMLIT_SERVER_BASE_URL_PATH": "/bench"}
    with serve(folder, HOME=str(home.parent), MEDVIDBENCH_ADMINS=admins, **below) as found:
        yield found


def sign_in(page: Page, account: str) -> None:
    """From one of our pages to the provider and back to the board."""
    page.get_by_role("button", name="Sign in with your account").click()
    page.get_by_role("heading", name="Who?").wait_for(timeout=PATIENCE_MS)
    page.get_by_role("link", name=account).click()
    expect(page.locator(".mvb").first).to_be_visible(timeout=PATIENCE_MS)


def go(page: Page, name: str) -> None:
    """With the navigation bar, which keeps the signed-in session."""
    page.get_by_test_id("stTopNavLinkContainer").get_by_role("link", name=name).click()
    settled(page)


def submit(page: Page, site: Site, folder: Path) -> None:
    page.locator("input[type=file]").set_input_files(some(site, folder))
    expect(page.get_by_role("table")).to_be_visible(timeout=PATIENCE_MS)
    for label, text in (("Model name", "Eve's Model"), ("Organization", "Gent University")):
        page.get_by_role("textbox", name=f"{label} (required)", exact=True).fill(text)
    page.get_by_text("I have read the terms of submission.").click()
    page.get_by_role("button", name="Submit and evaluate").click()
    see(page, re.compile("on the Community board"))


def test_only_the_account_that_is_named_becomes_admin_and_each_opens_only_what_it_submitted(
    site: Site, visit: Visitor, provider: Provider, tmp_path: Path
) -> None:
    page = visit("/submit")
    sign_in(page, "eve")
    go(page, "Submit")
    see(page, "Signed in as eve@example.org.")
    see(page, re.compile("counted by the account you are signed in with"))
    submit(page, site, tmp_path)
    go(page, "Admin")
    see(page, re.compile("It is not an admin"))
    see(page, re.compile("eve@example.org"))
    expect(page.get_by_role("button", name="Open the admin page")).to_have_count(0)
    page.get_by_role("button", name="Use another account").click()
    expect(page.locator(".mvb").first).to_be_visible(timeout=PATIENCE_MS)
    assert provider.signed_out == 1  # at the provider too
    go(page, "Admin")
    sign_in(page, "ada")
    go(page, "My submissions")
    see(page, "Signed in as ada@example.org.")
    assert "Eve's Model" not in page.content()
    go(page, "Admin")
    page.get_by_role("button", name="Open the admin page").click()
    page.get_by_text("Audit", exact=True).click()
    see(page, "Kind")
    page.get_by_role("button", name="Sign out").click()
    expect(page.locator(".mvb").first).to_be_visible(timeout=PATIENCE_MS)
    assert provider.signed_out == 2
    go(page, "Admin")
    see(page, "Sign in with your account")
    journal = (site.root / "journal.jsonl").read_text(encoding="utf-8")
    assert "ada@example.org" not in journal
    assert len(re.findall(r"admin:[0-9a-f]{16}", journal)) >= 2  # in and out

    go(page, "My submissions")
    see(page, "Submission key")
    assert "Eve's Model" not in page.content()  # nothing but the account opens it
    sign_in(page, "eve")
    go(page, "My submissions")
    see(page, re.compile("^On the Community board"))
    name = page.get_by_role("textbox", name="Model name (required)", exact=True)
    expect(name).to_have_value("Eve's Model", timeout=PATIENCE_MS)
    page.get_by_role("button", name="Sign out of the account").click()
    expect(page.locator(".mvb").first).to_be_visible(timeout=PATIENCE_MS)
