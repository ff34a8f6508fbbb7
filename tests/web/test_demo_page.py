"""The developers' demo: a chat beside its steps, for whoever may, with nothing of one visitor reaching another."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, expect
from starlette.requests import Request

from agent.errors import ModelError, NotFound
from agent.messages import Event, EventType, Message, Role
from agent.services import Services
from agent.shop import OrderStatus
from agent.web.api import MESSAGE_PACE
from agent.web.errors import ApiError
from agent.web.limits import RateLimit
from agent.web.pages.demo_chat import DemoChats
from agent.web.pages.demo_models import at_this_machine, switch_model
from agent.web.pages.demo_steps import Clock, turns_of
from agent.web.pages.templates import drawer, strict_environment
from tests.conftest import OpenShop
from tests.small_shop import ADA, BEN, PENDING, opened, shoppers
from tests.web.chromium import launched
from tests.web.faces import MARKUP, DemoFace, faces_of, page_of


@pytest.fixture(scope="module")
def demo_shop(small_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    with opened(small_home, tmp_path_factory.mktemp("demo") / "home", demo=True, model_timeout=5.0) as shop:
        yield shop


@pytest.fixture(scope="module")
def address(demo_shop: Services) -> Iterator[str]:
    with faces_of(demo_shop) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


def chats_of(shop: Services) -> DemoChats:
    return DemoChats(shop, RateLimit(*MESSAGE_PACE))


def test_a_search_shows_its_products_and_every_step_that_it_took(browser: Browser, address: str) -> None:
    with page_of(browser) as page:
        demo = DemoFace(page, address)
        demo.send("show me a desk lamp")
        expect(page.locator(".sk-card").first).to_contain_text("$")
        assert page.locator(".sk-card img").first.evaluate("e => e.complete && e.naturalWidth > 0")
        turn = demo.newest_turn
        expect(turn).to_contain_text("Model: call search_products")
        expect(turn.locator(".sk-step-call")).to_contain_text('"query": "desk lamp"')
        turn.locator(".sk-step-call summary", has_text="result").click()
        expect(turn.locator(".sk-step-call")).to_contain_text('"products"')
        expect(turn.locator("summary .sk-tag").first).to_have_text("local")
        expect(turn.locator("summary .sk-ms").first).to_contain_text("s")


def test_a_shopper_is_impersonated_and_their_order_is_cancelled_after_a_yes(
    browser: Browser, address: str, demo_shop: Services
) -> None:
    with page_of(browser) as page:
        demo = DemoFace(page, address)
        demo.sign_in_as("Ada Moreau")
        demo.send(f"cancel order {PENDING}")
        expect(page.locator(".sk-effect.sk-pending")).to_contain_text(f"Cancel order {PENDING}")
        assert demo_shop.people.order(PENDING, ADA).status is OrderStatus.PENDING
        page.get_by_role("button", name="Yes, do exactly this").click()
        expect(demo.said_by("bot").last).to_contain_text(f"Cancel order {PENDING}")
        expect(demo.newest_turn).to_contain_text("Done, once")
        expect(page.get_by_role("button", name="Yes, do exactly this")).to_be_hidden()
    assert demo_shop.people.order(PENDING, ADA).status is OrderStatus.CANCELLED


def test_visitors_do_not_see_each_other_and_a_reset_begins_anew(browser: Browser, address: str) -> None:
    with page_of(browser) as one, page_of(browser) as other:
        first, second = DemoFace(one, address), DemoFace(other, address)
        first.send("hello from the first visitor")
        second.send("hello from the second visitor")
        expect(first.said_by("shopper")).to_have_count(1)
        expect(second.said_by("shopper")).to_have_text(["hello from the second visitor"])
        one.get_by_role("button", name="Start a new chat").click()
        expect(first.said_by("shopper")).to_have_count(0)
        expect(first.said_by("bot")).to_have_count(1)


def test_an_offer_is_sent_as_it_stands(browser: Browser, address: str) -> None:
    with page_of(browser) as page:
        demo = DemoFace(page, address)
        page.locator(".sk-offers").get_by_text("How long do I have to send something back?").click()
        expect(demo.said_by("shopper")).to_have_text("How long do I have to send something back?")
        expect(demo.newest_turn).to_contain_text("search_help")


def test_a_model_that_is_not_usable_gives_one_line_and_the_old_one_stays(
    browser: Browser, address: str, demo_shop: Services
) -> None:
    with page_of(browser) as page:
        demo = DemoFace(page, address)
        demo.switch_model("gpt-nonsense")
        expect(demo.notice).to_contain_text("must be local, hf:")
        demo.send("hello")
        expect(demo.newest_turn.locator("summary .sk-tag").first).to_have_text("local")
    assert demo_shop.runner.model.name == "local"


def test_markup_stays_text_whoever_wrote_it(browser: Browser, address: str, demo_shop: Services) -> None:
    with page_of(browser) as page:
        assert_nothing_runs(DemoFace(page, address), demo_shop)


def test_the_check_notices_templates_that_do_not_escape(browser: Browser, open_small_shop: OpenShop) -> None:
    shop = open_small_shop(demo=True)
    careless = drawer(strict_environment(autoescape=False))
    with faces_of(shop, careless) as address, page_of(browser) as page, pytest.raises(AssertionError, match="ran"):
        assert_nothing_runs(DemoFace(page, address), shop)


def assert_nothing_runs(demo: DemoFace, shop: Services) -> None:
    demo.send(MARKUP)
    demo.send("I want to talk to a person")
    expect(demo.page.locator(".sk-note", has_text="waiting for a person")).to_be_visible()
    chat = shop.desk.queue()[-1].id
    shop.desk.take_over(chat, MARKUP)
    shop.desk.reply(chat, MARKUP, MARKUP)
    expect(demo.said_by("staff").last).to_contain_text("bold")
    demo.page.wait_for_timeout(200)
    assert demo.page.evaluate("window.hacked") is None, "something that a person wrote ran"
    assert demo.said_by("shopper").first.inner_text() == MARKUP
    assert demo.said_by("staff").last.inner_text() == MARKUP
    assert demo.page.locator("a[href^='javascript']").count() == 0


def test_only_simulated_people_of_a_demo_shop_are_impersonated(demo_shop: Services, open_small_shop: OpenShop) -> None:
    real = shoppers()[0]
    demo_shop.people.add([type(real)("rea", "Rea Lister", "rea@example.com", real.address)], [])
    chats = chats_of(demo_shop)
    visit = chats.start()
    for nobody in ("rea", "no-such-person", ""):
        with pytest.raises(NotFound):
            chats.sign_in(visit, nobody)
    assert "rea" not in [person for _, person in chats.people()]
    assert demo_shop.conversations.get(visit.id).shopper_id is None

    in_earnest = chats_of(open_small_shop(demo=False))
    assert in_earnest.people() == []
    with pytest.raises(NotFound):
        in_earnest.sign_in(in_earnest.start(), BEN)


def test_signing_in_keeps_a_guests_chat_and_another_person_gets_a_new_one(demo_shop: Services) -> None:
    chats = chats_of(demo_shop)
    visit = chats.start()
    assert chats.sign_in(visit, ADA) == visit
    assert chats.sign_in(visit, BEN).id != visit.id
    assert demo_shop.conversations.get(visit.id).shopper_id == ADA


def test_one_chat_may_not_write_without_end(demo_shop: Services) -> None:
    chats = DemoChats(demo_shop, RateLimit(2, 60.0))
    visit = chats.start()
    for _ in range(2):
        list(chats.send(visit, "hello"))
    with pytest.raises(ApiError, match="too many"):
        list(chats.send(visit, "hello"))


def test_outside_a_demo_shop_the_demo_asks_for_a_sign_in(browser: Browser, open_small_shop: OpenShop) -> None:
    with faces_of(open_small_shop(demo=False)) as address, page_of(browser) as page:
        assert httpx.get(address + "/demo/config").status_code == 401
        page.goto(address + "/demo")
        page.get_by_label("username").fill("desk")
        page.get_by_label("password").fill("a password")
        page.get_by_role("button", name="Login").click()
        expect(page.locator(".sk-bubble").first).to_be_visible()
        assert page.locator("#sk-person").count() == 0


def _request(client: str, host: str = "localhost:7860", **headers: str) -> Request:
    fields = [(b"host", host.encode()), *((k.replace("_", "-").encode(), v.encode()) for k, v in headers.items())]
    return Request({"type": "http", "method": "POST", "path": "/", "query_string": b"", "scheme": "http",
                    "server": ("127.0.0.1", 7860), "client": (client, 1), "headers": fields})  # fmt: skip


def test_a_public_demos_visitors_cannot_switch_the_model() -> None:
    assert at_this_machine(_request("127.0.0.1"))
    assert at_this_machine(_request("::1", "[::1]:7860"))
    assert not at_this_machine(_request("203.0.113.7"))
    assert not at_this_machine(_request("127.0.0.1", x_forwarded_for="203.0.113.7"))
    assert not at_this_machine(_request("127.0.0.1", "shop.example"))


class _ChatServer(BaseHTTPRequestHandler):
    """An OpenAI-compatible server that says one thing and remembers the keys that it was sent."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.server.keys.append(self.headers["authorization"])  # type: ignore[attr-defined]
        message = {"role": "assistant", "content": "Hello from a server."}
        answer = {"id": "1", "object": "chat.completion", "created": 1, "model": "m",
                  "choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}  # fmt: skip
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Quiet."""


@pytest.fixture
def chat_server() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _ChatServer)
    server.keys = []  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_typed_model_answers_and_the_shops_own_key_stays_with_its_own_server(
    chat_server: ThreadingHTTPServer, open_small_shop: OpenShop
) -> None:
    shop = open_small_shop(
        demo=True, model="openai:m@http://127.0.0.1:1/v1", model_key="the-shops-key", model_timeout=5.0
    )
    typed = f"openai:m@http://127.0.0.1:{chat_server.server_port}/v1"
    for key in ("", "a-typed-key"):
        assert switch_model(shop, typed, key).startswith("openai:m answers from now on")
    assert list(dict.fromkeys(chat_server.keys)) == ["Bearer none", "Bearer a-typed-key"]  # type: ignore[attr-defined]
    chats = chats_of(shop)
    visit = chats.start()
    *_, visit = chats.send(visit, "hello")
    picture = chats.picture(visit)
    assert (picture.turns[0].model, picture.turns[0].fell_back) == ("openai:m", False)
    assert picture.entries[-1]["text"] == "Hello from a server."
    with pytest.raises(ModelError, match=r"gives no usable answer.*stays"):
        switch_model(shop, "openai:m@http://127.0.0.1:1/v1")
    *_, visit = chats.send(visit, "and again")
    assert not chats.picture(visit).turns[0].fell_back


def _event(kind: EventType, sequence: int, **data: Any) -> Event:
    return Event(kind, "c", sequence, data)


def test_the_steps_of_a_turn_have_their_times_and_say_who_answered() -> None:
    messages = [Message(Role.BOT, "Hi", sequence=1), Message(Role.SHOPPER, "a lamp", sequence=2)]
    events = [
        _event(EventType.WORKING, 3, step="thinking"),
        _event(EventType.WORKING, 5, step="suggest"),
        _event(EventType.CALLED, 7, name="suggest", arguments={"about": "lamp"}, result={"products": []}, ms=12.5),
        _event(EventType.REFUSED, 8, rule="policy.x", text="Not so."),
        _event(EventType.WORKING, 9, step="thinking"),
        _event(EventType.SAID, 11, text="It is $5.", evidence=[{"slot": "1.price", "value": "$5"}], by="bot",
               model="hf:x", fell_back=True, replaced=True),
        _event(EventType.SHOWED, 12, products=[{"title": "Lamp", "score": 1.25, "reasons": ["Often chosen"]}]),
    ]  # fmt: skip
    clock = Clock({3: 1.0, 5: 31.0, 7: 50.0, 8: 50.0, 9: 50.0, 11: 70.0, 12: 70.0}, {2: 75.0})
    [turn] = turns_of(messages, events, clock)
    assert [(s.title, s.ms) for s in turn.steps] == [
        ("Model: call suggest", 30.0),
        ("suggest", 12.5),
        ("Refused by policy.x", None),
        ("Model: say something", 20.0),
        ("The bot said", None),
        ("Showed products", None),
    ]
    assert (turn.total_ms, turn.model, turn.fell_back, turn.replaced) == (75.0, "hf:x", True, True)
    assert turn.steps[4].slots == ({"slot": "1.price", "value": "$5"},)
    drawn = drawer()("steps.html", turns=[turn])
    for word in ("score 1.250", "Often chosen", "{1.price}", "fell back", "reply replaced", "75 ms"):
        assert word in drawn


def test_a_chat_without_turns_has_no_steps_and_turns_come_newest_first() -> None:
    assert turns_of([], [], Clock()) == []
    messages = [Message(Role.SHOPPER, "one", sequence=1), Message(Role.NOTE, "pressed yes", sequence=5)]
    events = [_event(EventType.DONE, 6, effect={})]
    assert [t.text for t in turns_of(messages, events, Clock())] == ["pressed yes", "one"]
    assert [len(t.steps) for t in turns_of(messages, events, Clock())] == [1, 0]
