"""A product's picture for the page: drawn by the demo shop where it can, otherwise a plain card with initials."""

from __future__ import annotations

from html import escape

from agent.shop import Product


def picture_of(product: Product) -> str:
    """SVG of a product that has no picture of its own."""
    return _plain(product)


def _plain(product: Product) -> str:
    initials = escape("".join(word[0] for word in product.title.split()[:2] if word[0].isalnum()).upper() or "•")
    hue = sum(map(ord, product.category[-1] if product.category else product.title)) * 47 % 360
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 400">'
        f'<rect width="400" height="400" fill="hsl({hue} 30% 92%)"/>'
        f'<text x="200" y="200" font-family="Georgia, serif" font-size="120" fill="hsl({hue} 25% 45%)" '
        f'text-anchor="middle" dominant-baseline="central">{initials}</text></svg>'
    )
