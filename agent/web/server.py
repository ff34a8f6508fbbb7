"""The web server: uvicorn that ends the open event streams when it is told to stop.

uvicorn waits for every open response before it stops, and an event stream never ends by itself.
"""

from __future__ import annotations

import socket

import uvicorn
from fastapi import FastAPI

STOP_WITHIN = 2
"""Seconds for requests under way once the server is told to stop."""


class ShopServer(uvicorn.Server):
    """A uvicorn server of the app that `agent.web.api.create_app` made."""

    def __init__(self, app: FastAPI, host: str, port: int, *, log_level: str = "warning") -> None:
        self.app = app
        config = uvicorn.Config(
            app, host, port, log_level=log_level, timeout_graceful_shutdown=STOP_WITHIN, server_header=False
        )
        super().__init__(config)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self.app.state.streams.close()
        await super().shutdown(sockets)
