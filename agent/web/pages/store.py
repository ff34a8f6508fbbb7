"""The demo store: a small shop front that embeds the widget exactly as any customer's page would.

Pages are Jinja templates with autoescape and strict values; everything that changes with the shopper is
fetched by the page's own scripts from the public API.
"""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.staticfiles import StaticFiles

from agent.present import attribute_text, label, product_card
from agent.services import Services
from agent.shop import Product
from agent.web.identity import ServicesHere

FOLDER = Path(__file__).parent / "store"
_CHIPS = 14

_templates = Environment(
    loader=FileSystemLoader(FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)


def add_to(app: FastAPI) -> None:
    """Serve the front page, product pages and their assets."""
    app.get("/", response_class=HTMLResponse)(front)
    app.get("/product/{product_id:path}", response_class=HTMLResponse)(product_page)
    app.mount("/assets", StaticFiles(directory=FOLDER / "assets"), name="assets")


def front(services: ServicesHere) -> HTMLResponse:
    """The shop front: search, categories, suggestions."""
    categories = [name for name, _ in services.catalogue.categories()[:_CHIPS]] if services.ready else []
    return _page("front.html", services, categories=categories)


def product_page(services: ServicesHere, product_id: str) -> HTMLResponse:
    """One product; a friendly page with 404 where there is none."""
    product = services.catalogue.product(product_id) if product_id.isprintable() else None
    if product is None:
        return _page("missing.html", services, status=404)
    return _page(
        "product.html",
        services,
        card=product_card(product),
        description=product.description,
        category=product.category,
        attributes=[(label(name), attribute_text(value)) for name, value in product.attributes.items()],
        options=product.options,
        variants=_variants(product),
    )


def _variants(product: Product) -> list[dict[str, object]]:
    return [
        {"options": v.options, "price": None if v.price is None else str(v.price), "in_stock": v.in_stock}
        for v in product.variants
    ]


def _page(template: str, services: Services, status: int = 200, **values: object) -> HTMLResponse:
    settings, shop = services.settings, services.policy.shop
    text = _templates.get_template(template).render(shop=shop.name, email=shop.email, demo=settings.demo, **values)
    return HTMLResponse(text, status_code=status)
