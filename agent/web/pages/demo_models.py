"""Switching the dialog model while the shop runs: tried first, and only by whoever may.

The model answers every chat of the shop, and a typed address makes this machine call it, so switching is for
people at this machine and for signed-in staff; a visitor of a public demo only sees which model answers.
"""

from __future__ import annotations

import logging
from ipaddress import ip_address
from typing import TYPE_CHECKING

from pydantic import ValidationError

from agent.errors import ModelError, ShopkeeperError
from agent.help_tools import HelpTools
from agent.model import DialogModel, make_model
from agent.services import Services
from agent.settings import Settings
from agent.tools import Session, Toolbox

if TYPE_CHECKING:
    from starlette.requests import Request

log = logging.getLogger(__name__)


def at_this_machine(request: Request) -> bool:
    """Is the caller's browser on this machine? Not if anything says that the request was passed on.

    Not covered: a proxy on this machine that hides both the caller's address and the name that they asked for.
    """
    host = (request.url.hostname or "").strip("[]")
    passed_on = any(name in request.headers for name in ("x-forwarded-for", "x-real-ip", "forwarded", "via"))
    named_here = host == "localhost" or _is_loopback(host)
    return not passed_on and named_here and request.client is not None and _is_loopback(request.client.host)


def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


def switch_model(services: Services, name: str, key: str = "") -> str:
    """Let this model answer from now on, in every chat; the line that says so.

    Args:
        services: the shop.
        name: as ``SHOPKEEPER_MODEL``: ``local``, ``hf:…`` or ``openai:…@…``.
        key: the API key of an ``openai:`` server. The shop's own key is sent only to the server that it was set for.

    Raises:
        ModelError: it is not usable; the line says why, and the model that answered before still does.
    """
    settings = _settings(services.settings, name.strip(), key.strip())
    try:
        model = make_model(settings, services.local)
    except ShopkeeperError as error:
        raise ModelError(f"{str(error).removeprefix('SHOPKEEPER_MODEL: ')}; {_stays(services)}") from error
    except Exception as error:  # a model library may raise anything
        log.warning("the model %s cannot be made", name, exc_info=error)
        raise ModelError(f"{name} cannot be loaded ({type(error).__name__}); {_stays(services)}") from error
    if not _answers(services, model):
        model.close()
        raise ModelError(f"{model.name} gives no usable answer; the log says why; {_stays(services)}")
    services.use_model(model)
    return f"{model.name} answers from now on, in every chat of the shop until it restarts."


def _settings(settings: Settings, name: str, key: str) -> Settings:
    same_server = name.partition("@")[2] == settings.model.partition("@")[2]
    wanted = {"model": name, "model_key": key or (settings.model_key if same_server else "")}
    try:
        return Settings(**{**settings.model_dump(), **wanted})
    except ValidationError as error:
        reason = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise ModelError(f"a model {reason}") from error


def _answers(services: Services, model: DialogModel) -> bool:
    """Does it answer a greeting itself, without the fallback?"""
    from langchain_core.messages import HumanMessage, SystemMessage

    tools = Toolbox([HelpTools(Session("trial", None), services.articles)]).structured()
    words = [SystemMessage("You are the assistant of an online shop."), HumanMessage("Hello!")]
    return not model.decide(words, tools).fell_back


def _stays(services: Services) -> str:
    return f"{services.runner.model.name} stays"
