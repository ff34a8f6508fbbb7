"""Serving the shop: the web app, the demo and the desk on one port, from the first line to a clean stop."""

from __future__ import annotations

import logging
import signal
import socket
import sys
import threading
from types import FrameType
from typing import NoReturn

from agent.cli.progress import Progress
from agent.errors import SettingsError
from agent.services import Services, open_shop
from agent.settings import Settings
from agent.web.api import create_app
from agent.web.mounting import DEMO, DESK, end_pages, mount_pages
from agent.web.server import ShopServer

log = logging.getLogger(__name__)


class FacesServer(ShopServer):
    """Ends the streams of open pages as well when it stops."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        end_pages(self.app)
        await super().shutdown(sockets)


def serve(settings: Settings) -> int:
    """Open the shop and serve it until it is told to stop (SIGINT, SIGTERM); the exit status.

    Raises:
        agent.errors.ShopkeeperError: the port is taken, or the shop cannot be opened.
    """
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, _interrupt)
    services = None
    try:
        with _claim(settings.host, settings.port) as door:
            services = _open(settings)
            _run(services, door)
    except KeyboardInterrupt:
        log.info("stopped")
    finally:
        if services is not None:
            services.close()
    return 0


def _claim(host: str, port: int) -> socket.socket:
    """The listening socket, taken before the long work; who comes early waits until the shop is open.

    Raises SettingsError when it is taken.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        door = socket.socket(family, kind, protocol)
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        door.bind(address)
        door.listen(2048)
    except OSError as error:
        reason = error.strerror or str(error)
        raise SettingsError(f"SHOPKEEPER_PORT: cannot serve on {host}:{port}: {reason}; choose another one") from error
    return door


def _open(settings: Settings) -> Services:
    """The shop, with everything in memory that a first question would wait for.

    One import after the other: Gradio's beside the encoder's was no faster (both hold the interpreter's lock).
    """
    progress = Progress()
    try:
        services = open_shop(settings, tell=progress)
        services.warm()
        if not services.catalogue.exists:
            log.warning("the shop has no products yet; import a catalogue")
    finally:
        progress.close()
    return services


def _run(services: Services, door: socket.socket) -> None:
    settings = services.settings
    app = mount_pages(create_app(services), services)
    services.start()
    sys.stdout.write(_where(settings) + "\n")
    sys.stdout.flush()
    FacesServer(app, settings.host, settings.port).run(sockets=[door])


def _where(settings: Settings) -> str:
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(settings.host, settings.host)
    base = f"http://{host}:{settings.port}"
    kept = settings.home / "desk-password"
    password = "as set in SHOPKEEPER_DESK_PASSWORD" if settings.desk_password else f"in {kept}"
    return f"Shop: {base}/  Demo: {base}{DEMO}  Desk: {base}{DESK} (user desk, password {password})"


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt
