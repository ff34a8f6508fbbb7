"""What one caller may ask of us: the size of a body and the pace of requests."""

from __future__ import annotations

import threading
import time
from collections import deque

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from agent.web.errors import ApiError, error_response

MOST_BODY = 64 * 1024
_MOST_DRAINED = 2 * 1024 * 1024


class BodyLimit:
    """Refuses API requests whose body is larger than `most` bytes, with 413.

    A body that says so beforehand is read and thrown away up to a bound, so that the caller gets to read the
    answer instead of a broken connection.
    """

    def __init__(self, app: ASGIApp, most: int = MOST_BODY, prefix: str = "/api/") -> None:
        self._app = app
        self._most = most
        self._prefix = prefix
        self._detail = f"the body is larger than {most // 1024} kB; send less"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(self._prefix):
            return await self._app(scope, receive, send)
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if declared.isdigit() and int(declared) > self._most:
            await _drain(receive)
            return await error_response(413, self._detail, {"Connection": "close"})(scope, receive, send)
        return await self._app(scope, self._counted(receive), send)

    def _counted(self, receive: Receive) -> Receive:
        read = 0

        async def counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > self._most:
                raise HTTPException(413, self._detail)
            return message

        return counted


async def _drain(receive: Receive) -> None:
    read = 0
    while read < _MOST_DRAINED:
        message = await receive()
        read += len(message.get("body", b""))
        if not message.get("more_body", False):
            return


class RateLimit:
    """At most `most` requests of one key within `seconds`. Counts in this process only."""

    def __init__(self, most: int, seconds: float) -> None:
        self._most = most
        self._seconds = seconds
        self._lock = threading.Lock()
        self._times: dict[str, deque[float]] = {}

    def take(self, key: str) -> None:
        """Count a request. Raises ApiError (429) when it is one too many."""
        moment = time.monotonic()
        with self._lock:
            if key not in self._times:
                self._forget_idle(moment)
            times = self._times.setdefault(key, deque())
            while times and times[0] <= moment - self._seconds:
                times.popleft()
            if len(times) >= self._most:
                wait = max(1, round(times[0] + self._seconds - moment))
                raise ApiError(429, f"too many at once; try again in {wait} s", {"Retry-After": str(wait)})
            times.append(moment)

    def _forget_idle(self, moment: float) -> None:
        if len(self._times) > 10_000:
            self._times = {k: t for k, t in self._times.items() if t and t[-1] > moment - self._seconds}
