"""Who may read a chat, which pages may use it, and what a page lets in. Each check has a twin that must fail it."""

from __future__ import annotations

import dataclasses
from typing import Annotated

import httpx
import pytest
from fastapi import FastAPI, Path
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

from agent.messages import Conversation
from agent.services import Services
from agent.web.api import create_app
from agent.web.headers import SecurityHeaders
from agent.web.identity import open_conversation
from agent.web.tokens import ShopperTokens
from tests.web.serving import Web, serving
from tests.web.small_shop import ADA, BEN

PATHS = (
    ("GET", "/api/conversations/{}"),
    ("GET", "/api/conversations/{}/events"),
    ("POST", "/api/conversations/{}/messages"),
    ("POST", "/api/conversations/{}/proposals/p"),
    ("POST", "/api/conversations/{}/hand-over"),
    ("POST", "/api/conversations/{}/rating"),
    ("POST", "/api/conversations/{}/sign-in"),
)
BODY = {"client_id": "c", "text": "hi", "accept": True, "stars": 5, "shopper_token": "x"}


def check_that_chats_are_closed_to_others(web: Web) -> None:
    """A foreign token and an unknown chat look the same: 404. No token: 401."""
    _, my_key = web.start()
    theirs, their_key = web.start()
    web.post(theirs, their_key, "a secret")
    for method, path in PATHS:
        body = BODY if method == "POST" else None
        foreign = web.http.request(method, path.format(theirs), json=body, headers=my_key)
        unknown = web.http.request(method, path.format("unknown"), json=body, headers=my_key)
        nobody = web.http.request(method, path.format(theirs), json=body)
        assert (foreign.status_code, unknown.status_code, nobody.status_code) == (404, 404, 401), path
        assert foreign.json() == unknown.json()
        assert "a secret" not in foreign.text + nobody.text
        assert nobody.headers["www-authenticate"] == "Bearer"


def test_chats_are_closed_to_others(web: Web) -> None:
    check_that_chats_are_closed_to_others(web)


def test_the_check_notices_an_app_that_takes_any_token(shop: Services) -> None:
    def careless(conversation_id: Annotated[str, Path()]) -> Conversation:
        return shop.conversations.get(conversation_id)

    app = create_app(shop)
    app.dependency_overrides[open_conversation] = careless
    with serving(app) as address, Web(address) as web, pytest.raises(AssertionError):
        check_that_chats_are_closed_to_others(web)


@pytest.mark.parametrize("header", ["", "Bearer", "Basic abc", "Token abc"])
def test_a_header_without_a_token_is_no_key(web: Web, header: str) -> None:
    chat, _ = web.start()
    assert web.http.get(f"/api/conversations/{chat}", headers={"Authorization": header}).status_code == 401


def test_a_foreign_shopper_token_opens_nothing(web: Web) -> None:
    forged = ShopperTokens("not the secret of this shop, but long enough").sign(ADA)
    assert web.http.post("/api/conversations", json={"shopper_token": forged}).status_code == 401
    assert web.http.get("/api/recommendations", headers={"X-Shopper-Token": forged}).status_code == 401
    chat, key = web.start()
    path = f"/api/conversations/{chat}/sign-in"
    assert web.http.post(path, json={"shopper_token": forged}, headers=key).status_code == 401
    assert web.http.get(f"/api/conversations/{chat}", headers=key).json()["shopper"] is None


def test_a_token_for_somebody_whom_the_shop_does_not_know_opens_nothing(web: Web, tokens: ShopperTokens) -> None:
    assert web.http.post("/api/conversations", json={"shopper_token": tokens.sign("nobody")}).status_code == 401


