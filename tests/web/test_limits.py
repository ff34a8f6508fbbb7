"""What the API does with junk, floods and mistakes: a fitting 4xx in one JSON form, never a traceback."""

from __future__ import annotations

import dataclasses
import json
import time
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.services import Services
from agent.web.api import create_app
from agent.web.limits import RateLimit
from tests.web.serving import Web, serving

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=6,
)
FIELDS = st.sampled_from(["client_id", "text", "accept", "stars", "shopper_token", "events", "kind", "shopper"])
POSTS = ("", "/{}/messages", "/{}/proposals/x", "/{}/hand-over", "/{}/rating", "/{}/sign-in")


def is_error(answer: httpx.Response) -> bool:
    body = answer.json()
    return set(body) == {"error", "detail"} and "Traceback" not in answer.text and bool(body["detail"])


@given(path=st.sampled_from(POSTS), body=JSON | st.dictionaries(FIELDS, JSON, max_size=3))
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_json_body_breaks_it(web: Web, open_chat: tuple[str, dict[str, str]], path: str, body: Any) -> None:
    chat, key = open_chat
    answer = web.http.post("/api/conversations" + path.format(chat), json=body, headers=key)
    assert answer.status_code < 500
    assert answer.is_success or is_error(answer)


@given(raw=st.binary(max_size=60))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_bytes_break_it(web: Web, open_chat: tuple[str, dict[str, str]], raw: bytes) -> None:
    chat, key = open_chat
    headers = {**key, "Content-Type": "application/json"}
    answer = web.http.post(f"/api/conversations/{chat}/messages", content=raw, headers=headers)
    assert answer.status_code in (400, 422)
    assert is_error(answer)


@pytest.fixture(scope="module")
def open_chat(web: Web) -> tuple[str, dict[str, str]]:
    return web.start()


@pytest.mark.parametrize("text", ["", "   ", "\u200b\u2060", "\x00\x01\x1f", "\ud800"])
def test_a_message_of_nothing_is_refused(web: Web, text: str) -> None:
    chat, key = web.start()
    body = json.dumps({"client_id": "c", "text": text})
    headers = {**key, "Content-Type": "application/json"}
    answer = web.http.post(f"/api/conversations/{chat}/messages", content=body, headers=headers)
    assert (answer.status_code, answer.json()["detail"]) == (422, "text: the message is empty")


@pytest.mark.parametrize(
    "text", ["<b>hi</b> & 'quotes'", "🧡👩‍👩‍👧 emoji", "a\x00b\x07c", "line\nline", "שלום \u202e evil"]
)
def test_odd_but_honest_messages_are_taken(web: Web, text: str) -> None:
    chat, key = web.start()
    assert web.post(chat, key, text).status_code == 202
    stored = web.http.get(f"/api/conversations/{chat}", headers=key).json()["messages"][-1]["text"]
    assert "\x00" not in stored


@pytest.mark.parametrize("size", [20_001, 60_000, 100_000, 3_000_000])
def test_a_message_that_is_too_long_gets_413(web: Web, size: int) -> None:
    chat, key = web.start()
    answer = web.post(chat, key, "x" * size)
    assert (answer.status_code, answer.json()["error"]) == (413, "too_large")
    assert is_error(answer)


def test_a_long_message_within_the_limit_is_cut_to_the_policy(web: Web, shop: Services) -> None:
    chat, key = web.start()
    assert web.post(chat, key, "word " * 4_000).status_code == 202
    stored = web.http.get(f"/api/conversations/{chat}", headers=key).json()["messages"][-1]["text"]
    assert len(stored) <= shop.policy.limits.message_characters


def test_a_large_body_without_a_length_is_stopped_too(web: Web) -> None:
    chat, key = web.start()
    chunks = (b"[" + b"1," * 4_000 for _ in range(40))
    headers = {**key, "Content-Type": "application/json"}
    answer = web.http.post(f"/api/conversations/{chat}/messages", content=chunks, headers=headers)
    assert answer.status_code == 413


def test_a_flood_of_messages_is_slowed_down(web: Web) -> None:
    chat, key = web.start()
    codes = [web.post(chat, key, "hi", f"c{n}").status_code for n in range(21)]
    assert codes == [202] * 20 + [429]
    refused = web.post(chat, key, "hi", "one-more")
    assert 1 <= int(refused.headers["Retry-After"]) <= 10
    other, other_key = web.start()
    assert web.post(other, other_key, "hi").status_code == 202


def test_the_pace_recovers() -> None:
    pace = RateLimit(1, 0.05)
    pace.take("chat")
    with pytest.raises(Exception, match="try again"):
        pace.take("chat")
    time.sleep(0.06)
    pace.take("chat")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/nothing", 404),
        ("DELETE", "/api/conversations", 405),
        ("GET", "/api/products/none", 404),
        ("GET", "/api/products/%00", 404),
        ("GET", "/api/search?k=0", 422),
        ("GET", "/api/search?price_max=nan", 422),
        ("GET", "/api/search?price_max=cheap", 422),
        ("GET", "/api/search?sort=magic", 422),
        ("GET", "/api/recommendations?scene=moon", 422),
        ("GET", "/images/none.svg", 404),
        ("GET", "/assets/../store.py", 404),
    ],
)
def test_mistakes_are_told_in_one_sentence(web: Web, method: str, path: str, status: int) -> None:
    answer = web.http.request(method, path)
    assert answer.status_code == status
    assert is_error(answer)


def test_a_fault_of_ours_is_not_told_in_detail(shop: Services) -> None:
    class Broken:
        def search(self, query: object) -> None:
            raise RuntimeError("the password is swordfish")

    with serving(create_app(dataclasses.replace(shop, catalogue=Broken()))) as address:  # type: ignore[arg-type]
        answer = httpx.get(f"{address}/api/search?q=x")
    assert (answer.status_code, answer.json()["error"]) == (500, "internal")
    assert "swordfish" not in answer.text
    assert is_error(answer)


def test_a_shop_that_is_still_starting_says_so(shop: Services) -> None:
    with serving(create_app(dataclasses.replace(shop, ready=False))) as address:
        assert httpx.get(f"{address}/healthz").status_code == 503
        assert httpx.get(f"{address}/").status_code == 200


def test_a_ready_shop_says_so(web: Web) -> None:
    assert web.http.get("/healthz").json() == {"status": "ready"}
