"""A shop whose every condition can be checked by reading: lamps and mugs in all their colours, makers and prices."""

from __future__ import annotations

from itertools import product
from pathlib import Path

from agent.catalogue import Catalogue
from agent.importer import install
from agent.shop import Money, Product, Variant
from agent.store.catalogue import CatalogueStore
from agent.store.database import Database
from tests.retrieval.word_encoder import WordEncoder

COLORS = ("black", "blue", "green")
MAKERS = ("Nordlys", "Ironmoor")
MATERIALS = ("oak", "steel")


def products() -> list[Product]:
    """48 lamps and mugs with a colour, a maker, a material, a price, a width; a shirt whose sizes differ in price."""
    made = []
    for number, (thing, color, maker, material) in enumerate(
        (t, c, m, k) for t in ("desk lamp", "mug") for c, m, k in product(COLORS, MAKERS, MATERIALS)
    ):
        for step in range(2):
            price = 10.0 + 5 * ((7 * number + 3 * step) % 12)
            made.append(
                Product(
                    f"{thing.split()[-1]}-{number}-{step}",
                    f"{maker} {thing} no. {number}{step}, {material}",
                    category=("Home", "Desk lamps" if thing == "desk lamp" else "Mugs"),
                    brand=maker,
                    attributes={"color": color, "material": material, "width_cm": 10.0 + number},
                    rating=3.0 + (number % 4) * 0.5,
                    rating_count=50,
                    variants=(Variant(f"v{number}-{step}", {}, Money.of(price, "USD"), 3 * step),),
                )
            )
    sizes = (("S", 15), ("M", 16), ("L", 27))
    shirt = tuple(
        Variant(f"shirt-{size}-{color}", {"size": size, "color": color}, Money.of(price, "USD"), 1)
        for size, price in sizes
        for color in ("white", "navy")
    )
    made.append(Product("shirt", "Flaxby shirt", category=("Clothing", "Shirts"), brand="Flaxby", variants=shirt))
    return made


def open_lamps(home: Path) -> Catalogue:
    """The shop's catalogue, imported into a new home."""
    database = Database(f"sqlite:///{home}/shop.db")
    database.migrate()
    store = CatalogueStore(database)
    install(products(), "lamps", store, home, WordEncoder())
    return Catalogue(store, home, WordEncoder())
