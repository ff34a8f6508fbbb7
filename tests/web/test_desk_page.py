"""The support desk: who may open it, and what staff see and do there while the shopper, the bot and colleagues act."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from agent.messages import EventType, Role, Status
from agent.scripted_model import ScriptedModel
from agent.services import Services
from agent.web.pages.desk_view import DeskView
from agent.web.pages.gate import SIGN_INS
from agent.web.pages.templates import drawer, strict_environment
from tests.conftest import OpenShop
from tests.small_shop import ADA, PENDING, after_turns, answer_to, opened, said
from tests.web.chromium import launched
from tests.web.faces import MARKUP, DeskFace, faces_of, page_of
from tests.web.serving import Web

EVIL = {"Origin": "https://evil.example"}


@pytest.fixture(scope="module")
def desk_shop(small_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    with opened(small_home, tmp_path_factory.mktemp("desk") / "home") as shop:
        shop.staff.set("mira", "another password")
        yield shop


@pytest.fixture(scope="module")
def address(desk_shop: Services) -> Iterator[str]:
    with faces_of(desk_shop) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


@pytest.fixture(scope="module")
def desk_page(browser: Browser, address: str) -> Iterator[Page]:
    """One sign-in for the tests of what is done at the desk."""
    with page_of(browser) as page:
        DeskFace(page, address).opened()
        yield page


@pytest.fixture
def desk(desk_page: Page, address: str) -> DeskFace:
    face = DeskFace(desk_page, address)
    expect(desk_page.locator(".sk-head-user")).to_be_visible()
    return face


def waiting_chat(shop: Services, text: str, shopper: str | None = None) -> str:
    """A chat of somebody who wrote this and then pressed the button for a person."""
    chat = shop.chat.start(shopper).id
    answer_to(shop, chat, text)
    shop.chat.hand_over(chat, f"about {text}")
    return chat


def test_a_wrong_password_opens_nothing_and_the_right_one_the_desk(browser: Browser, address: str) -> None:
    with page_of(browser) as page:
        desk = DeskFace(page, address)
        expect(page.get_by_text("support desk")).to_be_visible()
        desk.sign_in(password="a guess")
        expect(page.get_by_text("Incorrect Credentials")).to_be_visible()
        assert page.locator(".sk-head-user").count() == 0
        desk.sign_in()
        expect(page.locator(".sk-head-user")).to_contain_text("desk")
        page.get_by_role("link", name="log out").click()
        expect(page.get_by_label("password")).to_be_visible()


def test_without_a_sign_in_nothing_of_the_desk_is_told(address: str) -> None:
    with httpx.Client(base_url=address) as web:
        page = web.get("/desk/").text
        assert '"auth_required":true' in page
        assert "sk-waiting" not in page
        assert web.get("/desk/config").status_code == 401
        body = {"data": [], "fn_index": 0, "session_hash": "s"}
        assert web.post("/desk/gradio_api/queue/join", json=body).status_code == 401
        assert web.get("/desk/gradio_api/queue/data", params={"session_hash": "s"}).status_code == 401


def test_sign_ins_are_slowed_down(desk_shop: Services) -> None:
    with faces_of(desk_shop) as address, httpx.Client(base_url=address) as web:
        guess = {"username": "desk", "password": "a guess"}
        answers = [web.post("/desk/login", data=guess).status_code for _ in range(SIGN_INS[0] + 1)]
    assert answers == [400] * SIGN_INS[0] + [429]


@pytest.mark.parametrize("page", ["/demo", "/desk"])
def test_other_origins_are_not_let_in(address: str, page: str) -> None:
    with httpx.Client(base_url=address, headers=EVIL) as web:
        for path in ("/", "/config", "/theme.css", "/gradio_api/startup-events"):
            assert "access-control-allow-origin" not in web.get(page + path).headers
        asked = {**EVIL, "Access-Control-Request-Method": "POST"}
        assert "access-control-allow-origin" not in web.options(page + "/gradio_api/queue/join", headers=asked).headers
        assert web.post(page + "/gradio_api/queue/join", json={}).status_code == 403
        assert web.post(page + "/login", data={"username": "desk", "password": "a password"}).status_code == 403
    cross = {"Sec-Fetch-Site": "cross-site"}
    assert httpx.post(address + page + "/login", data={}, headers=cross).status_code == 403


@pytest.mark.parametrize("page", ["/demo", "/desk"])
@pytest.mark.parametrize(
    "path", ["/gradio_api/upload", "/gradio_api/file=/etc/passwd", "/gradio_api/proxy=http://x", "/monitoring",
             "/gradio_api/openapi.json", "/gradio_api/call/x", "/gradio_api/vibe-code", "/gradio_api/deep_link"]
)  # fmt: skip
def test_what_the_pages_do_not_use_is_not_there(address: str, page: str, path: str) -> None:
    for ask in (httpx.get, httpx.post):
        assert ask(address + page + path).status_code == 404


def test_the_pages_load_nothing_from_elsewhere_and_cannot_be_framed(address: str) -> None:
    for page in ("/demo/", "/desk/"):
        headers = httpx.get(address + page).headers
        assert headers["x-frame-options"] == "DENY"
        assert "connect-src 'self'" in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]


def test_a_waiting_chat_is_taken_over_answered_and_given_back(
    desk: DeskFace, desk_shop: Services, address: str
) -> None:
    with Web(address) as web:
        chat, key = web.start()
        web.post(chat, key, "Where can I park my horse?")
        after_turns(desk_shop, chat, 0)
        desk_shop.chat.hand_over(chat, "about horses")
        desk.choose("about horses")
        expect(desk.chat("about horses")).to_contain_text("waits under 1 min")
        expect(desk.page.locator(".sk-plan")).to_contain_text("Where can I park my horse?")
        desk.press("Take over")
        expect(desk.title).to_contain_text("you are in this chat")
        desk.box.fill("Behind the shop, and there is hay.")
        desk.press("Send")
        expect(desk.said_by("staff").last).to_have_text("Behind the shop, and there is hay.")
        expect(desk.box).to_have_value("")
        last = desk_shop.chat.events(chat)[-1].sequence
        [event] = web.events(chat, key, 1, after=last - 1)
        assert (event["text"], event["by"], event["author"]) == ("Behind the shop, and there is hay.", "staff", "desk")
        desk.press("Give back")
        expect(desk.title).to_contain_text("the bot is in it")
        assert desk_shop.conversations.get(chat).status is Status.BOT
        assert said(answer_to(desk_shop, chat, "Thank you!"))


def test_a_chat_is_closed(desk: DeskFace, desk_shop: Services) -> None:
    chat = waiting_chat(desk_shop, "closing time")
    desk.choose("about closing time")
    desk.press("Take over")
    desk.press("Close")
    expect(desk.title).to_contain_text("closed")
    assert desk_shop.conversations.get(chat).status is Status.CLOSED


def test_the_plan_shows_the_shopper_their_orders_and_what_waits_for_a_yes(desk: DeskFace, desk_shop: Services) -> None:
    waiting_chat(desk_shop, f"cancel order {PENDING}", ADA)
    desk.choose(f"about cancel order {PENDING}")
    plan = desk.page.locator(".sk-plan")
    expect(plan).to_contain_text("ada@example.com")
    expect(plan.locator(".sk-effect")).to_contain_text("back to you")
    expect(plan.locator(".sk-tried")).to_contain_text("cancel_order")
    expect(plan.locator(".sk-fold", has_text=PENDING)).to_be_visible()


def test_when_a_colleague_was_faster_one_line_says_so(desk: DeskFace, desk_shop: Services) -> None:
    chat = waiting_chat(desk_shop, "two at once")
    desk.choose("about two at once")
    desk_shop.desk.take_over(chat, "mira")
    desk.press("Take over")
    expect(desk.notice).to_have_text("Mira is in this chat already.")
    assert desk_shop.conversations.get(chat).assigned_to == "mira"


def test_what_is_typed_outlives_every_look_and_stays_with_its_chat(desk: DeskFace, desk_shop: Services) -> None:
    for text in ("first draft", "second draft"):
        waiting_chat(desk_shop, text)
    desk.choose("about first draft")
    desk.press("Take over")
    desk.box.fill("For the first, half writ")
    waiting_chat(desk_shop, "the newest")
    expect(desk.chat("about the newest")).to_be_visible()  # a look has come and gone
    expect(desk.box).to_have_value("For the first, half writ")
    desk.choose("about second draft")
    expect(desk.box).to_have_value("")
    desk.choose("about first draft")
    expect(desk.box).to_have_value("For the first, half writ")


def test_a_chat_is_taken_from_the_bot(desk: DeskFace, desk_shop: Services) -> None:
    chat = desk_shop.chat.start().id
    answer_to(desk_shop, chat, "I keep bees")
    desk.show_the_bots()
    desk.choose("I keep bees")
    expect(desk.title).to_contain_text("the bot is in it")
    desk.press("Take over")
    expect(desk.title).to_contain_text("you are in this chat")
    assert desk_shop.conversations.get(chat).assigned_to == "desk"


def blocked(entered: threading.Event, release: threading.Event) -> Callable[..., str]:
    def step(_messages: object) -> str:
        entered.set()
        assert release.wait(60)
        return "A late draft."

    return step


def test_a_draft_that_was_under_way_never_lands_after_a_take_over(browser: Browser, open_small_shop: OpenShop) -> None:
    entered, release = threading.Event(), threading.Event()
    shop = open_small_shop(given=ScriptedModel(script=[blocked(entered, release)]), model_timeout=120.0)
    chat = shop.chat.start().id
    shop.chat.post(chat, "m1", "Is anybody there?")
    try:
        assert entered.wait(30)
        with faces_of(shop) as address, page_of(browser) as page:
            desk = DeskFace(page, address).opened()
            desk.show_the_bots()
            desk.choose("Is anybody there?")
            desk.press("Take over")
            expect(desk.title).to_contain_text("you are in this chat")
            release.set()
            events = after_turns(shop, chat, 0)
            desk.box.fill("Yes, me.")
            desk.press("Send")
            expect(desk.said_by("staff").last).to_have_text("Yes, me.")
            assert page.get_by_text("A late draft.").count() == 0
    finally:
        release.set()
    assert "A late draft." not in said(events)
    assert "A late draft." not in [m.text for m in shop.conversations.messages(chat)]


def test_without_a_take_over_the_same_draft_lands(open_small_shop: OpenShop) -> None:
    entered, release = threading.Event(), threading.Event()
    shop = open_small_shop(given=ScriptedModel(script=[blocked(entered, release)]), model_timeout=120.0)
    chat = shop.chat.start().id
    shop.chat.post(chat, "m1", "Is anybody there?")
    release.set()
    assert "A late draft." in said(after_turns(shop, chat, 0))


def assert_nothing_runs(page: Page, shop: Services, address: str) -> None:
    chat = shop.chat.start().id
    answer_to(shop, chat, MARKUP)
    shop.chat.hand_over(chat, f"odd {MARKUP}")
    desk = DeskFace(page, address)
    expect(page.locator(".sk-head-user")).to_be_visible()
    desk.choose("odd <img")
    desk.press("Take over")
    desk.box.fill(MARKUP)
    desk.press("Send")
    expect(desk.said_by("staff").last).to_contain_text("bold")
    desk.show_the_bots()
    page.wait_for_timeout(300)
    assert page.evaluate("window.hacked") is None, "something that a shopper wrote ran"
    assert desk.said_by("shopper").last.inner_text() == MARKUP
    assert desk.said_by("staff").last.inner_text() == MARKUP
    assert MARKUP in page.locator(".sk-plan").inner_text()
    assert page.locator("a[href^='javascript']").count() == 0


def test_markup_of_shoppers_stays_text(browser: Browser, open_small_shop: OpenShop) -> None:
    shop = open_small_shop()
    with faces_of(shop) as address, page_of(browser) as page:
        DeskFace(page, address).opened()
        assert_nothing_runs(page, shop, address)


def test_the_check_notices_templates_that_do_not_escape(browser: Browser, open_small_shop: OpenShop) -> None:
    shop = open_small_shop()
    with faces_of(shop, drawer(strict_environment(autoescape=False))) as address, page_of(browser) as page:
        DeskFace(page, address).opened()
        with pytest.raises(AssertionError, match="ran"):
            assert_nothing_runs(page, shop, address)


def test_the_longest_waiting_is_at_the_top_whoever_wrote_last(open_small_shop: OpenShop) -> None:
    shop = open_small_shop()
    first, second = waiting_chat(shop, "one"), waiting_chat(shop, "two")
    shop.chat.post(first, "again", "still here")
    screen = DeskView(shop).screen("desk", None, bots=False)
    assert [row.id for row in screen.waiting] == [first, second]
    assert screen.head == "2 waiting · 0 yours"


def test_a_chat_that_waits_has_no_words_of_the_bot_after_the_hand_over(open_small_shop: OpenShop) -> None:
    """What the waiting time is read from."""
    shop = open_small_shop()
    chat = waiting_chat(shop, "one")
    answer_to(shop, chat, "hello?")
    messages = shop.conversations.messages(chat)
    handed_over = next(e.sequence for e in shop.chat.events(chat) if e.type is EventType.HANDED_OVER)
    assert [m for m in messages if m.role is Role.BOT and m.sequence > handed_over] == []
