"""Payloads of cross-site scripting, and a check in a browser that none had an effect."""

from collections.abc import Iterator

from playwright.sync_api import Page, expect

from tests.browser.browser_site import PATIENCE_MS, ROOT

PAYLOADS = tuple(
    (ROOT / "tests" / "data" / "xss_payloads.txt").read_text(encoding="utf-8").splitlines()
)
# One of each kind, short enough for every field: an element, an attribute, a Markdown link, a
# template, LaTeX.
COMPACT = """<svg onload=hacked=1> "onclick=x [x](//y) {{7*7}} $\\a{}$"""
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


def stuffed(limit: int, payloads: Iterator[str]) -> str:
    """As many of the next payloads as fit into a field."""
    text = next(payloads)
    for payload in payloads:
        if len(text) + 1 + len(payload) > limit:
            break
        text += " " + payload
    return text[:limit]


def mixed(limit: int, payloads: Iterator[str], mark: str) -> str:
    """One payload of each kind after `mark`, then as many of the next as fit into a field."""
    text = f"{mark} {COMPACT}"
    assert len(text) <= limit
    room = limit - len(text) - 1
    return f"{text} {stuffed(room, payloads)}".strip() if room > 0 else text
