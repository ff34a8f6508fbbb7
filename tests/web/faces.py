"""The demo and the desk behind a real server, and the words for what people do on them in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Locator, Page, expect

from agent.services import Services
from agent.web.api import create_app
from agent.web.mounting import mount_pages
from agent.web.pages.templates import Draw
from tests.web.serving import serving

MARKUP = "<img src=x onerror=\"window.hacked='yes'\"> [link](javascript:window.hacked='link') **bold** ${7*7} {{7*7}}"


@contextmanager
def faces_of(shop: Services, draw: Draw | None = None) -> Iterator[str]:
    """The address of the shop with both pages, until the end."""
    with serving(mount_pages(create_app(shop), shop, draw)) as address:
        yield address


@contextmanager
def page_of(browser: Browser) -> Iterator[Page]:
    """A page of a visitor's own, with a generous but bounded patience."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(20_000)
    expect.set_options(timeout=20_000)
    try:
        yield page
    finally:
        context.close()


class DemoFace:
    """The developers' demo, as its visitor sees it."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        page.goto(address + "/demo")
        expect(self.said_by("bot").first).to_be_visible()

    def said_by(self, who: str) -> Locator:
        return self.page.locator(f".sk-{who} .sk-bubble")

    @property
    def newest_turn(self) -> Locator:
        return self.page.locator(".sk-turn").first

    def send(self, text: str) -> None:
        before = self.page.locator(".sk-turn").count()
        self.page.locator("#sk-text textarea").fill(text)
        self.page.locator("#sk-send").click()
        expect(self.page.locator(".sk-turn")).to_have_count(before + 1)
        expect(self.newest_turn.locator("summary .sk-ms").first).to_contain_text("s")  # its length: it has ended

    def sign_in_as(self, name: str) -> None:
        self.page.locator("#sk-person input").click()
        self.page.get_by_role("option", name=name).click()
        expect(self.page.locator(".sk-note", has_text="signed in as")).to_be_visible()

    def switch_model(self, name: str) -> None:
        self.page.get_by_role("button", name="Dialog model").click()
        box = self.page.locator("#sk-model input")
        box.fill(name)
        box.press("Enter")
        self.page.locator("#sk-switch").click()

    @property
    def notice(self) -> Locator:
        return self.page.locator(".sk-notice .sk-line-notice")


class DeskFace:
    """The support desk, as a member of staff sees it."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        page.goto(address + "/desk")

    def sign_in(self, name: str = "desk", password: str = "a password") -> None:
        self.page.get_by_label("username").fill(name)
        self.page.get_by_label("password").fill(password)
        self.page.get_by_role("button", name="Login").click()

    def opened(self) -> DeskFace:
        self.sign_in()
        expect(self.page.locator(".sk-head-user")).to_be_visible()
        return self

    def chat(self, text: str) -> Locator:
        return self.page.locator(".sk-list label:visible", has_text=text)

    def choose(self, text: str) -> None:
        self.chat(text).click()
        expect(self.page.locator(".sk-plan")).to_be_visible()

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def show_the_bots(self) -> None:
        self.page.get_by_role("tab", name="Bot’s chats").click()

    @property
    def box(self) -> Locator:
        return self.page.locator("#sk-reply textarea")

    @property
    def title(self) -> Locator:
        return self.page.locator("h2", has_text=" – ")

    @property
    def notice(self) -> Locator:
        return self.page.locator(".sk-notice .sk-line-notice")

    def said_by(self, who: str) -> Locator:
        return self.page.locator(f".sk-{who} .sk-bubble")
