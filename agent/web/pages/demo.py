"""The developers' demo at /demo: a chat beside the steps that each turn took.

Only layout and wiring; what happens is in `demo_chat`, `demo_steps` and `demo_models`. A visitor's state is in
their browser session. Handlers check for themselves what a caller may do, since a hidden or disabled part of a
page stops nobody.

Importing this file takes Gradio's three seconds; `agent.web.mounting` does so when it is needed. (Gradio finds the
handlers that want the request by their annotations, which must be there at run time.)
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gradio as gr

from agent.errors import ModelError, NotFound
from agent.messages import Status
from agent.services import Services
from agent.web.errors import ApiError
from agent.web.limits import RateLimit
from agent.web.pages.demo_chat import DemoChats, Picture, Visit, trouble
from agent.web.pages.demo_models import at_this_machine, switch_model
from agent.web.pages.parts import html
from agent.web.pages.templates import Draw, drawer

EXAMPLES = (
    "a warm jacket under $120",
    "compare the first two",
    "Suggest something for me",
    "Where is my latest order?",
    "How long do I have to send something back?",
    "I want to talk to a person",
)
_LOOK = 2.0
"""Seconds between two looks for what staff have written."""


class DemoPage:
    """The page's parts and what its events do."""

    def __init__(self, services: Services, pace: RateLimit, draw: Draw | None = None) -> None:
        self._services = services
        self._chats = DemoChats(services, pace)
        self._draw = draw or drawer()

    def build(self) -> gr.Blocks:
        """The Gradio page."""
        shop = self._services.policy.shop.name
        with gr.Blocks(title=f"{shop} – demo", analytics_enabled=False, fill_width=True) as page:
            self._visit = gr.State(None)
            html(self._draw("head.html", shop=shop, face="Demo for developers", user=None))
            self._notice = html(classes="sk-notice")
            with gr.Row():
                with gr.Column(scale=5, min_width=360):
                    self._build_chat()
                with gr.Column(scale=4, min_width=320):
                    self._build_side()
            self._timer = gr.Timer(_LOOK, active=False)
            self._wire(page)
        return page

    def _build_chat(self) -> None:
        self._log = html(classes="sk-log")
        with gr.Row(visible=False, elem_classes="sk-decide") as self._card:
            self._no = gr.Button("No, leave it", elem_id="sk-no")
            self._yes = gr.Button("Yes, do exactly this", variant="primary", elem_id="sk-yes")
        with gr.Row(elem_classes="sk-write"):
            limit = self._services.policy.limits.message_characters
            self._text = gr.Textbox(
                label="Your message", placeholder="Write as a shopper would …", show_label=False, container=False,
                scale=6, max_length=limit, autofocus=True, elem_id="sk-text",
            )  # fmt: skip
            self._send = gr.Button("Send", variant="primary", scale=1, min_width=84, elem_id="sk-send")
        self._offers = gr.Dataset(
            components=["textbox"], samples=[[text] for text in EXAMPLES], show_label=False, elem_classes="sk-offers"
        )
        self._reset = gr.Button("Start a new chat", size="sm", elem_id="sk-reset")

    def _build_side(self) -> None:
        if people := self._chats.people():
            with gr.Group(elem_classes="sk-demo-only"):
                self._person = gr.Dropdown(
                    people, value=None, label="Sign in as a simulated shopper (demo only)", elem_id="sk-person",
                    info="In a real shop the store's own sign-in does this. Choosing another one starts a new chat.",
                )  # fmt: skip
        else:
            self._person = None
        with gr.Accordion("Dialog model", open=False):
            self._model_line = html(classes="sk-model-line")
            self._model = gr.Dropdown(
                ["local"], value="local", allow_custom_value=True, label="Model", elem_id="sk-model",
                info="local | hf:<id or folder> | openai:<model>@<base url>. It answers every chat of the shop.",
            )  # fmt: skip
            self._key = gr.Textbox(
                type="password", label="API key for an openai: server (not kept)", max_length=500, elem_id="sk-key"
            )
            self._switch = gr.Button("Try it and switch", size="sm", elem_id="sk-switch")
        html("<h2>Steps</h2>", "sk-heading")
        self._steps = html(classes="sk-steps-box")

    def _wire(self, page: gr.Blocks) -> None:
        shown = [self._log, self._steps, self._card, self._offers, self._timer, self._model_line]
        quiet = {"show_progress": "hidden", "api_visibility": "private", "concurrency_limit": 16}
        talk = [self._visit, self._notice, *shown]
        page.load(self._start, None, [*talk, *self._person_output()], **quiet)
        gr.on(
            [self._send.click, self._text.submit],
            self._on_send,
            [self._visit, self._text],
            [self._text, *talk],
            **quiet,
        )
        self._offers.click(self._on_offer, [self._visit, self._offers], talk, **quiet)
        self._yes.click(self._on_yes, self._visit, talk, **quiet)
        self._no.click(self._on_no, self._visit, talk, **quiet)
        self._reset.click(self._start, None, [*talk, *self._person_output()], **quiet)
        self._timer.tick(self._look, self._visit, shown, **quiet)
        self._switch.click(
            self._on_switch, [self._model, self._key], [self._notice, self._model_line, self._key], **quiet
        )
        if self._person is not None:
            self._person.select(self._on_person, [self._visit, self._person], talk, **quiet)

    def _person_output(self) -> list[Any]:
        return [] if self._person is None else [self._person]

    def _start(self) -> tuple[Any, ...]:
        visit = self._chats.start()
        return (visit, "", *self._show(visit), *([] if self._person is None else [None]))

    def _on_send(self, visit: Visit, text: str) -> Iterator[tuple[Any, ...]]:
        if not (text or "").strip():
            yield (text, visit, "", *self._show(visit))
            return
        box: Any = ""  # emptied once: what is typed while the bot answers is the visitor's
        for shown in self._talk(visit, text):
            yield (box, *shown)
            box = gr.skip()

    def _on_offer(self, visit: Visit, row: list[str]) -> Iterator[tuple[Any, ...]]:
        yield from self._talk(visit, str(row[0]))

    def _talk(self, visit: Visit, text: str) -> Iterator[tuple[Any, ...]]:
        try:
            for seen in self._chats.send(visit, text):
                yield (seen, "", *self._show(seen))
        except (ApiError, ModelError) as error:
            yield (visit, self._line(trouble(error)), *self._show(visit))

    def _on_yes(self, visit: Visit) -> Iterator[tuple[Any, ...]]:
        yield from self._decide(visit, accept=True)

    def _on_no(self, visit: Visit) -> Iterator[tuple[Any, ...]]:
        yield from self._decide(visit, accept=False)

    def _decide(self, visit: Visit, *, accept: bool) -> Iterator[tuple[Any, ...]]:
        try:
            for seen in self._chats.decide(visit, accept=accept):
                yield (seen, "", *self._show(seen))
        except (ApiError, ModelError) as error:
            yield (visit, self._line(trouble(error)), *self._show(visit))

    def _on_person(self, visit: Visit, person: str | None) -> tuple[Any, ...]:
        try:
            visit = visit if person is None else self._chats.sign_in(visit, person)
        except NotFound as error:
            return (visit, self._line(str(error)), *self._show(visit))
        return (visit, "", *self._show(visit))

    def _on_switch(self, name: str | None, key: str | None, request: gr.Request) -> tuple[str, str, str]:
        if request.username is None and not at_this_machine(request.request):
            line = "Only on the shop's own machine, or by signed-in staff, can the model be switched."
            return self._line(line), self._model_words(), ""
        try:
            line, good = switch_model(self._services, name or "", key or ""), True
        except ModelError as error:
            line, good = str(error), False
        return self._line(line, good=good), self._model_words(), ""

    def _look(self, visit: Visit | None) -> tuple[Any, ...]:
        return (gr.skip(),) * 6 if visit is None else self._show(visit)

    def _show(self, visit: Visit) -> tuple[Any, ...]:
        """What the chat, the steps, the card's buttons, the offers, the timer and the model's line become."""
        picture: Picture = self._chats.picture(visit)
        offers = picture.quick_replies or (EXAMPLES if len(picture.entries) < 3 else ())
        return (
            self._draw("chat.html", entries=picture.entries, label="The chat", empty=""),
            self._draw("steps.html", turns=picture.turns),
            gr.update(visible=picture.pending is not None),
            gr.update(samples=[[text] for text in offers], visible=bool(offers)),
            gr.update(active=picture.status in (Status.WAITING, Status.STAFF)),
            self._model_words(),
        )

    def _model_words(self) -> str:
        return self._draw("notice.html", text=f"{self._services.runner.model.name} answers now.", good=True)

    def _line(self, text: str, *, good: bool = False) -> str:
        return self._draw("notice.html", text=text, good=good)


def build_demo(services: Services, pace: RateLimit, draw: Draw | None = None) -> gr.Blocks:
    """The demo's page. `draw`: in place of the strict templates; `pace`: how fast one chat may write."""
    return DemoPage(services, pace, draw).build()
