"""Shoppers' tokens: only what the store's server signed, for us, for an hour at the most."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.errors import SettingsError
from agent.settings import Settings
from agent.web.tokens import AUDIENCE, ShopperTokens, TokenRefused, shopper_tokens
from tests.web.small_shop import SECRET

TOKENS = ShopperTokens(SECRET)


def token(secret: str = SECRET, algorithm: str = "HS256", **changes: Any) -> str:
    """A right token with some of its claims changed (None: left out)."""
    claims = {"sub": "ada", "aud": AUDIENCE, "exp": time.time() + 600} | changes
    return jwt.encode({k: v for k, v in claims.items() if v is not None}, secret, algorithm)


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=60))
def test_whom_the_store_signs_for_is_whom_we_read(shopper: str) -> None:
    assert TOKENS.shopper_id(TOKENS.sign(shopper)) == shopper


@pytest.mark.parametrize(
    ("name", "forged"),
    [
        ("another secret", token(secret="somebody else's secret of the same length")),
        ("another algorithm", token(algorithm="HS512", secret=SECRET * 2)),
        ("the right secret with another algorithm", token(algorithm="HS384", secret=SECRET + " " * 8)),
        ("no signature", jwt.encode({"sub": "ada", "aud": AUDIENCE, "exp": time.time() + 600}, None, "none")),
        ("for something else", token(aud="another service")),
        ("for nobody in particular", token(aud=None)),
        ("expired", token(exp=time.time() - 60)),
        ("without an end", token(exp=None)),
        ("too long-lived", token(exp=time.time() + 7_300)),
        ("endless", token(exp=1e30)),
        ("of nobody", token(sub="")),
        ("without a shopper", token(sub=None)),
        ("of a number", token(sub=7)),
        ("not a token", "junk"),
        ("empty", ""),
    ],
)
def test_any_other_token_is_refused(name: str, forged: str) -> None:
    with pytest.raises(TokenRefused):
        TOKENS.shopper_id(forged)


def test_the_checks_would_notice_a_reader_that_trusts_the_header() -> None:
    """The twin: with the algorithm taken from the token itself, an unsigned one passes."""
    unsigned = jwt.encode({"sub": "ada", "aud": AUDIENCE, "exp": time.time() + 600}, None, "none")
    assert jwt.decode(unsigned, options={"verify_signature": False})["sub"] == "ada"


def test_a_changed_character_is_noticed() -> None:
    right = token()
    head, body, signature = right.split(".")
    for wrong in (f"{head}.{body[:-2]}.{signature}", f"{head}.{body}.{signature[:-3]}AAA", f"{head}.{body}."):
        with pytest.raises(TokenRefused):
            TOKENS.shopper_id(wrong)


def test_a_token_can_be_signed_for_a_shorter_time() -> None:
    with pytest.raises(TokenRefused, match="expired"):
        TOKENS.shopper_id(TOKENS.sign("ada", timedelta(seconds=-31)))


def test_a_short_secret_stops_the_start() -> None:
    with pytest.raises(SettingsError, match="SHOPKEEPER_SECRET: use at least 32"):
        ShopperTokens("short")


def test_without_a_secret_one_is_made_and_kept(tmp_path: Any) -> None:
    settings = Settings(home=tmp_path)
    assert shopper_tokens(settings).shopper_id(shopper_tokens(settings).sign("ada")) == "ada"
