"""The web app: conversations, catalogue, the widget and the demo store, behind one front door.

`create_app` only puts the parts together. What may be asked is in the ``*_routes`` files, who asks in
`identity`, how errors look in `errors`.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import FastAPI, Header, Response
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import JSONResponse

from agent.services import Services
from agent.web import catalogue_routes, conversation_routes, demo_routes
from agent.web.errors import add_error_handlers, error_response
from agent.web.events import Streams
from agent.web.headers import SecurityHeaders
from agent.web.identity import ServicesHere
from agent.web.limits import BodyLimit, RateLimit
from agent.web.pages import store
from agent.web.script import widget_script
from agent.web.tokens import shopper_tokens

MESSAGE_PACE = (20, 10.0)
"""Messages of one conversation, and within how many seconds."""
BEACON_PACE = (60, 10.0)


def create_app(services: Services) -> FastAPI:
    """The whole shopper-facing web. Gradio's pages are mounted on it by whoever starts it.

    Serve it with `agent.web.server.ShopServer`, which ends open event streams when it stops.
    """
    app = FastAPI(title="Shopkeeper", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.services = services
    app.state.tokens = shopper_tokens(services.settings)
    app.state.streams = Streams()
    app.state.message_pace = RateLimit(*MESSAGE_PACE)
    app.state.beacon_pace = RateLimit(*BEACON_PACE)
    add_error_handlers(app)
    _add_middleware(app, services.settings.origins)
    app.include_router(conversation_routes.router)
    app.include_router(catalogue_routes.router)
    if services.settings.demo:
        app.include_router(demo_routes.router)
    _add_widget(app)
    app.get("/healthz")(healthz)
    store.add_to(app)
    return app


def healthz(services: ServicesHere) -> JSONResponse:
    """200 once the shop can serve, 503 before."""
    return JSONResponse({"status": "ready"}) if services.ready else error_response(503, "the shop is still starting")


def _add_middleware(app: FastAPI, origins: list[str]) -> None:
    # The last one added is the outermost. CORS must be ours even without origins: Gradio looks for it, and
    # reflects any Origin where the parent has none. Credentials stay off: a token is never in a cookie.
    app.add_middleware(BodyLimit)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=origins,
        allow_credentials=False,
        allow_methods=["GET", "POST"],
        allow_headers=["Authorization", "Content-Type", "Last-Event-ID", "X-Shopper-Token"],
        max_age=600,
    )


def _add_widget(app: FastAPI) -> None:
    script = widget_script()

    @app.get("/widget.js")
    def widget(if_none_match: Annotated[str | None, Header()] = None) -> Response:
        """The chat widget, one script."""
        headers = {"ETag": script.tag, "Cache-Control": "public, max-age=300"}
        if if_none_match is not None and script.tag in if_none_match:
            return Response(status_code=304, headers=headers)
        return Response(script.text, media_type="text/javascript", headers=headers)
