"""Products and orders in words: the JSON that models read, replies quote and faces draw.

Every leaf that is a fact (a price, a date, a state) is rendered here and nowhere else.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from urllib.parse import quote

from agent.messages import Effect, Json, Proposal
from agent.shop import Order, OrderLine, PaymentMethod, Product

LOW_STOCK = 5


def day(moment: datetime) -> str:
    """A date as people write it: 3 March 2026."""
    return f"{moment.day} {moment:%B %Y}"


def picture_url(product_id: str, color: str | None = None) -> str:
    """Where the drawn picture of a product is, for those that have none of their own; in one of its colours."""
    return f"/images/{quote(product_id)}.svg" + (f"?color={quote(color)}" if color else "")


def price_text(product: Product) -> str:
    if product.price is None:
        return "price on request"
    prices = {v.price.minor for v in product.variants if v.price is not None}
    return f"from {product.price}" if len(prices) > 1 else str(product.price)


def stock_text(product: Product) -> str:
    if not product.in_stock:
        return "out of stock"
    stock = product.stock
    return f"only {stock} left" if stock is not None and stock <= LOW_STOCK else "in stock"


def attribute_text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def product_card(product: Product, reasons: tuple[str, ...] = ()) -> Json:
    """What a card in the chat shows; numbers beside the words where a face needs them."""
    card: Json = {
        "id": product.id,
        "title": product.title,
        "price": None if product.price is None else float(product.price.amount),
        "currency": None if product.price is None else product.price.currency,
        "price_text": price_text(product),
        "in_stock": product.in_stock,
        "stock_text": stock_text(product),
        "image": product.image or picture_url(product.id),
        "url": f"/product/{quote(product.id)}",
        "brand": product.brand,
        "rating": product.rating,
        "rating_count": product.rating_count,
    }
    if reasons:
        card["reasons"] = list(reasons)
    return card


def product_facts(product: Product, reasons: tuple[str, ...] = (), details: int = 0) -> Json:
    """What a model reads of a product. `details`: how many attributes to tell; 0 for a listing."""
    facts: Json = {
        "id": product.id,
        "title": product.title,
        "brand": product.brand,
        "category": product.category[-1] if product.category else None,
        "price": price_text(product),
        "stock": stock_text(product),
        "rating": None if product.rating is None else f"{product.rating:.1f}",
    }
    if reasons:
        facts["reasons"] = list(reasons)
    if details:
        facts["summary"] = summary(product.description)
        facts["description"] = product.description[:1200]
        facts["attributes"] = {k: attribute_text(v) for k, v in list(product.attributes.items())[:details]}
        facts["options"] = {name: list(values) for name, values in product.options.items()}
    return {k: v for k, v in facts.items() if v not in (None, {}, [])}


def summary(description: str, most: int = 300) -> str:
    """The first sentences of a description, as many as fit."""
    sentences = re.split(r"(?<=[.!?])\s+|\n+", description.strip())
    text = sentences[0]
    for sentence in sentences[1:]:
        if len(text) + len(sentence) >= most:
            break
        text += " " + sentence
    return text if len(text) <= most else text[:most].rsplit(" ", 1)[0] + " …"


def comparison(products: list[Product], most: int = 10) -> Json:
    """Products side by side: price, rating and stock, then the attributes that tell them apart, then the rest."""
    rows = [
        {"name": "Price", "values": [price_text(p) for p in products]},
        {"name": "Rating", "values": [f"{p.rating:.1f} ({p.rating_count})" if p.rating else "–" for p in products]},
        {"name": "Availability", "values": [stock_text(p) for p in products]},
        {"name": "Brand", "values": [p.brand or "–" for p in products]},
    ]
    names = dict.fromkeys(name for p in products for name in p.attributes)
    table = {name: [attribute_text(p.attributes.get(name, "–")) for p in products] for name in names}
    shared = [name for name in table if sum(name in p.attributes for p in products) > 1]
    differing = [name for name in shared if len(set(table[name])) > 1]
    same = [name for name in shared if name not in differing]
    for name in (differing + same)[:most]:
        rows.append({"name": label(name), "values": table[name]})
    return {"products": [product_card(p) for p in products], "rows": rows}


def label(attribute: str) -> str:
    """An attribute's name for people: ``width_cm`` → ``Width (cm)``."""
    name, _, unit = attribute.rpartition("_")
    if name and unit in ("cm", "mm", "kg", "g", "ml", "l", "w", "lm", "h", "in", "mah", "gb"):
        return f"{name.replace('_', ' ').capitalize()} ({unit})"
    return attribute.replace("_", " ").capitalize()


def line_text(line: OrderLine) -> str:
    options = ", ".join(line.options.values())
    return f"{line.title} ({options})" if options else line.title


def order_facts(order: Order, methods: tuple[PaymentMethod, ...]) -> Json:
    """What a model reads of an order."""
    method = next((m.label for m in methods if m.id == order.payment_method_id), "the original payment method")
    facts: Json = {
        "id": order.id,
        "status": order.status.value,
        "placed": day(order.placed_at),
        "items": "; ".join(f"{line.quantity} × {line_text(line)}" for line in order.lines),
        "total": str(order.total),
        "shipping": str(order.shipping) if order.shipping.minor else "free",
        "address": str(order.address),
        "payment": method,
        "tracking": order.tracking,
        "expected": day(order.expected_at) if order.expected_at else None,
        "delivered": day(order.delivered_at) if order.delivered_at else None,
    }
    return {k: v for k, v in facts.items() if v is not None}


def order_card(order: Order) -> Json:
    """What an order's card in the chat shows."""
    return {
        "id": order.id,
        "status": order.status.value,
        "placed": day(order.placed_at),
        "expected": day(order.expected_at) if order.expected_at else None,
        "delivered": day(order.delivered_at) if order.delivered_at else None,
        "tracking": order.tracking,
        "lines": [
            {
                "title": line.title,
                "options": ", ".join(line.options.values()),
                "quantity": line.quantity,
                "price_text": str(line.total),
                "image": line.image or picture_url(line.product_id),
            }
            for line in order.lines
        ],
        "shipping_text": str(order.shipping) if order.shipping.minor else "free",
        "total_text": str(order.total),
    }


def effect_card(effect: Effect) -> Json:
    """An effect as its card shows it: nothing of it is left out."""
    money = None
    if effect.money is not None:
        money = f"{effect.money} back to you" if effect.money.minor >= 0 else f"{-effect.money} to pay"
    return {
        "title": effect.title,
        "changes": [{"what": c.what, "before": c.before, "after": c.after} for c in effect.changes],
        "money_text": money,
        "method": effect.method,
        "warnings": list(effect.warnings),
    }


def proposal_card(proposal: Proposal) -> Json:
    return {"id": proposal.id, **effect_card(proposal.effect), "expires_at": proposal.expires_at.isoformat()}
