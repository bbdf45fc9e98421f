"""Takes the pictures in docs/images: `python scripts/screenshots.py URL SAMPLE_FILE`.

URL is a running demo server whose synthetic models are all on the board; SAMPLE_FILE is submitted
to it last, so that a check and a result can be shown. All are light but one; the board also as a
phone shows it.
"""

import io
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(REPOSITORY))
from tests.browser.chromium import installed  # noqa: E402

IMAGES = REPOSITORY / "docs" / "images"
WIDTH, PHONE = 1360, 390
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
PATIENCE_MS = 60_000
CHART = "[data-testid=stVegaLiteChart] svg"
COLOURS: Final = 256  # rare ones included; saves two thirds of the bytes
PAIR = "demo-aster-72b-1,demo-borage-34b-1"


@dataclass(frozen=True)
class Picture:
    """A picture of `address`, taken once `wait_for` is on the page, starting at `top`."""

    name: str
    address: str
    height: int
    wait_for: str = CHART
    width: int = WIDTH
    dark: bool = False
    top: str = ""


PICTURES: Final = (
    # The table, and the matrix of ranks below it.
    Picture("leaderboard-light", "/", 1360),
    Picture("leaderboard-dark", "/", 1360, dark=True),
    Picture("leaderboard-phone", "/", 1900, width=PHONE),
    Picture("metric-light", "/?board=Community&metric=NAP_acc", 760, top="#explore"),
    Picture("model-light", "/model?id=demo-borage-34b-1", 900, ".mvf table"),
    Picture("compare-light", f"/compare?ids={PAIR}", 1100),
)


def main(url: str, sample: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=installed(), args=ARGUMENTS)
        for picture in PICTURES:
            take(browser, url, picture)
        check(browser, url, sample)
        job = submit(browser, url, sample)
        take(browser, job, Picture("result-light", "", 900, "h1"))
        browser.close()


def opened(browser: Browser, url: str, picture: Picture) -> Page:
    page = browser.new_context(
        color_scheme="dark" if picture.dark else "light",
        viewport={"width": picture.width, "height": picture.height},
        device_scale_factor=1,
    ).new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(url + picture.address)
    page.locator("#early").wait_for(state="detached")  # the board in the first answer
    page.locator(picture.wait_for).first.wait_for()
    page.wait_for_timeout(2500)  # fonts, charts
    if picture.top:
        page.locator(picture.top).evaluate("(one) => one.scrollIntoView()")
        page.wait_for_timeout(500)
    return page


def take(browser: Browser, url: str, picture: Picture) -> None:
    save(opened(browser, url, picture), picture.name)


def save(page: Page, name: str) -> None:
    """The picture with few colours; the page is closed."""
    image = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    few = image.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    few.save(IMAGES / f"{name}.png", optimize=True)
    page.context.close()


def check(browser: Browser, url: str, sample: str) -> None:
    """The instant check of a file, before anything is submitted."""
    page = opened(browser, url, Picture("", "/submit", 900, "h1"))
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(sample)
    verdict = page.get_by_test_id("stAlert").filter(has_text="records").first
    verdict.wait_for()
    verdict.scroll_into_view_if_needed()
    page.wait_for_timeout(1500)
    save(page, "check-light")


def submit(browser: Browser, url: str, sample: str) -> str:
    """Submit the sample; returns the address of its result."""
    page = opened(browser, url, Picture("", "/submit", 900, "h1"))
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
