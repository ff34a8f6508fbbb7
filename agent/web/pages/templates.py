"""What the demo and the desk draw: strict templates in which every value is text, never markup.

Whatever a shopper, a model or a catalogue wrote reaches a page through these templates alone, with autoescape on.
Not covered: Gradio's own components, which are given fixed words, or plain text that they show as text.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

FOLDER = Path(__file__).parent / "faces"

Draw = Callable[..., str]
"""A template's name and its values in, HTML out."""


def strict_environment(*, autoescape: bool = True) -> Environment:
    """Templates with autoescape and strict values. Only a test that shows what autoescape is for turns it off."""
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=autoescape,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(pretty=pretty, clock=clock, took=took, picture=picture, spoken=spoken)
    return environment


def drawer(environment: Environment | None = None) -> Draw:
    """The function that a page draws with."""
    templates = environment or strict_environment()

    def draw(name: str, /, **values: Any) -> str:
        return templates.get_template(name).render(values)

    return draw


def face_style() -> str:
    """The icon and the style sheet of both faces, for a page's head."""
    style = (FOLDER / "faces.css").read_text(encoding="utf-8")
    return f'<link rel="icon" href="/assets/icon.svg"><style>{style}</style>'


def pretty(value: Any) -> str:
    """JSON for people."""
    return json.dumps(value, ensure_ascii=False, indent=2, default=str)


def clock(moment: datetime | None) -> str:
    """A time of day where the shop runs, with the date when it is not today's: 14:05, 3 March 14:05."""
    if moment is None:
        return ""
    here = _aware(moment).astimezone()
    today = here.date() == datetime.now(UTC).astimezone().date()
    return f"{here:%H:%M}" if today else f"{here.day} {here:%B %H:%M}"


def took(ms: float | None) -> str:
    """A duration: 12 ms, 3.4 s; empty where it is not known."""
    if ms is None:
        return ""
    return f"{ms / 1000:.1f} s" if ms >= 1000 else f"{ms:.0f} ms" if ms >= 10 else f"{ms:.1f} ms"


def spoken(slot: str) -> str:
    """The name of evidence for people: ``product.attributes.width_cm`` → ``product width cm``."""
    return slot.replace("attributes.", "").replace(".", " ").replace("_", " ")


def picture(address: Any) -> str:
    """A picture's address that a page may load: of this shop or of the web; empty for anything else."""
    text = str(address or "")
    return text if text.startswith(("/", "https://", "http://")) else ""


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
