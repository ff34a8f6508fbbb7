"""The catalogue comes in generations: a new one is seen when it is finished, whole, and not before."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from agent.shop import Money, Product, Variant
from agent.store.catalogue import CatalogueStore, index_folder_of
from agent.store.database import Database
from agent.store.tables import products as product_rows
from agent.store.tables import variants as variant_rows
from tests.store.values import products


def lamps(count: int, title: str = "Lamp") -> list[Product]:
    return [
        Product(f"lamp-{n:04}", f"{title} {n}", variants=(Variant(f"v{n}", {}, Money(100 + n), n % 3),))
        for n in range(count)
    ]


def load(store: CatalogueStore, items: list[Product], fingerprint: str = "f") -> int:
    generation = store.begin("test")
    store.add(generation, items)
    store.finish(generation, fingerprint, f"indexes/{generation}")
    return generation


@pytest.fixture
def store(database: Database) -> CatalogueStore:
    return CatalogueStore(database)


def test_an_empty_shop_has_no_catalogue(store: CatalogueStore) -> None:
    assert store.current() is None
    assert store.get(["lamp-0000"]) == {}


def test_a_generation_is_invisible_until_it_is_finished(store: CatalogueStore) -> None:
    load(store, lamps(3, "Old"))
    generation = store.begin("test")
    store.add(generation, lamps(5, "New"))
    current = store.current()
    assert current is not None
    assert (current.products, store.get(["lamp-0000"])["lamp-0000"].title) == (3, "Old 0")
    store.finish(generation, "new", "indexes/new")
    current = store.current()
    assert current is not None
    assert (current.id, current.products, current.fingerprint) == (generation, 5, "new")
    assert (current.source, current.index_folder) == ("test", "indexes/new")
    assert store.get(["lamp-0000"])["lamp-0000"].title == "New 0"


def test_the_order_of_the_file_is_kept_over_several_batches(store: CatalogueStore) -> None:
    items = lamps(1203)[::-1]
    assert list(store.all(load(store, items))) == items


def test_get_answers_by_id_and_leaves_unknown_ones_out(store: CatalogueStore) -> None:
    items = lamps(5)
    load(store, items)
    assert store.get(["lamp-0003", "nothing", "lamp-0001"]) == {"lamp-0003": items[3], "lamp-0001": items[1]}
    assert store.get([]) == {}


def test_an_older_generation_can_still_be_read_by_its_number(store: CatalogueStore) -> None:
    old = load(store, lamps(2, "Old"))
    load(store, lamps(2, "New"))
    assert store.get(["lamp-0001"], old)["lamp-0001"].title == "Old 1"


def test_sweeping_keeps_the_current_and_the_one_before(store: CatalogueStore, database: Database) -> None:
    first, second, third = (load(store, lamps(4, name)) for name in ("First", "Second", "Third"))
    dead = store.begin("dies")
    store.add(dead, lamps(4, "Dead"))
    assert store.sweep() == [index_folder_of(dead), f"indexes/{first}"]
    assert next(p.title for p in store.all(third)) == "Third 0"
    assert next(p.title for p in store.all(second)) == "Second 0"
    assert list(store.all(first)) == list(store.all(dead)) == []
    with database.read() as connection:
        for table in (product_rows, variant_rows):
            assert connection.execute(select(func.count()).select_from(table)).scalar() == 8
    assert store.sweep() == []


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_every_product_comes_back_as_it_was_put_in(store: CatalogueStore, data: st.DataObject) -> None:
    items = [data.draw(products(f"p{n}")) for n in range(data.draw(st.integers(1, 4)))]
    generation = load(store, items)
    # A variant without a price has no currency to keep.
    assert list(store.all(generation)) == items
    assert store.get([p.id for p in items]) == {p.id: p for p in items}
