"""Which variants of a product are meant by a colour or a size: their price, stock and picture count."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from agent.present import picture_url
from agent.shop import Product, Variant
from retrieval.query import IN_STOCK, PRICE, Constraint, Op
from retrieval.resolve import sizes_of
from retrieval.words import key


def asked_for(product: Product, wants: Sequence[str]) -> tuple[Variant, ...]:
    """The product's variants that have every option which the wants name; all, where they name none of its options."""
    variants = product.variants
    for want in wants:
        forms = {key(form) for part in want.split(" or ") for form in (part, *sizes_of((part,)))}
        fitting = tuple(v for v in variants if any(_says(value, forms) for value in v.options.values()))
        named = any(_says(value, forms) for values in product.options.values() for value in values)
        if named:
            variants = fitting
    return variants


def _says(value: str, forms: Iterable[str]) -> bool:
    """Is an option's value one of the forms, or does it say one of several words in it ("dark green")?"""
    said = f" {key(value)} "
    return any(f" {form} " in said for form in forms if form)


def keeps(variants: Sequence[Variant], constraints: Sequence[Constraint]) -> bool:
    """Does one of the variants keep the limits on price and stock? The product's own lowest price may be another's."""
    return any(all(_keeps(variant, c) for c in constraints) for variant in variants)


def _keeps(variant: Variant, constraint: Constraint) -> bool:
    if constraint.attribute == IN_STOCK:
        return variant.in_stock
    if constraint.attribute != PRICE or not isinstance(constraint.value, int | float):
        return True
    if variant.price is None:
        return False
    price = float(variant.price.amount)
    return price <= constraint.value if constraint.op is Op.LE else price >= constraint.value


def narrowed(product: Product, wants: Sequence[str], constraints: Sequence[Constraint] = ()) -> Product | None:
    """The product with only the variants that were asked for; None where none of them keeps the limits.

    Where that leaves one colour of several, a drawn picture shows it. Where the wants name none of its options, it is
    the product as it is.
    """
    variants = asked_for(product, wants)
    if len(variants) == len(product.variants):
        return product
    kept = tuple(v for v in variants if keeps((v,), constraints))
    if not kept:
        return None
    color = _color_of(kept) if product.image is None and _color_of(product.variants) is None else None
    return replace(product, variants=kept, image=picture_url(product.id, color) if color else product.image)


def _color_of(variants: Sequence[Variant]) -> str | None:
    """The one colour that all the variants have, where that is a choice."""
    colors = {value for v in variants for name, value in v.options.items() if key(name) == "color"}
    return colors.pop() if len(colors) == 1 else None
