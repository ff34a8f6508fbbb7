"""Shoppers' tokens: how a store's own server vouches for who is signed in.

A token is a JWT that the store's server signs with the shared secret: HS256 and nothing else, ``aud``
"shopkeeper", ``sub`` the shopper's id, ``exp`` at most one hour ahead. Not covered: taking a token back
before it runs out, which is why it may live for an hour at the most.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import jwt

from agent.errors import SettingsError, ShopkeeperError
from agent.settings import Settings

AUDIENCE = "shopkeeper"
LONGEST = timedelta(hours=1)
SECRET_FILE = "shopper_tokens.key"
_CLOCK_SKEW = timedelta(seconds=30)
_ALGORITHM = "HS256"
_SHORTEST_SECRET = 32
"""Bytes; RFC 7518, section 3.2: a key at least as long as the hash."""


class TokenRefused(ShopkeeperError):
    """The token is not one that the store's server signed, or it has run out; get a fresh one."""


class ShopperTokens:
    """Checks shoppers' tokens, and signs them for the demo shop."""

    def __init__(self, secret: str) -> None:
        if len(secret.encode()) < _SHORTEST_SECRET:
            raise SettingsError(f"SHOPKEEPER_SECRET: use at least {_SHORTEST_SECRET} characters, or leave it empty")
        self._secret = secret

    def sign(self, shopper_id: str, lifetime: timedelta = LONGEST) -> str:
        """A token as the store's server would sign it."""
        claims = {"sub": shopper_id, "aud": AUDIENCE, "exp": datetime.now(UTC) + lifetime}
        return jwt.encode(claims, self._secret, algorithm=_ALGORITHM)

    def shopper_id(self, token: str) -> str:
        """Whom the token vouches for.

        Raises:
            TokenRefused: it is forged, damaged, expired, too long-lived, or for something else.
        """
        try:
            claims = jwt.decode(
                token,
                self._secret,
                algorithms=[_ALGORITHM],
                audience=AUDIENCE,
                leeway=_CLOCK_SKEW,
                options={"require": ["exp", "aud", "sub"]},
            )
        except jwt.ExpiredSignatureError as error:
            raise TokenRefused("the shopper token has expired; ask the store for a fresh one") from error
        except (jwt.InvalidTokenError, OverflowError) as error:
            raise TokenRefused("the shopper token is not valid; ask the store for a fresh one") from error
        latest = datetime.now(UTC) + LONGEST + _CLOCK_SKEW
        if float(claims["exp"]) > latest.timestamp():
            raise TokenRefused("the shopper token lives longer than an hour; the store must sign shorter ones")
        if not claims["sub"]:
            raise TokenRefused("the shopper token names nobody; the store must put the shopper's id into it")
        return str(claims["sub"])


def shopper_tokens(settings: Settings) -> ShopperTokens:
    """With the secret of the settings, or the one that the home keeps."""
    return ShopperTokens(settings.kept_secret(SECRET_FILE, settings.secret))
