"""A shop's product as search sees it."""

from __future__ import annotations

from agent.shop import Product
from retrieval.documents import Document


def to_document(product: Product) -> Document:
    """The search document of a product.

    The price is the lowest that is on offer, in major units; the stock is the sum over variants, None where
    one is not counted. What a shopper may choose becomes an attribute with all its values, in place of an
    attribute of the same name. *Not* covered: which choice has which price or stock; ask the product.
    """
    price = product.price
    return Document(
        id=product.id,
        title=product.title,
        description=product.description,
        brand=product.brand,
        category=product.category,
        price=float(price.amount) if price else None,
        currency=price.currency if price else "USD",
        attributes={**product.attributes, **product.options},
        rating=product.rating,
        rating_count=product.rating_count,
        stock=product.stock,
    )
