"""The widget in a real browser: what a shopper sees and can do, with a mouse, a keyboard or a thumb."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from agent.messages import EventType
from agent.present import comparison, order_card, product_card
from agent.services import Services
from tests.web.chromium import Widget, launched
from tests.web.small_shop import ADA, BEN, done, emit, propose, say

New = Callable[..., Widget]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


@pytest.fixture
def new(browser: Browser, address: str) -> Iterator[New]:
    """A visitor of the demo store."""
    contexts = []

    def visit(path: str = "/", **settings: Any) -> Widget:
        context = browser.new_context(**settings)
        context.set_default_timeout(6_000)
        contexts.append(context)
        widget = Widget(context.new_page())
        widget.page.goto(address + path)
        return widget

    yield visit
    for context in contexts:
        context.close()


def cards(shop: Services, *ids: str) -> list[dict[str, Any]]:
    return [product_card(p, ("Often chosen with your desk",)) for p in shop.catalogue.products(ids)]


def test_the_first_thing_said_is_that_it_is_an_ai(new: New) -> None:
    widget = new().open()
    expect(widget.entries("bot")).to_contain_text("AI")
    assert widget.faults == []


def test_a_message_goes_out_once_however_often_enter_is_pressed(new: New, shop: Services) -> None:
    widget = new().open()
    widget.box.fill("a blue mug")
    for _ in range(3):
        widget.box.press("Enter")
    widget.page.get_by_role("button", name="Send").dblclick()
    widget.sent()
    expect(widget.entries("shopper")).to_have_text(["a blue mug"])
    written = [m["text"] for m in shop.chat.history(widget.chat)[1] if m["role"] == "shopper"]
    assert written == ["a blue mug"]


def test_work_is_told_in_words_until_the_reply_comes(new: New, shop: Services) -> None:
    widget = new().open()
    widget.send("a lamp")
    widget.sent()
    emit(shop, widget.chat, EventType.WORKING, step="search_products")
    expect(widget.page.locator(".working")).to_contain_text("Looking through the shelves")
    say(shop, widget.chat, "Here are some lamps.")
    expect(widget.entries("bot").last).to_have_text("Here are some lamps.")
    expect(widget.page.locator(".working")).to_have_count(0)


def test_products_are_numbered_cards_with_all_that_helps_to_choose(new: New, shop: Services) -> None:
    widget = new().open()
    emit(shop, widget.chat, EventType.SHOWED, products=cards(shop, "mugs-blue", "mugs-white", "shirt"))
    shown = widget.page.locator(".product")
    expect(shown).to_have_count(3)
    expect(shown.nth(0)).to_contain_text("Blue mug")
    expect(shown.nth(0)).to_contain_text("$20.00")
    expect(shown.nth(0)).to_contain_text("★ 4.0")
    expect(shown.nth(0)).to_contain_text("Often chosen with your desk")
    expect(shown.nth(1)).to_contain_text("out of stock")
    expect(shown.nth(2)).to_contain_text("from $16.00")
    expect(widget.page.locator(".product .number")).to_have_text(["1", "2", "3"])
    picture = shown.nth(0).locator("img")
    expect(picture).to_have_js_property("complete", True)
    assert picture.evaluate("image => image.naturalWidth") > 0
    shown.nth(0).click()
    expect(widget.page).to_have_url(f"{widget.page.url.split('/product')[0]}/product/mugs-blue")


def test_a_comparison_is_a_table_and_an_order_a_card(new: New, shop: Services) -> None:
    widget = new().open()
    pair = shop.catalogue.products(["mugs-blue", "mugs-green"])
    emit(shop, widget.chat, EventType.SHOWED, comparison=comparison(pair))
    expect(widget.page.get_by_role("row", name="Price")).to_contain_text("$20.00")
    expect(widget.page.get_by_role("columnheader", name="Green mug")).to_be_visible()
    emit(shop, widget.chat, EventType.SHOWED, order=order_card(shop.people.order("JF-1001", ADA)))
    order = widget.page.get_by_role("region", name="Order JF-1001")
    for text in ("pending", "Blue mug", "large", "2 ×", "$40.00", "Total", "$44.95"):
        expect(order).to_contain_text(text)


def test_a_confirm_card_shows_exactly_the_effect_and_works_once(new: New, shop: Services) -> None:
    widget = new().open()
    proposal = propose(shop, widget.chat, "yes-card")
    card = widget.page.get_by_role("region", name="Cancel order JF-1001")
    for text in ("pending", "cancelled", "no longer needed", "$44.95 back to you", "Visa ending 4411", "cannot be"):
        expect(card).to_contain_text(text)
    yes = card.get_by_role("button", name="Yes, do it")
    with widget.page.expect_response("**/proposals/yes-card") as answer:
        yes.dblclick()
    assert answer.value.request.post_data_json == {"accept": True}
    expect(yes).to_be_disabled()
    done(shop, widget.chat, proposal)
    expect(card).to_contain_text("Done")
    expect(card.get_by_role("button")).to_have_count(0)
    assert len([1 for m in shop.conversations.messages(widget.chat) if m.text == "pressed yes"]) == 1


def test_no_leaves_everything_and_closes_the_card(new: New, shop: Services) -> None:
    widget = new().open()
    propose(shop, widget.chat, "no-card")
    widget.page.get_by_role("button", name="No, leave it").click()
    expect(widget.page.locator(".confirm")).to_contain_text("Left as it was")
    assert [m.text for m in shop.conversations.messages(widget.chat)][-1] == "pressed no"


def test_an_old_card_closes_when_it_runs_out_or_a_new_one_comes(new: New, shop: Services) -> None:
    widget = new().open()
    propose(shop, widget.chat, "old-card")
    propose(shop, widget.chat, "short-card", minutes=0.03)
    expect(widget.page.locator("[data-proposal=old-card]")).to_contain_text("no longer open")
    expect(widget.page.locator("[data-proposal=short-card]")).to_contain_text("has run out")
    expect(widget.page.get_by_role("button", name="Yes, do it")).to_have_count(0)


def test_a_reload_brings_the_same_chat_back(new: New, shop: Services) -> None:
    widget = new().open()
    chat = widget.chat
    widget.send("a blue mug")
    widget.sent()
    say(shop, chat, "Here is one.", quick_replies=["Cheaper"])
    emit(shop, chat, EventType.SHOWED, products=cards(shop, "mugs-blue"))
    propose(shop, chat, "answered")
    shop.chat.decide(chat, "answered", accept=False)
    propose(shop, chat, "still-open")
    expect(widget.page.locator("[data-proposal=still-open]")).to_be_visible()
    widget.page.reload()
    assert widget.chat == chat
    widget.open()
    expect(widget.page.locator(".log .bubble")).to_have_count(3)
    expect(widget.entries("shopper")).to_have_text(["a blue mug"])
    expect(widget.page.locator(".product")).to_have_count(1)
    expect(widget.page.locator("[data-proposal=answered]")).to_contain_text("no longer open")
    yes = widget.page.get_by_role("button", name="Yes, do it")
    expect(yes).to_have_count(1)
    order = widget.page.locator(".log").evaluate("log => [...log.children].map(e => e.className)")
    assert [c.split()[1] for c in order] == ["bot", "shopper", "bot", "shown", "shown", "shown"]


def test_what_came_while_the_panel_was_closed_is_counted(new: New, shop: Services) -> None:
    widget = new().open()
    widget.page.keyboard.press("Escape")
    expect(widget.panel).to_be_hidden()
    say(shop, widget.chat, "One more thing.")
    expect(widget.page.get_by_role("button", name="Chat with us, 1 new")).to_be_visible()
    widget.page.reload()
    expect(widget.page.locator(".badge")).to_have_text("1")
    widget.open()
    widget.page.keyboard.press("Escape")
    expect(widget.page.locator(".badge")).to_be_hidden()


def test_quick_replies_are_sent_as_they_read(new: New, shop: Services) -> None:
    widget = new().open()
    say(shop, widget.chat, "Which?", quick_replies=["Cheaper", {"label": "In blue", "text": "only blue ones"}])
    widget.page.get_by_role("button", name="In blue").click()
    expect(widget.entries("shopper")).to_have_text(["only blue ones"])
    expect(widget.page.get_by_role("button", name="Cheaper")).to_have_count(0)


def test_a_person_comes_is_named_and_gives_back(new: New, shop: Services) -> None:
    widget = new().open()
    widget.page.get_by_role("button", name="Talk to a person").click()
    expect(widget.panel).to_contain_text("Waiting for a person")
    shop.desk.take_over(widget.chat, "Mara")
    shop.desk.reply(widget.chat, "Mara", "Hello from the team.")
    expect(widget.panel).to_contain_text("You are talking to Mara")
    expect(widget.page.locator(".author").last).to_have_text("Mara, from the team")
    shop.desk.give_back(widget.chat, "Mara")
    expect(widget.panel).to_contain_text("AI assistant · answers at once")


def test_a_closed_chat_asks_for_a_rating_and_offers_a_new_one(new: New, shop: Services) -> None:
    widget = new().open()
    first = widget.chat
    shop.chat.hand_over(first)
    shop.desk.take_over(first, "Mara")
    shop.desk.close(first, "Mara")
    expect(widget.box).to_be_hidden()
    widget.page.get_by_label("4 stars").check()
    with widget.page.expect_response("**/rating") as answer:
        widget.page.get_by_role("button", name="Send rating").click()
    assert answer.value.request.post_data_json == {"stars": 4, "text": ""}
    expect(widget.panel).to_contain_text("Thank you for telling us")
    widget.page.get_by_role("button", name="Start a new chat").click()
    expect(widget.box).to_be_visible()
    expect(widget.entries("bot")).to_have_count(1)
    assert widget.chat != first


def test_signing_in_from_the_chat(new: New, shop: Services) -> None:
    widget = new().open()
    widget.send("where is my order?")
    widget.sent()
    emit(shop, widget.chat, EventType.REFUSED, rule="identity.sign_in", text="Please sign in.")
    widget.page.get_by_role("button", name="Sign in", exact=True).click()
    widget.page.get_by_role("button", name="Ada Moreau").click()
    expect(widget.panel).to_contain_text("You are signed in as Ada Moreau")
    expect(widget.page.get_by_role("button", name="Sign in", exact=True)).to_have_count(0)
    expect(widget.page.get_by_role("button", name="Ask again")).to_contain_text("where is my order?")
    expect(widget.page.locator("#for-you-title")).to_have_text("For you, Ada")
    assert shop.conversations.get(widget.chat).shopper_id == ADA


def test_another_shopper_on_the_same_machine_gets_another_chat(new: New, shop: Services) -> None:
    widget = new()
    widget.page.get_by_label("Demo: sign in as").select_option(ADA)
    expect(widget.page.locator("#for-you-title")).to_have_text("For you, Ada")
    widget.open()
    adas = widget.chat
    widget.send("something private")
    widget.sent()
    widget.page.keyboard.press("Escape")
    widget.page.get_by_label("Demo: sign in as").select_option(BEN)
    expect(widget.page.locator("#for-you-title")).to_have_text("For you, Ben")
    widget.launcher.click()
    expect(widget.entries("bot").first).to_contain_text("Ben")
    expect(widget.entries("shopper")).to_have_count(0)
    assert widget.chat != adas
    assert shop.conversations.get(widget.chat).shopper_id == BEN


def test_a_message_written_offline_goes_out_when_the_network_is_back(new: New, shop: Services) -> None:
    widget = new().open()
    chat = widget.chat
    widget.page.context.set_offline(True)
    widget.send("are you there?")
    expect(widget.page.locator(".send-note")).to_contain_text("No connection")
    widget.page.context.set_offline(False)
    widget.sent()
    assert [m["text"] for m in shop.chat.history(chat)[1]][-1] == "are you there?"
    say(shop, chat, "Yes!")
    expect(widget.entries("bot").last).to_have_text("Yes!")


def test_everything_works_with_the_keyboard_alone(new: New, shop: Services) -> None:
    widget = new()
    widget.launcher.focus()
    widget.page.keyboard.press("Enter")
    expect(widget.panel).to_be_visible()
    widget.entries("bot").first.wait_for()
    assert widget.focused() == "Your message"
    widget.page.keyboard.type("two lines")
    widget.page.keyboard.press("Shift+Enter")
    widget.page.keyboard.type("of text")
    widget.page.keyboard.press("Enter")
    expect(widget.entries("shopper")).to_have_text(["two lines\nof text"])
    propose(shop, widget.chat, "keyboard-card")
    expect(widget.page.get_by_role("button", name="Yes, do it")).to_be_visible()
    seen = []
    for _ in range(12):
        widget.page.keyboard.press("Tab")
        seen.append(widget.focused())
    assert {"Close the chat", "Conversation", "No, leave it", "Yes, do it", "Send", "Your message"} <= set(seen)
    assert "" not in seen, "the focus left the panel"
    while widget.focused() != "No, leave it":
        widget.page.keyboard.press("Tab")
    widget.page.keyboard.press("Enter")
    expect(widget.page.locator(".confirm")).to_contain_text("Left as it was")
    widget.page.keyboard.press("Escape")
    expect(widget.panel).to_be_hidden()
    assert widget.focused() == "Chat with us"


def test_a_screen_reader_is_told_what_is_new_and_who_said_it(new: New, shop: Services) -> None:
    widget = new().open()
    log = widget.page.get_by_role("log", name="Conversation")
    expect(log).to_have_attribute("aria-live", "polite")
    say(shop, widget.chat, "All words at once, for those who listen.")
    expect(widget.page.locator(".entry.bot").last).to_have_text(
        "AI assistant: All words at once, for those who listen."
    )


def test_it_fills_a_phone_and_nothing_hangs_over(new: New, shop: Services) -> None:
    widget = new(viewport={"width": 360, "height": 640}, has_touch=True, is_mobile=True)
    assert widget.page.evaluate("document.documentElement.scrollWidth") <= 360
    widget.open()
    pair = shop.catalogue.products(["mugs-blue", "mugs-green", "mugs-black"])
    say(shop, widget.chat, "W" * 300)
    emit(shop, widget.chat, EventType.SHOWED, products=cards(shop, "mugs-blue", "shirt"))
    emit(shop, widget.chat, EventType.SHOWED, comparison=comparison(pair))
    propose(shop, widget.chat, "phone-card")
    expect(widget.page.get_by_role("button", name="Yes, do it")).to_be_visible()
    box = widget.panel.bounding_box()
    assert box is not None and (box["x"], box["y"], box["width"], box["height"]) == (0, 0, 360, 640)
    log = widget.page.locator(".log")
    assert log.evaluate("log => log.scrollWidth <= log.clientWidth")
    send = widget.page.get_by_role("button", name="Send").bounding_box()
    assert send is not None and send["x"] + send["width"] <= 360 and send["height"] >= 40


def test_reduced_motion_is_respected(new: New, shop: Services) -> None:
    widget = new(reduced_motion="reduce").open()
    say(shop, widget.chat, "No word moves here.")
    expect(widget.entries("bot").last).to_have_text("No word moves here.")
    moving = widget.page.locator(".word").last.evaluate("word => getComputedStyle(word).animationName")
    assert moving == "none"


def test_two_tabs_show_one_chat(new: New, shop: Services) -> None:
    first = new().open()
    second = Widget(first.page.context.new_page())
    second.page.goto(first.page.url)
    second.open()
    assert second.chat == first.chat
    first.send("from the first tab")
    first.sent()
    say(shop, first.chat, "Heard in both.")
    expect(second.entries("bot").last).to_have_text("Heard in both.")
    expect(second.entries("shopper")).to_have_text(["from the first tab"])
    say(shop, first.chat, "masked?")
    first.send("my card is 4111 1111 1111 1111")
    first.sent()
    say(shop, first.chat, "Thank you.")
    expect(first.entries("shopper").last).to_contain_text("card ending 1111")
