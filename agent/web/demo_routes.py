"""Impersonation in the demo shop: only with ``SHOPKEEPER_DEMO``, and only of its simulated people."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, Field

from agent.errors import NotFound
from agent.messages import Json
from agent.services import Services
from agent.shop import Shopper
from agent.web.identity import ServicesHere, TokensHere

router = APIRouter(prefix="/api/demo")


class Impersonation(BaseModel):
    shopper: str = Field(min_length=1, max_length=64)


@router.get("/shoppers")
def shoppers(services: ServicesHere) -> Json:
    """The simulated people that a visitor of the demo may sign in as."""
    return {"shoppers": [_described(services, person) for person in services.people.simulated()]}


@router.post("/sign-in")
def sign_in(services: ServicesHere, tokens: TokensHere, body: Impersonation) -> Json:
    """A shopper token, as a store's own server would sign it after a real sign-in."""
    person = services.people.shopper(body.shopper) if body.shopper.isprintable() else None
    if person is None or not person.simulated:
        raise NotFound("nobody of that name can be impersonated")
    return {"shopper_token": tokens.sign(person.id), "name": person.name}


def _described(services: Services, person: Shopper) -> Json:
    orders = services.people.orders_of(person.id)
    about = f"{len(orders)} orders, the latest {orders[0].status.value}" if orders else "no orders yet"
    return {"id": person.id, "name": person.name, "about": about.replace("1 orders", "1 order")}
