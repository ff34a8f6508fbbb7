"""The catalogue in the database, in generations: a new one is written beside the current one and swapped in.

Readers always see one whole generation. A generation that was never finished (an import that was
interrupted) is invisible and is swept away by the next import.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from agent.shop import Money, Product, Variant
from agent.store.database import Database
from agent.store.rows import now
from agent.store.tables import catalogues, products, variants

_BATCH = 500


def index_folder_of(generation: int) -> str:
    """Where a generation's search index is, relative to the home."""
    return f"indexes/{generation:06d}"


@dataclass(frozen=True, slots=True)
class Generation:
    """One whole catalogue. `index_folder` is relative to the home."""

    id: int
    fingerprint: str
    source: str
    products: int
    index_folder: str


class CatalogueStore:
    """Products by id, and the swap from one generation to the next."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def current(self) -> Generation | None:
        """The generation that is served; None before the first import."""
        query = select(catalogues).where(catalogues.c.state == "current").order_by(catalogues.c.id.desc()).limit(1)
        with self._db.read() as connection:
            row = connection.execute(query).first()
        return None if row is None else Generation(row.id, row.fingerprint, row.source, row.products, row.index_folder)

    def begin(self, source: str) -> int:
        """Start a new, invisible generation; the number to hand to `add` and `finish`."""
        with self._db.write() as connection:
            result = connection.execute(
                insert(catalogues).values(
                    fingerprint="", source=source, state="building", products=0, index_folder="", created_at=now()
                )
            )
            key = result.inserted_primary_key
            assert key is not None
            return int(key[0])

    def add(self, generation: int, items: Iterable[Product], start: int = 0) -> int:
        """Write products into an unfinished generation, in batches; how many."""
        iterator, count = iter(items), start
        while batch := list(islice(iterator, _BATCH)):
            with self._db.write() as connection:
                _insert(connection, generation, batch, range(count, count + len(batch)))
            count += len(batch)
        return count - start

    def finish(self, generation: int, fingerprint: str, index_folder: str) -> None:
        """Make a generation the current one, in one transaction."""
        with self._db.write() as connection:
            counting = select(func.count()).select_from(products).where(products.c.catalogue_id == generation)
            connection.execute(update(catalogues).where(catalogues.c.state == "current").values(state="old"))
            connection.execute(
                update(catalogues)
                .where(catalogues.c.id == generation)
                .values(
                    state="current",
                    fingerprint=fingerprint,
                    index_folder=index_folder,
                    products=connection.execute(counting).scalar_one(),
                )
            )

    def change(self, generation: int, put: Sequence[Product], remove: Sequence[str], fingerprint: str) -> None:
        """Add, replace and remove products of a finished generation, and name its new state, in one transaction.

        A product that is replaced keeps its place; new ones come last.
        """
        gone = [*remove, *(p.id for p in put)]
        with self._db.write() as connection:
            places: dict[str, int] = {}
            for part in (gone[i : i + _BATCH] for i in range(0, len(gone), _BATCH)):
                mine = (products.c.catalogue_id == generation) & products.c.id.in_(part)
                found = connection.execute(select(products.c.id, products.c.position).where(mine))
                places |= {row.id: row.position for row in found}
                connection.execute(
                    delete(variants).where(variants.c.catalogue_id == generation, variants.c.product_id.in_(part))
                )
                connection.execute(delete(products).where(mine))
            last = select(func.max(products.c.position)).where(products.c.catalogue_id == generation)
            start = max(connection.execute(last).scalar_one_or_none() or 0, *places.values(), 0) + 1
            fresh = iter(range(start, start + len(put)))
            for batch in (put[i : i + _BATCH] for i in range(0, len(put), _BATCH)):
                where = [places[p.id] if p.id in places else next(fresh) for p in batch]
                _insert(connection, generation, batch, where)
            count = select(func.count()).select_from(products).where(products.c.catalogue_id == generation)
            connection.execute(
                update(catalogues)
                .where(catalogues.c.id == generation)
                .values(fingerprint=fingerprint, products=connection.execute(count).scalar_one())
            )

    def sweep(self) -> list[str]:
        """Remove what is neither current nor the one before it; the index folders that may go too."""
        with self._db.write() as connection:
            rows = connection.execute(select(catalogues).order_by(catalogues.c.id.desc())).all()
            old = [row for row in rows if row.state == "old"]
            gone = [row for row in rows if row.state == "building"] + old[1:]
            for row in gone:
                connection.execute(delete(variants).where(variants.c.catalogue_id == row.id))
                connection.execute(delete(catalogues).where(catalogues.c.id == row.id))
        return [row.index_folder or index_folder_of(row.id) for row in gone]

    def all(self, generation: int) -> Iterator[Product]:
        """Every product of a generation, in its order."""
        with self._db.read() as connection:
            options = _variants(connection, generation, None)
            rows = connection.execute(
                select(products).where(products.c.catalogue_id == generation).order_by(products.c.position)
            ).all()
        return (_product(row, options.get(row.id, ())) for row in rows)

    def get(self, ids: Sequence[str], generation: int | None = None) -> dict[str, Product]:
        """The products of these ids, by id; unknown ids are left out."""
        with self._db.read() as connection:
            return read_products(connection, ids, generation)


def current_generation(connection: Connection) -> int | None:
    """The number of the generation that is served, within a transaction."""
    current = select(catalogues.c.id).where(catalogues.c.state == "current")
    found: int | None = connection.execute(current.order_by(catalogues.c.id.desc()).limit(1)).scalar()
    return found


def read_products(connection: Connection, ids: Sequence[str], generation: int | None = None) -> dict[str, Product]:
    """The products of these ids within a transaction, by id; unknown ids are left out."""
    generation = generation if generation is not None or not ids else current_generation(connection)
    if generation is None or not ids:
        return {}
    query = select(products).where(products.c.catalogue_id == generation, products.c.id.in_(ids))
    rows = connection.execute(query).all()
    options = _variants(connection, generation, ids)
    return {row.id: _product(row, options.get(row.id, ())) for row in rows}


def move_stock(connection: Connection, variant_id: str, count: int) -> bool:
    """Take units off the shelf (`count` > 0) or put them back. False where there are not so many.

    A variant that is not counted, or not in the catalogue any more, is left as it is.
    """
    here = (variants.c.catalogue_id == current_generation(connection)) & (variants.c.id == variant_id)
    stock = variants.c.stock
    if count <= 0:
        connection.execute(update(variants).where(here, stock.is_not(None)).values(stock=stock - count))
        return True
    moved = connection.execute(update(variants).where(here, stock >= count).values(stock=stock - count))
    if moved.rowcount:
        return True
    return connection.execute(select(variants.c.id).where(here, stock.is_not(None))).first() is None


def _insert(connection: Connection, generation: int, batch: Sequence[Product], places: Sequence[int]) -> None:
    connection.execute(
        insert(products),
        [
            {
                "catalogue_id": generation,
                "id": p.id,
                "position": place,
                "title": p.title,
                "description": p.description,
                "brand": p.brand,
                "category": list(p.category),
                "attributes": p.attributes,
                "image": p.image,
                "rating": p.rating,
                "rating_count": p.rating_count,
            }
            for place, p in zip(places, batch, strict=True)
        ],
    )
    rows = [
        {
            "catalogue_id": generation,
            "id": v.id,
            "product_id": p.id,
            "position": number,
            "options": v.options,
            "price_minor": v.price.minor if v.price else None,
            "currency": v.price.currency if v.price else "USD",
            "stock": v.stock,
        }
        for p in batch
        for number, v in enumerate(p.variants)
    ]
    if rows:
        connection.execute(insert(variants), rows)


def _variants(connection: Connection, generation: int, ids: Sequence[str] | None) -> dict[str, tuple[Variant, ...]]:
    query = select(variants).where(variants.c.catalogue_id == generation)
    if ids is not None:
        query = query.where(variants.c.product_id.in_(ids))
    found: dict[str, list[Variant]] = {}
    for row in connection.execute(query.order_by(variants.c.product_id, variants.c.position)):
        price = None if row.price_minor is None else Money(row.price_minor, row.currency)
        found.setdefault(row.product_id, []).append(Variant(row.id, row.options, price, row.stock))
    return {product: tuple(items) for product, items in found.items()}


def _product(row: Row[Any], options: tuple[Variant, ...]) -> Product:
    return Product(
        id=row.id,
        title=row.title,
        description=row.description,
        brand=row.brand,
        category=tuple(row.category),
        attributes=row.attributes,
        image=row.image,
        rating=row.rating,
        rating_count=row.rating_count,
        variants=options,
    )