def test_a_shopper_cannot_be_named_in_a_body_or_a_query(web: Web) -> None:
    chat, key = web.start(shopper_id=ADA, shopper=ADA, sub=ADA)
    web.http.post(f"/api/conversations/{chat}/messages", json=BODY | {"shopper_id": BEN}, headers=key)
    assert web.http.get(f"/api/conversations/{chat}?shopper_id={ADA}", headers=key).json()["shopper"] is None
    assert not web.http.get(f"/api/recommendations?shopper={ADA}&shopper_id={ADA}").json()["personal"]


def test_without_the_demo_nobody_can_be_impersonated(shop: Services) -> None:
    settings = shop.settings.model_copy(update={"demo": False})
    with serving(create_app(dataclasses.replace(shop, settings=settings))) as address, Web(address) as web:
        assert web.http.get("/api/demo/shoppers").status_code == 404
        assert web.http.post("/api/demo/sign-in", json={"shopper": ADA}).status_code == 404
        assert "sign in as" not in web.http.get("/").text


def check_that_only_known_pages_may_read(web: Web) -> None:
    """Only an origin of the settings is allowed, by name, and never with cookies."""
    for origin in ("https://evil.example", "null", "https://store.example.evil.example", "http://store.example"):
        for method in ("GET", "OPTIONS"):
            headers = {"Origin": origin, "Access-Control-Request-Method": "POST"}
            answer = web.http.request(method, "/api/search", headers=headers)
            assert "access-control-allow-origin" not in answer.headers
            assert "access-control-allow-credentials" not in answer.headers


def test_only_known_pages_may_read(web: Web) -> None:
    check_that_only_known_pages_may_read(web)
    asked = {
        "Origin": "https://store.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    answer = web.http.options("/api/conversations", headers=asked)
    assert answer.headers["access-control-allow-origin"] == "https://store.example"
    assert "access-control-allow-credentials" not in answer.headers


def test_the_check_notices_an_app_that_reflects_any_origin(shop: Services) -> None:
    app = create_app(shop)
    app.add_middleware(CORSMiddleware, allow_origin_regex=".*", allow_credentials=True)
    with serving(app) as address, Web(address) as web, pytest.raises(AssertionError):
        check_that_only_known_pages_may_read(web)


def test_a_mounted_app_sees_that_cors_is_ours(app: FastAPI) -> None:
    """Gradio looks for exactly this class in its parent, and reflects any Origin where it is missing."""
    assert any(_is(middleware, CORSMiddleware) for middleware in app.user_middleware)


def _is(middleware: Middleware, kind: object) -> bool:
    return middleware.cls == kind


def check_that_pages_are_fenced(web: Web) -> None:
    for path in ("/", "/product/mugs-blue", "/product/none"):
        headers = web.http.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy and "script-src 'self';" in policy and "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert (headers["x-frame-options"], headers["x-content-type-options"]) == ("DENY", "nosniff")


def test_pages_are_fenced(web: Web) -> None:
    check_that_pages_are_fenced(web)


def test_the_check_notices_pages_without_a_fence(shop: Services) -> None:
    app = create_app(shop)
    app.user_middleware = [m for m in app.user_middleware if not _is(m, SecurityHeaders)]
    with serving(app) as address, Web(address) as web, pytest.raises((AssertionError, KeyError)):
        check_that_pages_are_fenced(web)


def test_answers_of_the_api_are_not_kept_by_anybody(web: Web) -> None:
    chat, key = web.start()
    assert web.http.get(f"/api/conversations/{chat}", headers=key).headers["cache-control"] == "no-store"


def test_the_foreign_pages_keep_their_own_headers(shop: Services) -> None:
    app = create_app(shop)
    app.get("/demo/page")(lambda: "a page of Gradio's")
    with serving(app) as address:
        assert "x-content-type-options" not in httpx.get(f"{address}/demo/page").headers


@pytest.mark.parametrize("path", ["/assets/../../tokens.py", "/assets/%2e%2e/base.html", "/assets/..%2fbase.html"])
def test_assets_lead_nowhere_else(web: Web, path: str) -> None:
    assert web.http.get(path).status_code == 404
