"""The HTTP contract of a conversation: start, post, follow, read, decide, hand over, rate, sign in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import BaseModel, ConfigDict, Field

from agent.guard.text import clean
from agent.messages import Json
from agent.web.errors import ApiError
from agent.web.events import Streams
from agent.web.identity import ConversationHere, ServicesHere, TokensHere, vouched_for
from agent.web.limits import RateLimit

router = APIRouter(prefix="/api/conversations")

MOST_CHARACTERS = 20_000
_LAST_SEQUENCE = 2**62
_Token = Annotated[str, Field(min_length=1, max_length=2_000)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="ignore")


class Start(_Body):
    shopper_token: _Token | None = None


class Post(_Body):
    client_id: Annotated[str, Field(pattern=r"^[\x21-\x7e]{1,100}$")]
    text: str


class Decision(_Body):
    accept: Annotated[bool, Field(strict=True)]


class Rating(_Body):
    stars: Annotated[int, Field(ge=1, le=5, strict=True)]
    text: Annotated[str, Field(max_length=MOST_CHARACTERS)] = ""


class SignIn(_Body):
    shopper_token: _Token


@router.post("", status_code=201)
def start(services: ServicesHere, tokens: TokensHere, body: Start | None = None) -> Json:
    """A new chat: of the shopper whom the store vouches for, or of a stranger."""
    token = None if body is None else body.shopper_token
    shopper_id = None if token is None else vouched_for(services, tokens, token)
    started = services.chat.start(shopper_id)
    return {"id": started.id, "token": started.token, "greeting": started.greeting}


@router.post("/{conversation_id}/messages", status_code=202)
def post(request: Request, services: ServicesHere, conversation: ConversationHere, body: Post) -> Json:
    """Store a message and have it answered; under the same client id it is stored once."""
    if len(body.text) > MOST_CHARACTERS:
        raise ApiError(413, f"a message may have {MOST_CHARACTERS:,} characters at the most; send less")
    if not clean(body.text, MOST_CHARACTERS):
        raise ApiError(422, "text: the message is empty")
    pace: RateLimit = request.app.state.message_pace
    pace.take(conversation.id)
    return {"sequence": services.chat.post(conversation.id, body.client_id, body.text)}


@router.get("/{conversation_id}")
def read(services: ServicesHere, conversation: ConversationHere) -> Json:
    """The chat so far, and the card that still waits for an answer."""
    status, messages = services.chat.history(conversation.id)
    pending = None if conversation.pending is None else conversation.pending.id
    return {
        "status": status.value,
        "messages": messages,
        "pending": pending,
        "shopper": _shopper(services, conversation.shopper_id),
    }


@router.get("/{conversation_id}/events", response_class=EventSourceResponse)
async def follow(
    request: Request,
    services: ServicesHere,
    conversation: ConversationHere,
    after: Annotated[int | None, Query(ge=0, le=_LAST_SEQUENCE)] = None,
    last_event_id: Annotated[int | None, Header(ge=0, le=_LAST_SEQUENCE)] = None,
) -> AsyncIterator[ServerSentEvent]:
    """The events numbered above `after` (or the Last-Event-ID), then each new one as it comes."""
    streams: Streams = request.app.state.streams
    start_after = after if after is not None else last_event_id or 0
    async for event in streams.follow(services.chat, conversation.id, start_after):
        yield event


@router.post("/{conversation_id}/proposals/{proposal_id}", status_code=202)
def decide(services: ServicesHere, conversation: ConversationHere, proposal_id: str, body: Decision) -> Json:
    """The shopper's yes or no to a card. Pressing again changes nothing."""
    services.chat.decide(conversation.id, _printable(proposal_id), accept=body.accept)
    return {"accept": body.accept}


@router.post("/{conversation_id}/hand-over", status_code=202)
def hand_over(services: ServicesHere, conversation: ConversationHere) -> Json:
    """Bring in a person."""
    services.chat.hand_over(conversation.id)
    return {"status": services.chat.conversations.get(conversation.id).status.value}


@router.post("/{conversation_id}/rating")
def rate(services: ServicesHere, conversation: ConversationHere, body: Rating) -> Json:
    services.chat.rate(conversation.id, body.stars, body.text)
    return {"stars": body.stars}


@router.post("/{conversation_id}/sign-in")
def sign_in(services: ServicesHere, tokens: TokensHere, conversation: ConversationHere, body: SignIn) -> Json:
    """Bind the chat to the shopper whom the store vouches for. 409 when it is somebody else's already."""
    shopper_id = vouched_for(services, tokens, body.shopper_token)
    if conversation.shopper_id != shopper_id:
        services.chat.sign_in(conversation.id, shopper_id)
    return {"shopper": _shopper(services, shopper_id)}


def _shopper(services: ServicesHere, shopper_id: str | None) -> Json | None:
    return None if shopper_id is None else {"name": services.people.shopper(shopper_id).name}


def _printable(proposal_id: str) -> str:
    if len(proposal_id) > 64 or not proposal_id.isprintable():
        raise ApiError(404, "no such proposal in this conversation")
    return proposal_id
