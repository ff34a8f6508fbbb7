"""What of Gradio's pages is open to a browser: the few routes that they need, from the page's own origin.

Gradio brings dozens of routes (uploads, proxies, files, histories, API documents); what the demo and the desk
do not use is not there. Requests that change something must come from the page itself, and sign-ins are
slowed down. Not covered: whether a caller may do what an event does, which the pages' handlers check.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from agent.web.errors import ApiError, error_response
from agent.web.limits import RateLimit

OPEN = (
    "/", "/login", "/login/", "/logout", "/config", "/config/", "/theme.css", "/favicon.ico", "/manifest.json",
    "/gradio_api/queue/join", "/gradio_api/queue/data", "/gradio_api/startup-events", "/gradio_api/info",
    "/gradio_api/app_id", "/gradio_api/reset", "/gradio_api/reset/", "/gradio_api/cancel",
)  # fmt: skip
OPEN_BELOW = ("/assets/", "/static/", "/svelte/", "/gradio_api/heartbeat/")
PAGE_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval'",  # Gradio makes functions from its templates
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: https: http:",  # imported catalogues point to pictures elsewhere
        "font-src 'self' data:",
        "connect-src 'self'",
        "object-src 'none'",
        "form-action 'self'",
        "base-uri 'self'",
        "frame-ancestors 'none'",
    )
)
SIGN_INS = (10, 60.0)
"""Sign-ins from one address, and within how many seconds."""


class Gate:
    """Stands before everything below the prefixes of the Gradio pages."""

    def __init__(self, app: ASGIApp, prefixes: tuple[str, ...]) -> None:
        self._app = app
        self._prefixes = prefixes
        self._sign_ins = RateLimit(*SIGN_INS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        inside = self._inside(scope["path"]) if scope["type"] in ("http", "websocket") else None
        if inside is None:
            return await self._app(scope, receive, send)
        if scope["type"] == "websocket":
            return await send({"type": "websocket.close", "code": 1008})
        try:
            self._check(scope, inside)
        except ApiError as error:
            return await error_response(error.status, error.detail, error.headers)(scope, receive, send)
        return await self._app(scope, receive, _guarded(send))

    def _inside(self, path: str) -> str | None:
        """The path below the page's prefix; None for a path of somebody else's."""
        for prefix in self._prefixes:
            if path == prefix or path.startswith(prefix + "/"):
                return path.removeprefix(prefix) or "/"
        return None

    def _check(self, scope: Scope, inside: str) -> None:
        """Raises ApiError."""
        if inside not in OPEN and not inside.startswith(OPEN_BELOW):
            raise ApiError(404, "there is no such page")
        if scope["method"] not in ("GET", "HEAD") and _from_elsewhere(Headers(scope=scope)):
            raise ApiError(403, "this must be asked from the page itself")
        if inside.startswith("/login") and scope["method"] == "POST":
            self._sign_ins.take(str((scope.get("client") or ("",))[0]))


def _from_elsewhere(headers: Headers) -> bool:
    """Did another site's page send this? Programs that are no browser send neither header."""
    if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return True
    origin = headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != headers.get("host", "")


def _guarded(send: Send) -> Send:
    async def guarded(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.setdefault("X-Content-Type-Options", "nosniff")
            headers.setdefault("Referrer-Policy", "same-origin")
            headers.setdefault("X-Frame-Options", "DENY")
            headers.setdefault("Content-Security-Policy", PAGE_POLICY)
        await send(message)

    return guarded
