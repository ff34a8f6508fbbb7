"""A real Chromium for the tests, and the words for what a shopper does in the widget."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium() -> str | None:
    """Where Chromium is; None where there is none (playwright's own is then tried)."""
    return os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")


@contextmanager
def launched() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        yield browser
        browser.close()


class Widget:
    """The chat on a page, as its shopper sees it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.faults: list[str] = []
        page.on("pageerror", lambda error: self.faults.append(str(error)))

    def open(self) -> Widget:
        self.launcher.click()
        self.entries("bot").first.wait_for()
        return self

    @property
    def launcher(self) -> Locator:
        return self.page.locator("button.launcher")

    @property
    def panel(self) -> Locator:
        return self.page.get_by_role("dialog", name="Chat with")

    @property
    def box(self) -> Locator:
        return self.page.get_by_label("Your message")

    @property
    def chat(self) -> str:
        """The id of the conversation."""
        for _ in range(100):
            script = "(document.querySelector('shopkeeper-chat').session.chat || {}).id || ''"
            if found := self.page.evaluate(script):
                return str(found)
            self.page.wait_for_timeout(30)
        raise AssertionError("no conversation was begun")

    def send(self, text: str) -> None:
        self.box.fill(text)
        self.box.press("Enter")

    def entries(self, by: str) -> Locator:
        return self.page.locator(f".entry.{by} .bubble")

    def sent(self) -> None:
        """Wait until the last message has arrived."""
        expect(self.page.locator(".shopper.sending")).to_have_count(0)

    def focused(self) -> str:
        """The name of what has the focus in the widget."""
        script = """() => { const e = document.querySelector('shopkeeper-chat').shadowRoot.activeElement;
            return e ? e.getAttribute('aria-label') || e.textContent : '' }"""
        name: str = self.page.evaluate(script)
        return name


New = Callable[..., Widget]
"""Makes a visitor of the demo store: `new(path, **settings of the browser)`."""
