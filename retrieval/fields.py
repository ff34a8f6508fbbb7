"""Which texts of a product search reads, and as what."""

from __future__ import annotations

from collections.abc import Iterator

from retrieval.documents import AttributeValue, Document

_YES = frozenset({"yes", "y", "true"})
_NO = frozenset({"no", "n", "false", "none", "not supported", "not available", "n/a"})

EMBEDDED_DESCRIPTION = 300
"""Characters of the description that are embedded: the first sentence or two say what a thing is."""


def embedded_text(doc: Document) -> str:
    """What is turned into the product's vector: its title and the start of its description."""
    start = doc.description[:EMBEDDED_DESCRIPTION].strip()
    return f"{doc.title}. {start}" if start and start != doc.title else doc.title


def lexical_text(doc: Document) -> str:
    """What is searched by words: every field. An attribute counts by its value, and a true one by its name.

    Plain numbers stay out: they are measures that hardly anybody types, and they drown model numbers.
    """
    values = (text for name, value in doc.attributes.items() for text in said(name, value) if not _is_number(value))
    return "\n".join((doc.title, doc.brand or "", *doc.category, *values, doc.description))


def mentioned_texts(doc: Document) -> Iterator[str]:
    """Every text in which a product can be said to mention something, the title first."""
    yield doc.title
    yield doc.brand or ""
    yield from doc.category
    for name, value in doc.attributes.items():
        yield from said(name, value)
    yield doc.description


def said(name: str, value: AttributeValue) -> tuple[str, ...]:
    """What an attribute says in words: its values; its name where it is true; nothing where it is false."""
    truth = truth_of(value)
    if truth is not None:
        return (name.replace("_", " "),) if truth else ()
    if isinstance(value, tuple):
        return value
    return (value if isinstance(value, str) else f"{value:g}",)


def truth_of(value: AttributeValue) -> bool | None:
    """The truth that an attribute's value stands for, also where it was written as "yes" or "not supported"."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and len(value) <= 13:
        plain = value.strip().casefold()
        return True if plain in _YES else False if plain in _NO else None
    return None


def _is_number(value: AttributeValue) -> bool:
    return isinstance(value, float) and not isinstance(value, bool)
