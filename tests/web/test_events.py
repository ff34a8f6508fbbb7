"""The event stream: in order, resumed after any number without loss or repetition, awake at once, and ended in time."""

from __future__ import annotations

import threading
import time

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.messages import EventType
from agent.services import Services
from agent.web.api import create_app
from tests.small_shop import wait_until
from tests.web.serving import Web, blocks, serving
from tests.web.small_shop import emit, say


@pytest.fixture(scope="module")
def long_chat(web: Web, shop: Services) -> tuple[str, dict[str, str], list[int]]:
    chat, key = web.start()
    return chat, key, [say(shop, chat, f"line {n}").sequence for n in range(12)]


@given(cut=st.integers(0, 12))
@settings(max_examples=13, deadline=None)
def test_whatever_was_read_the_rest_follows(
    web: Web, long_chat: tuple[str, dict[str, str], list[int]], cut: int
) -> None:
    chat, key, numbers = long_chat
    first = web.events(chat, key, cut)
    after = first[-1]["sequence"] if first else 0
    rest = web.events(chat, key, 12 - cut, after=after)
    assert [e["sequence"] for e in first + rest] == numbers
    assert all(e["id"] == e["sequence"] and e["conversation"] == chat for e in first + rest)


def test_a_browser_may_name_the_last_event_in_a_header(
    web: Web, long_chat: tuple[str, dict[str, str], list[int]]
) -> None:
    chat, key, numbers = long_chat
    rest = web.events(chat, {**key, "Last-Event-ID": str(numbers[9])}, 2, after=None)
    assert [e["sequence"] for e in rest] == numbers[10:]


def test_an_event_reaches_an_open_stream_at_once(web: Web, shop: Services) -> None:
    chat, key = web.start()
    sent: list[float] = []

    def later() -> None:
        time.sleep(0.3)
        sent.append(time.monotonic())
        say(shop, chat, "here")

    speaker = threading.Thread(target=later)
    speaker.start()
    web.events(chat, key, 1)
    waited = time.monotonic() - sent[0]
    speaker.join()
    assert waited < 0.5  # a look at the store each second would take longer on average


def test_what_another_process_wrote_is_found_without_a_word(web: Web, shop: Services) -> None:
    chat, key = web.start()

    def later() -> None:
        time.sleep(0.2)
        with shop.conversations.append(chat) as log:  # no notify
            log.event(EventType.SAID, text="from elsewhere", evidence=[], by="bot")

    speaker = threading.Thread(target=later)
    speaker.start()
    assert web.events(chat, key, 1)[0]["text"] == "from elsewhere"
    speaker.join()


def test_two_streams_of_one_chat_get_the_same(web: Web, shop: Services) -> None:
    chat, key = web.start()
    got: dict[int, list[int]] = {}

    def listen(name: int) -> None:
        with Web(web.address) as other:
            got[name] = [e["sequence"] for e in other.events(chat, key, 5)]

    listeners = [threading.Thread(target=listen, args=(n,)) for n in range(2)]
    for listener in listeners:
        listener.start()
    numbers = [emit(shop, chat, EventType.WORKING, step="thinking").sequence for _ in range(5)]
    for listener in listeners:
        listener.join()
    assert got == {0: numbers, 1: numbers}


@pytest.mark.parametrize("after", ["-1", "x", "1e3", str(10**30)])
def test_a_number_that_is_none_is_refused_in_words(web: Web, after: str) -> None:
    chat, key = web.start()
    answer = web.http.get(f"/api/conversations/{chat}/events", params={"after": after}, headers=key)
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith("after: ")


def test_a_stream_that_is_left_is_forgotten(shop: Services) -> None:
    app = create_app(shop)
    with serving(app) as address, Web(address) as web:
        chat, key = web.start()
        with web.http.stream("GET", f"/api/conversations/{chat}/events", headers=key) as answer:
            next(blocks(answer))  # the first ping may come before the stream is followed
            wait_until(lambda: app.state.streams.count == 1)
        wait_until(lambda: app.state.streams.count == 0)
        assert chat not in shop.notifier._listeners


def test_the_server_stops_within_two_seconds_though_streams_are_open(shop: Services) -> None:
    held: list[str] = []

    def hold(address: str) -> None:
        with Web(address) as web:
            chat, key = web.start()
            with web.http.stream("GET", f"/api/conversations/{chat}/events", headers=key) as answer:
                for block in blocks(answer):
                    held.append(next(iter(block)))

    with serving(create_app(shop)) as address:
        listeners = [threading.Thread(target=hold, args=(address,)) for _ in range(3)]
        for listener in listeners:
            listener.start()
        while len(held) < 3:
            time.sleep(0.02)
        stopping = time.monotonic()
    assert time.monotonic() - stopping < 2
    for listener in listeners:
        listener.join(2)
        assert not listener.is_alive()


def test_a_stream_needs_the_token(web: Web) -> None:
    chat, _ = web.start()
    answer = httpx.get(f"{web.address}/api/conversations/{chat}/events?after=0")
    assert answer.status_code == 401
    assert answer.json()["error"] == "unauthorized"
