"""The fixed words of the shop, from `prompts/lines.toml`, rendered strictly.

A line is one text or several that say the same; which one is used is drawn from a key (the conversation
and the message's number), so that a replay says the same again. A value that is missing, or that no
variant uses, is an error: shopper and product text is only ever a value, never a template.
"""

from __future__ import annotations

import hashlib
import string
import tomllib
from collections.abc import Mapping
from pathlib import Path

from agent.errors import WordingError

PROMPTS = Path(__file__).parent.parent / "prompts"


class Wording:
    """Named lines with `{slots}`."""

    def __init__(self, path: Path = PROMPTS / "lines.toml") -> None:
        try:
            raw = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise WordingError(f"cannot read the lines in {path.name}: {error}") from error
        self._lines: dict[str, tuple[str, ...]] = {
            f"{section}.{name}": (text,) if isinstance(text, str) else tuple(text)
            for section, lines in raw.items()
            for name, text in lines.items()
        }

    def names(self) -> list[str]:
        return sorted(self._lines)

    def __contains__(self, name: object) -> bool:
        return name in self._lines

    def template(self, name: str, key: str = "", /) -> str:
        """One of the variants of a line, unfilled; always the same one for the same key."""
        variants = self._lines.get(name)
        if not variants:
            raise WordingError(f"there is no line {name!r} in lines.toml")
        return variants[int.from_bytes(hashlib.sha256(f"{name}|{key}".encode()).digest()[:4], "big") % len(variants)]

    def line(self, name: str, key: str = "", /, **values: object) -> str:
        """A line, filled. Raises WordingError for a missing value, or one that no variant of it uses."""
        used = set().union(*(slots(variant) for variant in self._lines.get(name, ())))
        if unused := set(values) - used:
            raise WordingError(f"line {name!r} does not use {', '.join(sorted(unused))}")
        return fill(self.template(name, key), {k: str(v) for k, v in values.items()})


def slots(template: str) -> set[str]:
    """The names of a template's slots. Raises WordingError where the braces do not match."""
    try:
        return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}
    except ValueError as error:
        raise WordingError(f"a line is not well formed: {error}: {template!r}") from error


def fill(template: str, values: Mapping[str, str]) -> str:
    """Put values into `{slots}`, as they are. Raises WordingError for a slot without a value."""
    parts: list[str] = []
    for literal, name, _, _ in string.Formatter().parse(template):
        parts.append(literal)
        if name is not None:
            if name not in values:
                raise WordingError(f"no value for {{{name}}} in {template!r}")
            parts.append(values[name])
    return "".join(parts)
