"""Mounting the Gradio pages on the web app: the demo at /demo, the desk at /desk.

The desk always asks for a sign-in; the demo does where the shop is not a demo shop.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from html import escape
from typing import Any

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.routing import Mount

from agent.services import Services
from agent.web.pages.gate import Gate
from agent.web.pages.templates import Draw, face_style

DEMO, DESK = "/demo", "/desk"
JUNIPER = "#1d4a3c"
_NO_FILES = 1
"""Bytes that an upload may have; the pages take none."""


def mount_pages(app: FastAPI, services: Services, draw: Draw | None = None) -> FastAPI:
    """Mount both pages on an app that `agent.web.api.create_app` made, before it serves. The same app.

    Imports Gradio, which takes seconds. `draw`: in place of the strict templates.
    """
    _quieten_gradio()
    from agent.web.pages.demo import build_demo
    from agent.web.pages.desk import build_desk

    shop = services.policy.shop.name
    app.add_middleware(Gate, prefixes=(DEMO, DESK))
    demo_door = None if services.settings.demo else staff_door(services)
    _mount(app, build_demo(services, app.state.message_pace, draw), DEMO, demo_door, f"{shop}: demo")
    _mount(app, build_desk(services, draw), DESK, staff_door(services), f"{shop}: support desk")
    return app


def end_pages(app: FastAPI) -> None:
    """End the streams by which open pages stay alive, so that a server can stop. Call it in the event loop's thread."""
    for route in app.routes:
        if isinstance(route, Mount) and route.path in (DEMO, DESK):
            route.app.stop_event.set()  # type: ignore[attr-defined]


def staff_door(services: Services) -> Callable[[str, str], Awaitable[bool]]:
    """The sign-in of staff, checked beside the event loop, since a password's hash takes its time."""

    async def check(name: str, password: str) -> bool:
        return await run_in_threadpool(services.staff.check, name, password)

    return check


def _quieten_gradio() -> None:
    """Set what Gradio reads from the environment: no telemetry, and no statistics of all events after each event."""
    os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
    os.environ.setdefault("GRADIO_ANALYTICS_MAX_EVENTS", "100")
    os.environ.setdefault("GRADIO_ANALYTICS_CACHE_FREQUENCY", str(10**9))


def _mount(app: FastAPI, page: Any, path: str, door: Callable[..., Any] | None, title: str) -> None:
    import gradio as gr

    gr.mount_gradio_app(
        app, page, path=path, auth=door, auth_message=escape(title), show_error=False, footer_links=[],
        run_history=False, ssr_mode=False, pwa=False, mcp_server=False, max_file_size=_NO_FILES, theme=_theme(),
        head=face_style(),
    )  # fmt: skip


def _theme() -> Any:
    """The store's colours, in fonts that every machine has: nothing is loaded from elsewhere."""
    import gradio as gr
    from gradio.themes.utils.fonts import Font

    families = [Font(name) for name in ("system-ui", "-apple-system", "Segoe UI", "Roboto", "sans-serif")]
    mono = [Font(name) for name in ("ui-monospace", "Consolas", "monospace")]
    soft = {"block_title_text_weight": "500", "block_title_text_size": "14px", "button_large_text_weight": "500"}
    chosen = "color-mix(in srgb, #347a63 {share}%, var(--background-fill-primary))"
    accent = {
        "button_primary_background_fill": JUNIPER,
        "button_primary_background_fill_hover": "#2a6350",
        "button_primary_background_fill_dark": "#2a6350",
        "button_primary_background_fill_hover_dark": "#347a63",
        "button_primary_text_color": "white",
        "checkbox_label_background_fill_selected": chosen.format(share=14),
        "checkbox_label_background_fill_selected_dark": chosen.format(share=40),
        "checkbox_label_text_color_selected": "*body_text_color",
        "checkbox_label_text_color_selected_dark": "*body_text_color",
        "checkbox_background_color_selected": "#347a63",
        "checkbox_background_color_selected_dark": "#347a63",
        "checkbox_label_border_width": "1px",
        "checkbox_label_shadow": "none",
    }
    edges = {
        "input_border_width": "1px",
        "input_border_color": "*neutral_300",
        "button_secondary_border_color": "*neutral_300",
    }
    return gr.themes.Default(primary_hue="emerald", neutral_hue="stone", font=families, font_mono=mono).set(
        **soft, **accent, **edges
    )
