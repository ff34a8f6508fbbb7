"""Who is asking: a conversation by its token, a shopper by the store's word, or a stranger.

Identity never comes from a body or a query: only from a conversation's bearer token, or from a shopper
token that the store's server signed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header, Path, Query, Request

from agent.errors import NotFound
from agent.messages import Conversation
from agent.services import Services
from agent.web.errors import unauthorized
from agent.web.tokens import ShopperTokens, TokenRefused


def services_of(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


def tokens_of(request: Request) -> ShopperTokens:
    tokens: ShopperTokens = request.app.state.tokens
    return tokens


ServicesHere = Annotated[Services, Depends(services_of)]
TokensHere = Annotated[ShopperTokens, Depends(tokens_of)]


def bearer(authorization: Annotated[str | None, Header()] = None) -> str | None:
    """The token of the Authorization header; None without one."""
    scheme, _, token = (authorization or "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None


BearerHere = Annotated[str | None, Depends(bearer)]


def open_conversation(
    services: ServicesHere, token: BearerHere, conversation_id: Annotated[str, Path(max_length=64)]
) -> Conversation:
    """The conversation of the path. Raises 401 without a token, NotFound where the two do not belong together."""
    if token is None:
        raise unauthorized("send the conversation's token as `Authorization: Bearer <token>`")
    if not conversation_id.isprintable():
        raise NotFound("no such conversation, or not with this token")
    return services.chat.authenticate(conversation_id, token)


ConversationHere = Annotated[Conversation, Depends(open_conversation)]


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose taste counts: a shopper's, a chat's own, or nobody's."""

    shopper_id: str | None = None
    conversation_id: str | None = None

    @property
    def taste_id(self) -> str | None:
        if self.shopper_id is not None:
            return self.shopper_id
        return None if self.conversation_id is None else f"chat:{self.conversation_id}"


def caller(
    services: ServicesHere,
    tokens: TokensHere,
    token: BearerHere,
    x_shopper_token: Annotated[str | None, Header(max_length=2_000)] = None,
    conversation: Annotated[str | None, Query(max_length=64)] = None,
) -> Caller:
    """From the ``X-Shopper-Token`` header, or from ``?conversation=`` with that conversation's bearer token."""
    if x_shopper_token is not None:
        return Caller(vouched_for(services, tokens, x_shopper_token))
    if conversation is not None and token is not None and conversation.isprintable():
        opened = services.chat.authenticate(conversation, token)
        return Caller(opened.shopper_id, opened.id)
    return Caller()


CallerHere = Annotated[Caller, Depends(caller)]


def vouched_for(services: Services, tokens: ShopperTokens, token: str) -> str:
    """The shopper that a token names. Raises TokenRefused, also for somebody whom the shop does not know."""
    try:
        return services.people.shopper(tokens.shopper_id(token)).id
    except NotFound as error:
        raise TokenRefused("the shopper token names nobody whom this shop knows") from error
