"""An import is seen whole or not at all; killed half-way, the old catalogue serves on and the next import works."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent.catalogue import Catalogue
from agent.errors import ImportFailed, NotFound
from agent.importer import install
from agent.shop import Money, Product, Variant
from agent.store.catalogue import CatalogueStore
from agent.store.database import Database
from retrieval.query import PRICE, Constraint, Op, Query
from tests.dying_import import products
from tests.retrieval.word_encoder import WordEncoder

_ROOT = Path(__file__).parents[1]


class Shop:
    """A home, its database, and the catalogue as it is served."""

    def __init__(self, home: Path, database: Database) -> None:
        self.home, self.database = home, database
        self.store, self.encoder = CatalogueStore(database), WordEncoder()
        self.catalogue = Catalogue(self.store, home, self.encoder)

    def load(self, items: list[Product], tell: Any = None) -> bool:
        return install(items, "the tests", self.store, self.home, self.encoder, tell).changed

    def found(self, query: str = "lamp") -> set[str]:
        """The first words of the titles that a search finds."""
        hits = self.catalogue.search(Query(query, k=50))
        assert hits
        return {p.title.split()[0] for p in self.catalogue.products([h.product_id for h in hits])}

    def folders(self) -> list[str]:
        return sorted(p.name for p in (self.home / "indexes").iterdir() if not p.name.startswith("."))


@pytest.fixture
def shop(tmp_path: Path, sqlite: Database) -> Shop:
    return Shop(tmp_path, sqlite)


@pytest.fixture(scope="module")
def importer() -> Iterator[Any]:
    command = [sys.executable, "-m", "tests.dying_import"]
    with subprocess.Popen(
        command, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None

        def run(home: Path, prefix: str, at: int, *, few: bool = False) -> bool:
            url = f"sqlite:///{home / 'shop.db'}"
            request = {"home": str(home), "url": url, "prefix": prefix, "few": few, "at": at}
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(json.dumps(request) + "\n")
            process.stdin.flush()
            answer = json.loads(process.stdout.readline())
            assert answer["killed"] or answer["status"] == 0
            return bool(answer["killed"])

        yield run
        process.stdin.close()
        assert process.wait(10) == 0


def test_an_import_fills_an_empty_shop(shop: Shop) -> None:
    with pytest.raises(NotFound):
        shop.catalogue.search(Query("lamp"))
    assert shop.catalogue.all_products == []
    assert shop.load(products("Old"))
    assert shop.found() == {"Old"}
    assert shop.catalogue.all_products == products("Old")
    assert shop.catalogue.categories() == [("Lamps", 12)]


def test_the_same_again_changes_nothing(shop: Shop) -> None:
    shop.load(products("Old"))
    before, generation = shop.folders(), shop.catalogue.generation
    encoded = shop.encoder.encoded
    assert not shop.load(products("Old"))
    assert (shop.folders(), shop.catalogue.generation, shop.encoder.encoded) == (before, generation, encoded)


@pytest.mark.parametrize(
    "change",
    [
        {"title": "x"},
        {"description": "x"},
        {"brand": "x"},
        {"category": ("x",)},
        {"attributes": {"a": 1.0}},
        {"image": "x"},
        {"rating": 1.0},
        {"rating_count": 1},
        {"variants": ()},
    ],
)
def test_any_change_of_any_product_is_a_change(shop: Shop, change: dict[str, Any]) -> None:
    shop.load(products("Old"))
    first, *rest = products("Old")
    assert shop.load([replace(first, **change), *rest])


def test_the_order_counts_too(shop: Shop) -> None:
    shop.load(products("Old"))
    assert shop.load(products("Old")[::-1])


def test_an_index_that_was_lost_is_made_again(shop: Shop) -> None:
    shop.load(products("Old"))
    shutil.rmtree(shop.home / "indexes")
    assert shop.load(products("Old"))
    assert shop.found() == {"Old"}


def test_a_live_catalogue_changes_over_as_a_whole_and_a_look_that_has_begun_is_kept(shop: Shop) -> None:
    shop.load(products("Old"))
    shelf = shop.catalogue.shelf
    assert shop.found() == {"Old"}
    shop.load(products("New"))
    assert shop.found() == {"New"}
    assert shop.catalogue.generation != shelf.generation
    assert shelf.search.search(Query("lamp", k=5))


def test_only_the_current_index_and_the_one_before_are_kept(shop: Shop) -> None:
    for name in ("First", "Second", "Third", "Fourth"):
        shop.load(products(name))
    assert len(shop.folders()) == 2
    assert shop.found() == {"Fourth"}


def test_nothing_to_import_keeps_what_there_is(shop: Shop) -> None:
    shop.load(products("Old"))
    with pytest.raises(ImportFailed, match="keeps what it has"):
        shop.load([])
    assert shop.found() == {"Old"}


def test_two_imports_at_once_are_one_import_and_one_clear_error(shop: Shop) -> None:
    shop.load(products("Old"))
    begun, go_on = threading.Event(), threading.Event()

    def slow(*_: object) -> None:
        begun.set()
        assert go_on.wait(20)

    first = threading.Thread(target=shop.load, args=(products("New"), slow))
    first.start()
    assert begun.wait(20)
    try:
        with pytest.raises(ImportFailed, match="another import is at work"):
            shop.load(products("Other"))
        assert shop.found() == {"Old"}
    finally:
        go_on.set()
        first.join(20)
    assert shop.found() == {"New"}


def test_an_import_that_fails_leaves_the_old_catalogue_and_frees_the_way(shop: Shop) -> None:
    shop.load(products("Old"))

    def breaks(*_: object) -> None:
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="disk"):
        shop.load(products("New"), breaks)
    assert shop.found() == {"Old"}
    shop.load(products("New"))
    assert shop.found() == {"New"}
    assert len(shop.folders()) == 2


def old_shop(home: Path, migrated: Path) -> Path:
    """A home whose shop sells the old products, closed again; it is copied for each death."""
    home.mkdir()
    shutil.copy(migrated, home / "shop.db")
    database = Database(f"sqlite:///{home / 'shop.db'}")
    Shop(home, database).load(products("Old"))
    database.close()
    return home


def test_killed_at_any_moment_the_old_catalogue_serves_and_the_next_import_works(
    importer: Any, tmp_path: Path, migrated: Path
) -> None:
    base = old_shop(tmp_path / "base", migrated)
    deaths, swapped = 0, 0
    for at in range(1, 60):
        home = tmp_path / f"home-{at}"
        shutil.copytree(base, home)
        killed = importer(home, "New", at)
        database = Database(f"sqlite:///{home / 'shop.db'}")
        shop = Shop(home, database)
        found = shop.found()
        assert found in ({"Old"}, {"New"}), "half of one and half of the other"
        assert {p.title.split()[0] for p in shop.catalogue.all_products} == found
        swapped += found == {"New"}
        shop.load(products("Newest"))
        assert shop.found() == {"Newest"}
        assert len(shop.folders()) == 2
        database.close()
        shutil.rmtree(home)
        if not killed:
            break
        assert not (swapped and found == {"Old"}), "it went back"
        deaths += 1
    assert deaths >= 10
    assert swapped >= 2


def test_killed_at_any_moment_a_few_changed_products_are_all_changed_or_none(
    importer: Any, tmp_path: Path, migrated: Path
) -> None:
    base = old_shop(tmp_path / "base", migrated)
    seen = []
    for at in range(1, 9):
        home = tmp_path / f"home-{at}"
        shutil.copytree(base, home)
        killed = importer(home, "New", at, few=True)
        database = Database(f"sqlite:///{home / 'shop.db'}")
        shop = Shop(home, database)
        new = "New" in shop.found()
        assert new == (shop.catalogue.all_products[0].title == "New lamp 0"), "found, but not sold"
        assert len(shop.folders()) == 1
        seen.append(new)
        shop.load([*products("Newer")[:1], *products("Old")[1:]])
        assert shop.found() == {"Newer", "Old"}
        database.close()
        if not killed:
            break
    assert seen == sorted(seen), "it went back"
    assert seen[0] is False
    assert seen[-1] is True
    assert len(seen) >= 3


def test_few_changes_are_made_in_place_and_only_new_texts_are_encoded(shop: Shop) -> None:
    shop.load(products("Old"))
    generation, encoded = shop.catalogue.generation, shop.encoder.encoded
    dearer = replace(products("Old")[3], variants=(Variant("v3", {}, Money(99900), 0),))
    assert shop.load([*products("Old")[:3], dearer, *products("Old")[4:]])
    assert (shop.catalogue.generation, shop.encoder.encoded) == (generation, encoded)
    assert shop.catalogue.all_products[3] == dearer
    hits = shop.catalogue.search(Query("", (Constraint(PRICE, Op.GE, 500),)))
    assert [hit.product_id for hit in hits] == ["p3"]
    assert not shop.load([*products("Old")[:3], dearer, *products("Old")[4:]])
    assert shop.load(products("Old")[:11])
    assert (shop.catalogue.generation, shop.encoder.encoded) != (generation, encoded), "too much has changed by now"
    assert shop.found() == {"Old"}
    assert shop.encoder.encoded == encoded + 1, "texts that were there are not encoded again"


def test_the_index_of_an_import_that_died_does_not_stay_behind(database: Database, tmp_path: Path) -> None:
    """On PostgreSQL a generation's number is never used again, so nothing would overwrite its folder."""
    shop = Shop(tmp_path, database)
    shop.load(products("Old"))
    with pytest.raises(KeyboardInterrupt):
        shop.load(products("New"), _interrupt_when_stored)
    assert shop.load(products("Newer"))
    assert len(shop.folders()) == 2
    assert shop.found() == {"Newer"}


def _interrupt_when_stored(step: str, *_: object) -> None:
    if step == "columns":
        raise KeyboardInterrupt
