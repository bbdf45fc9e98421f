"""Takes the pictures in docs/images: python scripts/screenshots.py URL SAMPLE_FILE

URL is a running server on a fresh data folder; SAMPLE_FILE is submitted to it, so
that the job and the result can be shown. Light, dark and phone width.
"""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

IMAGES = Path(__file__).resolve().parent.parent / "docs" / "images"
LOOKS = {"light": ("light", 1360, 900), "dark": ("dark", 1360, 900), "phone": ("light", 390, 844)}
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
PATIENCE_MS = 60_000
CHART = "[data-testid=stVegaLiteChart] svg"
TALL = {"leaderboard": 1440}  # the table, and the matrix of ranks below it


def main(url: str, sample: str) -> None:
    found = next(filter(None, map(shutil.which, ("chromium", "google-chrome"))), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        for look in LOOKS:
            take(browser, url + "/", look, "leaderboard", CHART)
            take(browser, url + "/about", look, "about", "h2")
            check(browser, url, sample, look)
        job = submit(browser, url, sample)
        for look in LOOKS:
            take(browser, job, look, "result", "h1")
        browser.close()


def opened(
    browser: Browser, address: str, look: str, wait_for: str, height: int | None = None
) -> Page:
    scheme, width, usual = LOOKS[look]
    page = browser.new_context(
        color_scheme="dark" if scheme == "dark" else "light",
        viewport={"width": width, "height": height or usual},
        device_scale_factor=1,
    ).new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(address)
    page.locator(wait_for).first.wait_for()
    page.wait_for_timeout(2500)  # fonts, charts
    return page


def take(browser: Browser, address: str, look: str, name: str, wait_for: str) -> None:
    page = opened(browser, address, look, wait_for, TALL.get(name))
    page.screenshot(path=IMAGES / f"{name}-{look}.png")
    page.context.close()


def check(browser: Browser, url: str, sample: str, look: str) -> None:
    """The instant check of a file, before anything is submitted."""
    page = opened(browser, url + "/submit", look, "h1")
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(sample)
    verdict = page.get_by_test_id("stAlert").filter(has_text="records").first
    verdict.wait_for()
    verdict.scroll_into_view_if_needed()
    page.wait_for_timeout(1500)
    page.screenshot(path=IMAGES / f"check-{look}.png")
    page.context.close()


def submit(browser: Browser, url: str, sample: str) -> str:
    """Submit the sample; gives the address of its result."""
    page = opened(browser, url + "/submit", "light", "h1")
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(sample)
    page.get_by_role("textbox", name="Model name").fill("Example-VLM-8B")
    page.get_by_role("textbox", name="Organization").fill("Example Lab")
    page.get_by_text("I have read the terms").click()
    expect(page.get_by_test_id("stAlert").filter(has_text="records").first).to_be_visible()
    page.get_by_role("button", name="Submit and evaluate").click()
    page.wait_for_url("**job=**")
    expect(page.get_by_text("Community board").first).to_be_visible(timeout=PATIENCE_MS)
    return page.url


if __name__ == "__main__":
    main(sys.argv[1].rstrip("/"), sys.argv[2])
