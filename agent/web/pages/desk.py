"""The support staff's desk at /desk: the queue, one chat with its plan, and what staff do in it.

Only layout and wiring; what is shown comes from `desk_view`, what is done from `agent.desk`. Who acts is the
name that signed in, never an input. What staff have typed is theirs: no look at the queue touches it, and a
draft stays with its chat.

Importing this file takes Gradio's three seconds; see `demo`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gradio as gr

from agent.errors import Conflict, NotFound
from agent.services import Services
from agent.web.pages.desk_view import DeskView, Row, Screen
from agent.web.pages.parts import html
from agent.web.pages.templates import Draw, drawer

LOOK = 2.0
"""Seconds between two looks at the queue."""
WAITING, BOTS = "waiting", "bots"
_EMPTY = "Choose a chat on the left. Whoever waits the longest is at the top."


class DeskPage:
    """The page's parts and what its events do."""

    def __init__(self, services: Services, draw: Draw | None = None) -> None:
        self._services = services
        self._view = DeskView(services)
        self._draw = draw or drawer()

    def build(self) -> gr.Blocks:
        """The Gradio page."""
        shop = self._services.policy.shop.name
        with gr.Blocks(title=f"{shop} – support desk", analytics_enabled=False, fill_width=True) as page:
            self._selected = gr.State(None)
            self._tab = gr.State(WAITING)
            self._drafts = gr.State({})
            self._screen = gr.State(None)
            self._who = html()
            with gr.Row():
                with gr.Column(scale=3, min_width=250):
                    self._build_lists()
                with gr.Column(scale=6, min_width=340):
                    self._build_chat()
                with gr.Column(scale=4, min_width=280):
                    html("<h2>Plan</h2>", "sk-heading")
                    self._plan = html(classes="sk-plan-box")
            self._timer = gr.Timer(LOOK)
            self._wire(page)
        return page

    def _build_lists(self) -> None:
        self._head = html(classes="sk-heading")
        quiet = {"show_label": False, "container": False, "elem_classes": "sk-list"}
        with gr.Tabs():
            with gr.Tab("Queue", id=WAITING) as self._waiting_tab:
                self._waiting = gr.Radio([], label="Waiting and yours", **quiet, elem_id="sk-waiting")
            with gr.Tab("Bot’s chats", id=BOTS) as self._bots_tab:
                self._bots = gr.Radio([], label="Chats that the bot is in", **quiet, elem_id="sk-bots")

    def _build_chat(self) -> None:
        self._title = html(classes="sk-heading")
        self._notice = html(classes="sk-notice")
        self._log = html(classes="sk-log")
        limit = self._services.policy.limits.message_characters
        self._text = gr.Textbox(
            label="Your answer", placeholder="Answer the shopper …  (Shift + Enter sends)", show_label=False,
            container=False, lines=3, max_lines=8, max_length=limit, elem_id="sk-reply",
        )  # fmt: skip
        with gr.Row(elem_classes="sk-actions"):
            self._take = gr.Button("Take over", variant="primary", interactive=False, elem_id="sk-take", min_width=100)
            self._send = gr.Button("Send", variant="primary", interactive=False, elem_id="sk-send", min_width=80)
            self._back = gr.Button("Give back", interactive=False, elem_id="sk-back", min_width=100)
            self._close = gr.Button("Close", interactive=False, elem_id="sk-close", min_width=80)

    def _wire(self, page: gr.Blocks) -> None:
        quiet = {"show_progress": "hidden", "api_visibility": "private", "concurrency_limit": 16}
        shown = [
            self._screen, self._waiting, self._bots, self._head, self._title, self._log, self._plan,
            self._take, self._send, self._back, self._close,
        ]  # fmt: skip
        at = [self._selected, self._tab, self._screen]
        page.load(self._on_load, at[:2], [self._who, *shown], **quiet)
        self._timer.tick(self._on_look, at, shown, **quiet)
        chosen = [self._selected, self._text, self._drafts, self._notice, *shown]
        for radio in (self._waiting, self._bots):
            radio.input(self._on_choose, [radio, self._text, self._drafts, *at], chosen, **quiet)
        self._waiting_tab.select(self._on_waiting_tab, at[::2], [self._tab, *shown], **quiet)
        self._bots_tab.select(self._on_bots_tab, at[::2], [self._tab, *shown], **quiet)
        done = [self._notice, *shown]
        self._take.click(self._on_take, at, done, **quiet)
        self._back.click(self._on_back, at, done, **quiet)
        self._close.click(self._on_close, at, done, **quiet)
        gr.on([self._send.click, self._text.submit], self._on_send, [self._text, *at], [self._text, *done], **quiet)

    def _on_load(self, selected: str | None, tab: str, request: gr.Request) -> tuple[Any, ...]:
        shop = self._services.policy.shop.name
        me = self._me(request)
        head = self._draw("head.html", shop=shop, face="Support desk", user=me, out="logout")
        return (head, *self._look(me, selected, tab, None))

    def _on_look(self, selected: str | None, tab: str, old: Screen | None, request: gr.Request) -> tuple[Any, ...]:
        return self._look(self._me(request), selected, tab, old)

    def _on_choose(
        self, choice: str | None, text: str, drafts: dict[str, str], selected: str | None, tab: str,
        old: Screen | None, request: gr.Request,
    ) -> tuple[Any, ...]:  # fmt: skip
        me = self._me(request)
        kept = {**drafts, **({selected: text} if selected else {})}
        draft = kept.pop(choice, "") if choice else ""
        return (choice, draft, kept, "", *self._look(me, choice, tab, old))

    def _on_waiting_tab(self, selected: str | None, old: Screen | None, request: gr.Request) -> tuple[Any, ...]:
        return (WAITING, *self._look(self._me(request), selected, WAITING, old))

    def _on_bots_tab(self, selected: str | None, old: Screen | None, request: gr.Request) -> tuple[Any, ...]:
        return (BOTS, *self._look(self._me(request), selected, BOTS, old))

    def _on_take(self, selected: str | None, tab: str, old: Screen | None, request: gr.Request) -> tuple[Any, ...]:
        return self._act(self._services.desk.take_over, self._me(request), selected, tab, old)

    def _on_back(self, selected: str | None, tab: str, old: Screen | None, request: gr.Request) -> tuple[Any, ...]:
        return self._act(self._services.desk.give_back, self._me(request), selected, tab, old)

    def _on_close(self, selected: str | None, tab: str, old: Screen | None, request: gr.Request) -> tuple[Any, ...]:
        return self._act(self._services.desk.close, self._me(request), selected, tab, old)

    def _on_send(
        self, text: str, selected: str | None, tab: str, old: Screen | None, request: gr.Request
    ) -> tuple[Any, ...]:
        def reply(chat: str, name: str) -> None:
            self._services.desk.reply(chat, name, text)

        me = self._me(request)
        line, *shown = self._act(reply, me, selected, tab, old)
        return (text if line else "", line, *shown)

    def _act(
        self, move: Callable[[str, str], None], me: str, selected: str | None, tab: str, old: Screen | None
    ) -> tuple[Any, ...]:
        """Do a move in the chat that is selected; a line where it was not possible, then the new screen."""
        line = ""
        try:
            if selected is None:
                raise Conflict("choose a chat first")
            move(selected, me)
        except (Conflict, NotFound) as error:
            text = str(error)
            line = self._draw("notice.html", text=f"{text[:1].upper()}{text[1:]}.", good=False)
        return (line, *self._look(me, selected, tab, old))

    def _me(self, request: gr.Request) -> str:
        """Who signed in. Raises gr.Error for anybody who is not, or no longer, of the staff."""
        name = request.username
        if name is None or name not in self._services.staff.names():
            raise gr.Error("Please sign in again.", print_exception=False)
        return str(name)

    def _look(self, me: str, selected: str | None, tab: str, old: Screen | None) -> tuple[Any, ...]:
        """The parts of the screen that differ from `old`; the rest is left as it is in the browser."""
        new = self._view.screen(me, selected, bots=tab == BOTS)
        was = old or Screen()
        first = old is None

        def part(changed: bool, make: Callable[[], Any]) -> Any:
            return make() if first or changed else gr.skip()

        chat = new.chat or {"entries": [], "title": ""}
        moved = new.selected != was.selected
        powers = new.powers != was.powers
        return (
            new,
            part(moved or new.waiting != was.waiting, lambda: _choices(new.waiting, new.selected)),
            part(moved or new.bots != was.bots, lambda: _choices(new.bots, new.selected)),
            part(new.head != was.head, lambda: self._draw("heading.html", text=new.head)),
            part(
                chat["title"] != (was.chat or {}).get("title"), lambda: self._draw("heading.html", text=chat["title"])
            ),
            part(new.chat != was.chat, lambda: self._chat(chat)),
            part(new.plan != was.plan, lambda: "" if new.plan is None else self._draw("plan.html", **new.plan)),
            part(powers, lambda: gr.update(interactive=new.powers.take)),
            part(powers, lambda: gr.update(interactive=new.powers.answer)),
            part(powers, lambda: gr.update(interactive=new.powers.answer)),
            part(powers, lambda: gr.update(interactive=new.powers.answer)),
        )

    def _chat(self, chat: dict[str, Any]) -> str:
        return self._draw("chat.html", entries=chat["entries"], label="Transcript", empty=_EMPTY)


def _choices(rows: tuple[Row, ...], selected: str | None) -> Any:
    ids = {row.id for row in rows}
    return gr.update(choices=[(row.label, row.id) for row in rows], value=selected if selected in ids else None)


def build_desk(services: Services, draw: Draw | None = None) -> gr.Blocks:
    """The desk's page. `draw`: in place of the strict templates."""
    return DeskPage(services, draw).build()
