"""Checks of the accessibility tests: axe-core, layout shifts, cut-off content."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import axe_playwright_python
from playwright.sync_api import Page, TimeoutError

from tests.browser.browser_site import settled

Scheme = Literal["light", "dark"]
# Each colour is parsed once: pages have dozens, which axe-core parses thousands of times, for a
# third of its processor time. The results are the same.
_PARSED_ONCE = """(() => {
  const { prototype } = axe.commons.color.Color, parse = prototype.parseString, known = new Map();
  prototype.parseString = function (text) {
    if (!known.has(text)) {
      parse.call(this, text);
      known.set(text, [this.r, this.g, this.b, this.alpha]);
    }
    [this.r, this.g, this.b, this.alpha] = known.get(text);
    return this;
  };
})()"""
# Run through the debugger, to which the page's security policy does not apply.
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(
    encoding="utf-8"
) + _PARSED_ONCE
_RUN = """async ({ runOnly, include, exclude }) => {
  const where = { include: [[include]], exclude: exclude ? [[exclude]] : [] };
  const found = await axe.run(where, { runOnly, resultTypes: ['violations'], preload: false });
  return found.violations.filter((one) => ['serious', 'critical'].includes(one.impact)).map(
    (one) => `${one.id}: ${one.nodes.map((node) => node.html.slice(0, 200)).join(' | ')}`);
}"""
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# All that another colour scheme can break: the rest depends on the markup alone.
_COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
_SHIFTED = """() => {
  const seen = new PerformanceObserver(() => {});
  seen.observe({ type: 'layout-shift', buffered: true });
  return seen.takeRecords().filter((shift) => !shift.hadRecentInput)
    .reduce((sum, shift) => sum + shift.value, 0);
}"""
MOST_SHIFT = 0.1  # "good" by web.dev/cls
ZOOMED = 680  # CSS pixels of a 1360 px window at 200 %


def jumped(page: Page) -> float:
    """How much has jumped on a page since it began to load: the cumulative layout shift."""
    return float(page.evaluate(_SHIFTED))


class Look:
    """Checks pages one after the other and collects problems with their places."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.wrong: list[str] = []
        self.scheme: Scheme = "light"

    def at(
        self,
        what: str,
        *schemes: Scheme,
        within: str = "html",
        without: str = "",
    ) -> None:
        """Check the current page: all rules in the first scheme, those on colours in the others.

        The schemes are light and dark by default, whichever it is in first: to change it, the whole
        page is drawn again. `within` and `without` are selectors of the part to check, and of what
        has been checked already.
        """
        settled(self.page)
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE)
        other: Scheme = "dark" if self.scheme == "light" else "light"
        for number, scheme in enumerate(schemes or (self.scheme, other)):
            self.switch(scheme)
            rules = _COLOURS if number else _RULES
            asked = {"runOnly": rules, "include": within, "exclude": without}
            self.wrong += [
                f"{what}, {scheme}: {found}" for found in self.page.evaluate(_RUN, asked)
            ]

    def switch(self, scheme: Scheme) -> None:
        self.scheme = scheme
        self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        self.page.wait_for_function(
            "want => getComputedStyle(document.querySelector('.stApp')).colorScheme === want",
            arg=scheme,
        )

    def plain(self, what: str) -> None:
        """A page without scripts."""
        self.page.evaluate(AXE)
        asked = {"runOnly": _RULES, "include": "html", "exclude": ""}
        self.wrong += [f"{what}: {found}" for found in self.page.evaluate(_RUN, asked)]

    def still(self, what: str) -> None:
        """Check that nothing has jumped during loading."""
        shift = jumped(self.page)
        if shift >= MOST_SHIFT:
            self.wrong.append(f"{what}: cumulative layout shift {shift:.3f}")

    def zoomed(self, what: str) -> None:
        """Check that nothing is cut off at the right at 200 %."""
        before = self.page.viewport_size
        self.page.set_viewport_size({"width": ZOOMED, "height": 450})
        fits = (
            "() => [document.documentElement, document.querySelector('[data-testid=stMain]')]"
            ".every(one => one.scrollWidth <= one.clientWidth)"
        )
        try:
            self.page.wait_for_function(fits)  # charts adapt to the new width with a delay
        except TimeoutError:
            self.wrong.append(f"{what}: scrolls sideways at 200 %")
        if before:
            self.page.set_viewport_size(before)


@contextmanager
def looking(page: Page) -> Iterator[Look]:
    """Collects problems, so that all are reported together.

    The page is light again at the end: whoever reads colours next must not see the dark ones.
    """
    found = Look(page)
    yield found
    found.switch("light")
    assert found.wrong == []
