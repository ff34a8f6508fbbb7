"""The widget in a real browser: what a shopper sees and can do, with a mouse, a keyboard or a thumb."""

from __future__ import annotations

from playwright.sync_api import expect

from agent.messages import EventType
from agent.present import comparison, order_card
from agent.services import Services
from tests.web.chromium import New
from tests.web.small_shop import ADA, cards, done, emit, propose, say


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


def test_a_refusal_is_shown_and_not_said_twice(new: New, shop: Services) -> None:
    widget = new().open()
    emit(shop, widget.chat, EventType.REFUSED, rule="cancellation.states", text="It is shipped already.")
    expect(widget.page.locator(".refusal")).to_have_text("It is shipped already.")
    say(shop, widget.chat, "It is shipped already.")
    expect(widget.entries("bot").last).to_have_text("It is shipped already.")
    expect(widget.page.locator(".refusal")).to_have_count(0)


def test_an_old_card_closes_when_it_runs_out_or_a_new_one_comes(new: New, shop: Services) -> None:
    widget = new().open()
    propose(shop, widget.chat, "old-card")
    propose(shop, widget.chat, "short-card", minutes=0.03)
    expect(widget.page.locator("[data-proposal=old-card]")).to_contain_text("no longer open")
    expect(widget.page.locator("[data-proposal=short-card]")).to_contain_text("has run out")
    expect(widget.page.get_by_role("button", name="Yes, do it")).to_have_count(0)


def test_quick_replies_are_sent_as_they_read(new: New, shop: Services) -> None:
    widget = new().open()
    say(shop, widget.chat, "Which?", quick_replies=["Cheaper", {"label": "In blue", "text": "only blue ones"}])
    widget.page.get_by_role("button", name="In blue").click()
    expect(widget.entries("shopper")).to_have_text(["only blue ones"])
    expect(widget.page.get_by_role("button", name="Cheaper")).to_have_count(0)


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
    widget.panel.evaluate("panel => Promise.all(panel.getAnimations().map(move => move.finished))")
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
