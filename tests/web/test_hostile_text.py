"""Product titles, replies and cards that are markup stay text: in the widget on any page, and on the store's pages."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.responses import HTMLResponse, Response
from playwright.sync_api import Browser, expect

from agent.messages import EventType
from agent.present import product_card
from agent.services import Services
from agent.web.api import create_app
from agent.web.script import widget_script
from tests.web.chromium import Widget
from tests.web.serving import serving
from tests.web.small_shop import HOSTILE, HOSTILE_TITLE, emit, propose, say

HOST = "/demo/host"  # outside our security headers: a page without any fence of its own
MARKUP = "<img src=x onerror=\"window.hacked='said'\">"


def with_host_page(shop: Services, script: str) -> FastAPI:
    """The app, and a customer's unprotected page that embeds this script."""
    app = create_app(shop)
    app.get("/demo/widget.js")(lambda: Response(script, media_type="text/javascript"))
    page = '<!doctype html><title>host</title><body><h1>A shop</h1><script src="/demo/widget.js" defer></script>'
    app.get(HOST)(lambda: HTMLResponse(page))
    return app


def check_that_nothing_runs(browser: Browser, shop: Services, address: str) -> None:
    context = browser.new_context()
    try:
        widget = Widget(context.new_page())
        widget.page.goto(address + HOST)
        widget.open()
        chat = widget.chat
        widget.send(MARKUP)
        widget.sent()
        card: dict[str, Any] = product_card(shop.catalogue.products([HOSTILE])[0], (MARKUP,))
        card["url"] = "javascript:window.hacked='link'"
        say(shop, chat, MARKUP + " \u202e <script>window.hacked='script'</script>", quick_replies=[MARKUP])
        emit(shop, chat, EventType.SHOWED, products=[card])
        table = {"products": [card], "rows": [{"name": MARKUP, "values": [MARKUP]}]}
        emit(shop, chat, EventType.SHOWED, comparison=table)
        propose(shop, chat, f"card-{chat}")
        emit(shop, chat, EventType.REFUSED, rule="x", text=MARKUP)
        emit(shop, chat, EventType.SAID, text="end", evidence=[], by="staff", author=MARKUP)
        expect(widget.entries("staff")).to_have_text("end")
        widget.page.wait_for_timeout(150)
        assert widget.page.evaluate("window.hacked") is None
        assert HOSTILE_TITLE in widget.page.locator(".product .name").first.inner_text()
        assert widget.page.locator("a[href^='javascript']").count() == 0
        assert widget.page.locator(".log img").count() == 0  # its only picture was a script
        assert widget.faults == []
    finally:
        context.close()


def test_the_widget_runs_nothing_that_is_said_or_sold(browser: Browser, shop: Services) -> None:
    with serving(with_host_page(shop, widget_script().text)) as address:
        check_that_nothing_runs(browser, shop, address)


def test_the_check_notices_a_widget_that_reads_markup(browser: Browser, shop: Services) -> None:
    safe = "element.append(...children"
    put = "(c.nodeType ? element.append(c) : element.insertAdjacentHTML('beforeend', c))"
    markup = f"((all) => all.forEach((c) => {put}))"
    careless = widget_script().text.replace(safe, f"{markup}(children")
    assert careless != widget_script().text
    with serving(with_host_page(shop, careless)) as address, pytest.raises(AssertionError, match="is None"):
        check_that_nothing_runs(browser, shop, address)


def test_the_store_s_pages_run_nothing_either(browser: Browser, address: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    for path in (f"/product/{HOSTILE}", "/?q=hostile+lamp", f"/?q={MARKUP}", "/?category=<i>Odd</i> lamps"):
        page.goto(address + path)
        page.locator("#results li, #alike-products li, #results-note:not(:empty)").first.wait_for()
        assert page.evaluate("window.hacked") is None
        assert page.locator("main i, main b").count() == 0
    page.goto(f"{address}/product/{HOSTILE}")
    expect(page.get_by_role("heading", level=1)).to_have_text(HOSTILE_TITLE)
    context.close()
