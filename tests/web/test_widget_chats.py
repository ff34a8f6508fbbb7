"""The widget over time: reloads, tabs, a lost network, people who take over, shoppers who sign in."""

from __future__ import annotations

from playwright.sync_api import expect

from agent.messages import EventType
from agent.services import Services
from tests.web.chromium import New, Widget
from tests.web.small_shop import ADA, BEN, cards, emit, propose, say


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
