"""A check in a browser that no payload of cross-site scripting had an effect."""

from playwright.sync_api import Page, expect

from tests.browser.browser_site import PATIENCE_MS

# Elements that only a payload in a page's markup would create.
TRACES = (
    "[onerror], [onload], [onfocus], [ontoggle], [onbegin], [onclick], [onmouseover], [onstart], "
    "[onanimationstart], [onpageshow], [onclose], [href^='javascript' i], [href^='data:' i], "
    "[href^='vbscript' i], [formaction], [action^='javascript' i], [srcdoc], [src='x'], object, "
    "embed, portal, marquee, xss, base, meta[http-equiv=refresh i], #x, "
    "[href='//y']"
)
FORMULAS = ".katex, .katex-error"


def unharmed(page: Page, *, own_formulas: bool = False) -> None:
    """Check that no payload ran or became markup; some pages have formulas anyway."""
    traces = TRACES if own_formulas else f"{TRACES}, {FORMULAS}"
    for frame in page.frames:
        assert frame.evaluate("window.hacked") is None
        assert frame.locator(traces).evaluate_all("all => all.map(one => one.outerHTML)") == []
    scripts = page.locator("script[src]").evaluate_all("all => all.map(one => one.src)")
    assert [one for one in scripts if not one.startswith(page.url.split("/")[0])] == []


def told(page: Page) -> str:
    return " ".join(page.get_by_test_id("stMain").inner_text().split())


def reads(page: Page, *texts: str) -> None:
    """Wait until the page shows these texts, also after a redraw."""
    for text in texts:
        expect(page.get_by_test_id("stMain")).to_contain_text(
            plain(text), use_inner_text=True, timeout=PATIENCE_MS
        )


def plain(text: str) -> str:
    return " ".join(text.split())
