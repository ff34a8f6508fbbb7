"""One product added, changed or removed in a serving shop: seen at once, by everybody, and kept."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from agent.catalogue import Catalogue
from agent.changing import alone, change_products
from agent.errors import ImportFailed, NotFound
from agent.importer import install
from agent.shop import Money, Product, Variant
from agent.store.catalogue import CatalogueStore
from agent.store.database import Database
from retrieval.live import LiveIndex
from retrieval.query import PRICE, Constraint, Op, Query
from tests.dying_import import products
from tests.retrieval.word_encoder import WordEncoder

DESK = Product("desk", "Oak desk", category=("Home", "Desks"), variants=(Variant("d", {}, Money(25000), 4),))


class Shop:
    def __init__(self, home: Path, database: Database) -> None:
        self.home, self.store, self.encoder = home, CatalogueStore(database), WordEncoder()
        install(products("Old"), "the tests", self.store, home, self.encoder)
        self.catalogue = self.started_again()

    def started_again(self) -> Catalogue:
        return Catalogue(self.store, self.home, self.encoder)


@pytest.fixture
def shop(tmp_path: Path, database: Database) -> Shop:
    return Shop(tmp_path, database)


def ids(catalogue: Catalogue, text: str, *constraints: Constraint) -> list[str]:
    return [hit.product_id for hit in catalogue.search(Query(text, constraints, k=20))]


def test_an_added_product_is_found_and_sold_at_once(shop: Shop) -> None:
    shop.catalogue.change([DESK])
    assert ids(shop.catalogue, "oak desk")[0] == "desk"
    assert shop.catalogue.product("desk") == DESK
    assert shop.catalogue.all_products == [*products("Old"), DESK]
    assert shop.catalogue.categories() == [("Lamps", 12), ("Desks", 1)]


def test_a_new_price_counts_for_every_limit_and_needs_no_encoding(shop: Shop) -> None:
    encoded = shop.encoder.encoded
    shop.catalogue.change([replace(products("Old")[5], variants=(Variant("v5", {}, Money(90000), 1),))])
    assert shop.encoder.encoded == encoded
    assert "p5" not in ids(shop.catalogue, "lamp", Constraint(PRICE, Op.LE, 500))
    assert ids(shop.catalogue, "", Constraint(PRICE, Op.GE, 500)) == ["p5"]
    assert shop.catalogue.all_products[5].variants[0].price == Money(90000), "it keeps its place"


def test_a_new_title_replaces_the_old_one(shop: Shop) -> None:
    shop.catalogue.change([replace(products("Old")[5], title="Walnut shelf")])
    assert ids(shop.catalogue, "walnut shelf")[0] == "p5"
    assert len(ids(shop.catalogue, "lamp")) == 12
    assert shop.catalogue.all_products[5].title == "Walnut shelf"


def test_a_removed_product_is_neither_found_nor_sold(shop: Shop) -> None:
    shop.catalogue.change(remove=["p3", "unknown"])
    assert "p3" not in ids(shop.catalogue, "lamp")
    assert shop.catalogue.product("p3") is None
    assert len(shop.catalogue.shelf.search) == 11


def test_changes_outlive_a_restart_and_other_processes_see_them(shop: Shop) -> None:
    other = shop.started_again()
    assert "p3" in ids(other, "lamp")
    shop.catalogue.change([DESK], ["p3"])
    for catalogue in (other, shop.started_again()):
        assert ids(catalogue, "oak desk")[0] == "desk"
        assert "p3" not in ids(catalogue, "lamp")
    other.change(remove=["p4"])
    shop.catalogue.change(remove=["p5"])
    for catalogue in (other, shop.catalogue, shop.started_again()):
        assert len(catalogue.shelf.search) == 10


def test_the_file_that_was_imported_before_brings_its_products_back(shop: Shop) -> None:
    shop.catalogue.change([DESK], ["p3"])
    assert install(products("Old"), "the tests", shop.store, shop.home, shop.encoder).changed
    assert len(ids(shop.catalogue, "lamp")) == 12
    assert shop.catalogue.product("desk") is None


def test_a_database_that_fails_leaves_all_as_it_was(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    doubled = [DESK, replace(DESK, title="Another with the same id")]
    with pytest.raises(Exception, match=r"(?i)unique"):
        shop.catalogue.change(doubled)
    for catalogue in (shop.catalogue, shop.started_again()):
        assert "desk" not in ids(catalogue, "oak desk")
        assert len(catalogue.shelf.search) == 12
    shop.catalogue.change([DESK])
    assert ids(shop.started_again(), "oak desk")[0] == "desk"


def test_a_change_that_died_right_after_its_commit_is_in(shop: Shop) -> None:
    class Dying(CatalogueStore):
        def change(self, *arguments: object) -> None:
            super().change(*arguments)  # type: ignore[arg-type]
            raise KeyboardInterrupt

    current = shop.store.current()
    assert current is not None
    index = LiveIndex(shop.home / current.index_folder, shop.encoder, current.fingerprint)
    dying = Dying(shop.store._db)
    with pytest.raises(KeyboardInterrupt):
        change_products(dying, current, index, [DESK], ["p3"], "the next state")
    catalogue = shop.started_again()
    assert ids(catalogue, "oak desk")[0] == "desk"
    assert catalogue.product("p3") is None


def test_a_damaged_index_is_built_anew_from_the_products(shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    shop.catalogue.change([DESK], ["p3"])
    (path,) = shop.home.glob("indexes/*/build-*/columns.json")
    path.write_text("{}")
    catalogue = shop.started_again()
    assert ids(catalogue, "oak desk")[0] == "desk"
    assert len(catalogue.shelf.search) == 12
    assert "damaged" in caplog.text
    shutil.rmtree(shop.home / "indexes")
    assert len(shop.started_again().shelf.search) == 12


def test_while_an_import_is_at_work_a_change_waits_and_then_says_so(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agent.catalogue._PATIENCE", 0.05)
    with alone(shop.home), pytest.raises(ImportFailed, match="another import is at work"):
        shop.catalogue.change([DESK])
    shop.catalogue.change([DESK])


def test_an_empty_shop_cannot_be_changed(tmp_path: Path, database: Database) -> None:
    with pytest.raises(NotFound, match="import a catalogue first"):
        Catalogue(CatalogueStore(database), tmp_path, WordEncoder()).change([DESK])
