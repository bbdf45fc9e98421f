"""What the accessibility tests look for: findings of axe-core, layout shifts, what is cut off."""

from pathlib import Path

import axe_playwright_python
from playwright.sync_api import Page, TimeoutError

from tests.browser.browser_site import settled

# Run in the page by its debugger, which the page's security policy does not concern.
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
_RUN = """async () => {
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
  const found = await axe.run({ runOnly: tags, resultTypes: ['violations'] });
  return found.violations.filter((one) => ['serious', 'critical'].includes(one.impact)).map(
    (one) => `${one.id}: ${one.nodes.map((node) => node.html.slice(0, 200)).join(' | ')}`);
}"""
# Put into a page before its own scripts.
SHIFTS = """window.shifted = 0; new PerformanceObserver((list) => {
  for (const shift of list.getEntries()) if (!shift.hadRecentInput) window.shifted += shift.value;
}).observe({ type: 'layout-shift', buffered: true })"""
MOST_SHIFT = 0.1  # "good" by web.dev/cls
ZOOMED = 680  # CSS pixels that a window of 1360 has at 200 %


class Look:
    """Looks at one page after the other and keeps what is wrong, each with where it was."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.wrong: list[str] = []

    def at(self, what: str) -> None:
        """The page as it is now, in light and dark."""
        settled(self.page)
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE)
        for scheme in ("light", "dark"):
            self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            self.page.wait_for_function(
                "want => getComputedStyle(document.querySelector('.stApp')).colorScheme === want",
                arg=scheme,
            )
            self.wrong += [f"{what}, {scheme}: {found}" for found in self.page.evaluate(_RUN)]
        self.page.emulate_media(color_scheme="light", reduced_motion="reduce")

    def plain(self, what: str) -> None:
        """A page without scripts."""
        self.page.evaluate(AXE)
        self.wrong += [f"{what}: {found}" for found in self.page.evaluate(_RUN)]

    def still(self, what: str) -> None:
        """What was loaded has not jumped."""
        shift = self.page.evaluate("window.shifted")
        if shift >= MOST_SHIFT:
            self.wrong.append(f"{what}: cumulative layout shift {shift:.3f}")

    def zoomed(self, what: str) -> None:
        """At 200 % nothing is cut off at the right."""
        before = self.page.viewport_size
        self.page.set_viewport_size({"width": ZOOMED, "height": 450})
        fits = (
            "() => [document.documentElement, document.querySelector('[data-testid=stMain]')]"
            ".every(one => one.scrollWidth <= one.clientWidth)"
        )
        try:
            self.page.wait_for_function(fits)  # charts take their new width in a moment
        except TimeoutError:
            self.wrong.append(f"{what}: scrolls sideways at 200 %")
        if before:
            self.page.set_viewport_size(before)
