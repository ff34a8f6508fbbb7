"""The help articles of `prompts/articles`, with every figure filled in from the policy.

An article is a Markdown file whose front matter, TOML between two lines of ``+++``, gives its id, its title
and everyday questions that it answers. Its body is a strict Jinja2 template that sees only the policy, so
the articles and the checks of the tools cannot disagree.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.errors import WordingError
from agent.policy import Policy

ARTICLES = Path(__file__).parent.parent / "prompts" / "articles"
_FENCE = "+++"


@dataclass(frozen=True, slots=True)
class HelpArticle:
    """One article, ready to be read. `text` is Markdown with headings of the second level."""

    id: str
    title: str
    questions: tuple[str, ...]
    text: str


def load_articles(policy: Policy, folder: Path = ARTICLES) -> list[HelpArticle]:
    """All articles of a folder, rendered for this policy, in the order of their file names.

    Raises:
        WordingError: the folder has no article, or one has no proper front matter, uses a value that the
            policy does not have, or takes an id for the second time.
    """
    from jinja2 import StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined)
    environment.filters |= {"money": lambda minor: str(policy.money(minor)), "listed": listed}
    environment.globals |= {"days": days, "policy": policy}
    found: dict[str, HelpArticle] = {}
    for file in sorted(folder.glob("*.md")):
        article = _article(environment, file)
        if article.id in found:
            raise WordingError(f"{file.name}: the id {article.id!r} is used by another article; choose a new one")
        found[article.id] = article
    if not found:
        raise WordingError(f"there are no articles in {folder}; put Markdown files there")
    return list(found.values())


def listed(values: Iterable[object], joint: str = "and") -> str:
    """Values as a phrase: "a", "a and b", "a, b and c"; "none" for none."""
    words = [str(value) for value in values]
    if len(words) < 2:
        return words[0] if words else "none"
    return f"{', '.join(words[:-1])} {joint} {words[-1]}"


def days(low: int, high: int) -> str:
    """A span of days as a phrase: "at once", "1 day", "5 days", "5 to 7 days"."""
    if high == 0:
        return "at once"
    if low == high:
        return f"{low} day{'' if low == 1 else 's'}"
    return f"{low} to {high} days" if low else f"up to {high} day{'' if high == 1 else 's'}"


def _article(environment: Any, file: Path) -> HelpArticle:
    from jinja2 import TemplateError

    try:
        head, body = _parts(file.read_text(encoding="utf-8"))
        matter = tomllib.loads(head)
        text = environment.from_string(body).render().strip()
        return HelpArticle(matter["id"], matter["title"], tuple(matter["questions"]), text)
    except (OSError, UnicodeDecodeError, ValueError, TypeError) as error:
        raise WordingError(f"{file.name} cannot be read as an article: {_line(error)}") from error
    except KeyError as error:
        raise WordingError(f"{file.name}: the front matter lacks {error}; add it") from error
    except TemplateError as error:
        raise WordingError(f"{file.name}: {_line(error)}; articles may use the values of policy.toml") from error


def _parts(text: str) -> tuple[str, str]:
    """Front matter and body. Raises ValueError where the fences are missing."""
    lines = text.splitlines()
    if not lines or lines[0].strip() != _FENCE or _FENCE not in (line.strip() for line in lines[1:]):
        raise ValueError(f"it must begin with front matter between two lines of {_FENCE}")
    end = next(number for number, line in enumerate(lines[1:], start=1) if line.strip() == _FENCE)
    return "\n".join(lines[1:end]), "\n".join(lines[end + 1 :])


def _line(error: Exception) -> str:
    return " ".join(str(error).split())
