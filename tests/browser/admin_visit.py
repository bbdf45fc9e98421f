"""An admin in a real browser: clicks, fills in fields, and reads the store."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote_plus

from playwright.sync_api import Locator, Page, expect

from core.model.entries import BoardName, Entry
from core.model.published import published_state
from core.model.state import State
from core.store.store import Store
from tests.browser.accessibility import Look
from tests.browser.browser_site import ADMIN_PASSWORD, PATIENCE_MS, Site, see, select, settled

# The menu of an entry's actions has the same role.
DIALOG = "[role=dialog]:not([data-testid=stPopoverBody])"
DESTRUCTIVE = re.compile("^(Remove|Delete|Hide|Purge|Erase|Cancel the job)")
RED = re.compile(r"rgb\(179, 38, 30\)|rgb\(140, 29, 24\)")  # the second under the pointer
_LOOKED: set[str] = set()


def state(site: Site) -> State:
    return Store(site.root, published_state()).read()


def personal(site: Site, ref: str | None) -> Mapping[str, Any]:
    return Store(site.root, published_state()).personal(ref)


def with_contact(site: Site, entry: Entry) -> Entry:
    return Store(site.root, published_state()).with_contact(entry)


def names(site: Site, board: BoardName) -> list[str]:
    return [entry.model_name for entry in state(site).board(board)]


def named(site: Site, board: BoardName, name: str) -> Entry:
    (found,) = [entry for entry in state(site).board(board) if entry.model_name == name]
    return found


def kinds(site: Site) -> list[str]:
    """The kinds of all changes so far, in order."""
    return [line.kind for line in Store(site.root, published_state()).lines()]


def sign_in(page: Page, password: str = ADMIN_PASSWORD) -> None:
    page.get_by_role("textbox", name="Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


class Admin:
    """A signed-in admin's tab.

    Where others look at the same dialogs (`looks` is false), they are not checked with axe-core.
    """

    def __init__(self, page: Page, looks: bool = True) -> None:
        self.page = page
        self.looks = looks
        self.look = Look(page)
        sign_in(page)
        expect(self.page.get_by_role("button", name="Sign out")).to_be_visible()

    @property
    def dialog(self) -> Locator:
        return self.page.locator(DIALOG)

    def looked(self) -> None:
        """The open dialog has no serious finding of axe-core, in light and dark.

        It has at most one primary button, and destructive ones are red. Each kind of dialog is
        checked once in a process, and so is its review. The page is dark after every other check.
        """
        expect(self.dialog).to_be_visible()
        title = self.dialog.get_attribute("aria-label") or self.dialog.inner_text().split("\n")[0]
        if self.dialog.get_by_role("button", name="Back", exact=True).count():
            title = f"{title}, review"
        if self.looks and title not in _LOOKED:
            _LOOKED.add(title)
            self._destructive_is_red()
            self.look.at(f"the dialog {title}", within=DIALOG)
            self._destructive_is_red()
            assert self.look.wrong == []
            assert self.dialog.locator("[data-testid^=stBaseButton-primary]").count() <= 1

    def _destructive_is_red(self) -> None:
        if self.look.scheme == "light":
            for button in self.dialog.get_by_role("button", name=DESTRUCTIVE).all():
                expect(button).to_have_css("background-color", RED)  # once it has faded in

    def part(self, name: str) -> None:
        """Go to a tab, and wait until nothing of the one before is left.

        The page says in its address which tab it draws.
        """
        parts = self.page.get_by_role("radiogroup", name="Part")
        with_count = re.compile(rf"^{re.escape(name)}( \([\d,]+\))?$")
        radio = parts.get_by_role("radio", name=with_count)
        expect(radio).to_have_count(1)  # briefly drawn twice when an element above it is removed
        parts.get_by_text(with_count).click()
        expect(radio).to_be_checked()
        part = re.escape(quote_plus(name))
        expect(self.page).to_have_url(re.compile(rf"[?&]part={part}(&|$)"))
        settled(self.page)

    def search(self, text: str, label: str = "Search by name or organization") -> None:
        """Show only a few rows, which the browser redraws in half the time of a whole board."""
        field = self.page.get_by_role("textbox", name=label, exact=True)
        settled(self.page)
        expect(field).to_have_count(1)  # the previous part has been removed
        field.fill(text)
        field.press("Enter")

    def row(self, key: str) -> Locator:
        """A row of a list, by its key on the page."""
        return self.page.locator(f".st-key-{key}, .st-key-line_{key}")

    def menu(self, row: str) -> Locator:
        """The menu of an entry's actions."""
        return self.row(row).locator("[class*='st-key-actions_']")

    def open(self, row: str, act: str) -> None:
        """Press a row's button and wait for its dialog.

        While the page is redrawn, a row may still have the buttons of the one before it.
        """
        settled(self.page)
        place = self.row(row)
        expect(place.get_by_role("button").first).to_be_visible()
        actions = place.get_by_role("button", name=re.compile("^Actions"))
        if actions.count():  # an entry's buttons are in a menu
            actions.click()
            place = self.page.get_by_test_id("stPopoverBody")
        place.get_by_role("button", name=act, exact=True).click()
        self.looked()

    def begin(self, button: str) -> None:
        """Press a single button and wait for its dialog."""
        self.page.get_by_role("button", name=button, exact=True).click()
        self.looked()

    def field(self, label: str) -> Locator:
        return self.dialog.get_by_role("textbox", name=label, exact=True)

    def fill(self, label: str, text: str) -> None:
        self.field(label).fill(text)

    def day(self, label: str, day: str) -> None:
        """A date of the dialog, typed as YYYY-MM-DD."""
        field = self.dialog.get_by_test_id("stDateInput").filter(has_text=label).locator("input")
        field.fill(day)
        field.press("Enter")

    def choose(self, label: str, option: str) -> None:
        select(self.dialog.get_by_role("combobox", name=label), option)

    def pick(self, label: str, option: str) -> None:
        """Choose one more option; leaving the field closes its list, which covers the rest."""
        field = self.page.get_by_role("combobox", name=label, exact=True)
        whole = field.locator("xpath=ancestor::*[@data-testid='stMultiSelect']")
        select(field, option, whole.get_by_label(f"Remove {option}", exact=True))
        field.press("Tab")

    def press(self, button: str) -> None:
        self.dialog.get_by_role("button", name=button, exact=True).click()

    def review(self, *told: str) -> None:
        """Go from the fields to the review of their changes, and see all of `told` there."""
        self.press("Review the change")
        expect(self.dialog.get_by_role("button", name="Back")).to_be_visible()
        self.looked()
        self.sees(*told)

    def sees(self, *told: str) -> None:
        """Wait until the dialog says all of this."""
        for text in told:
            expect(self.dialog).to_contain_text(text)

    def refused(self, button: str, *told: str) -> None:
        """Press a button of the dialog and be refused."""
        self.press(button)
        self.sees(*told)

    def confirm(self, button: str, done: str) -> None:
        """Press the dialog's last button; the dialog closes and the page shows the outcome."""
        self.press(button)
        self.told(done)

    def told(self, done: str) -> None:
        expect(self.dialog).to_have_count(0)
        expect(self.bar(done).first).to_be_visible()

    def bar(self, done: str) -> Locator:
        """The outcomes at the top of the page with exactly this text."""
        bars = self.page.locator("[class*='st-key-done_']")
        return bars.filter(has=self.page.get_by_text(done, exact=True))

    def undo(self, done: str, *, clicks: int = 1) -> None:
        """Undo the act at the top of the page."""
        bars = self.bar(done)
        settled(self.page)
        if not bars.count() or not bars.first.is_visible():  # earlier outcomes are folded
            self.page.get_by_text(re.compile(r"^Earlier \(")).click()
            expect(bars.first).to_be_visible()
        count = bars.count()
        undo = bars.first.get_by_role("button", name="Undo", exact=True)
        undo.click(click_count=clicks)
        expect(bars).to_have_count(count - 1)
        self.told(f"Undone: {done}")

    def look_until(self, ready: Locator) -> None:
        """Press "Refresh" until something appears."""
        for _ in range(PATIENCE_MS // 500):
            if ready.count():
                break
            self.page.get_by_role("button", name="Refresh").click()
            self.page.wait_for_timeout(500)
        expect(ready).to_be_visible()

    def leave(self) -> None:
        """Close the dialog without doing anything, from its fields or their review."""
        self.dialog.get_by_role("button", name="Close", exact=True).first.click()
        expect(self.dialog).to_have_count(0)

    def close(self) -> None:
        self.dialog.get_by_role("button", name="Close", exact=True).last.click()
        expect(self.dialog).to_have_count(0)


def reader_sees(page: Page, *told: str | re.Pattern[str]) -> None:
    """Reload a page and wait for its texts."""
    page.reload()
    for text in told:
        see(page, text)
