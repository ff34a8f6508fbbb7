"""Search answers with products that keep every constraint, in the order that was asked for."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.build import build
from retrieval.documents import Document
from retrieval.errors import QueryError
from retrieval.query import ANY, BRAND, CATEGORY, IN_STOCK, PRICE, Constraint, Op, Query, Sort
from retrieval.search import Search, clean
from tests.retrieval.shop import SHOP
from tests.retrieval.word_encoder import WordEncoder

DOCUMENTS = {doc.id: doc for doc in SHOP}


def found(search: Search, text: str, *constraints: Constraint, sort: Sort = Sort.RELEVANCE, k: int = 10) -> list[str]:
    return [hit.product_id for hit in search.search(Query(text, constraints, k, sort))]


def test_the_named_product_comes_first(search: Search) -> None:
    assert found(search, "leather boots")[0] == "boots"
    assert found(search, "16GB notebook")[0] == "laptop-15"
    assert found(search, "tshirt")[0] == "tee"


def test_typing_errors_are_put_right(search: Search) -> None:
    assert found(search, "lether bootz")[0] == "boots"
    assert found(search, "wirelss mouse") == found(search, "wireless mouse")


def test_of_products_that_say_the_same_those_of_the_named_brand_come_first(tmp_path: Path) -> None:
    others = [Document(f"other-{color}", f"Fitbit charge 3, {color}", brand="Others") for color in ("red", "blue")]
    own = [Document(color, f"Fitbit charge 3, {color}", brand="Fitbit") for color in ("red", "blue")]
    build([*others, *own], tmp_path, WordEncoder())
    search = Search.open(tmp_path, WordEncoder())
    assert set(found(search, "fitbit charge 3")[:2]) == {"red", "blue"}
    assert set(found(search, "charge 3")[:2]) != {"red", "blue"}


def test_what_shall_be_missing_is_not_looked_for(tmp_path: Path) -> None:
    titles = ("Desk chair with wheels", "Desk chair without wheels", "Desk chair", "Wheels without chair", "Wheels")
    build([Document(title, title) for title in titles], tmp_path, WordEncoder())
    search = Search.open(tmp_path, WordEncoder())
    assert found(search, "desk chair without wheels")[0] == "Desk chair without wheels"
    assert found(search, "desk chair without wheels")[:3][-1] == "Desk chair with wheels"


def test_a_change_keeps_the_order_that_a_new_index_has(search: Search) -> None:
    more = Document("bootees", "Leather Bootees for babies", brand="Sole")
    changed = search.changed((), (more,), WordEncoder().encode(["Leather Bootees for babies"]))
    assert found(changed, "leather bootees")[0] == "bootees"
    assert found(changed, "leathr bootees")[0] == "bootees"


def test_a_hit_tells_where_it_came_from_and_scores_fall(search: Search) -> None:
    hits = search.search(Query("wireless mouse"))
    assert hits[0].sources["words"] == 1
    assert set(hits[0].sources) == {"words", "meaning"}
    assert [h.score for h in hits] == sorted((h.score for h in hits), reverse=True)
    assert len({h.product_id for h in hits}) == len(hits)


@settings(max_examples=60)
@given(
    text=st.sampled_from(["mouse", "cheap laptop", "", "gift for her", "zzz"]),
    limit=st.sampled_from([5.0, 12.5, 19.0, 500.0]),
    brand=st.sampled_from(["Logi", "Acme", "Sole"]),
    sort=st.sampled_from(list(Sort)),
    k=st.integers(1, 12),
)
def test_no_product_shown_breaks_a_constraint(
    search: Search, text: str, limit: float, brand: str, sort: Sort, k: int
) -> None:
    constraints = (Constraint(PRICE, Op.LE, limit), Constraint(BRAND, Op.EQ, brand), Constraint(IN_STOCK, Op.EQ, True))
    for product_id in found(search, text, *constraints, sort=sort, k=k):
        doc = DOCUMENTS[product_id]
        assert doc.price is not None
        assert doc.price <= limit
        assert (doc.brand or "").startswith(brand)
        assert doc.stock != 0
    assert len(found(search, text, *constraints, sort=sort, k=k)) <= k


def test_without_text_it_browses_the_best_rated_first(search: Search) -> None:
    assert found(search, "", k=2) == ["laptop-15", "mouse-red"]
    assert found(search, "!?", Constraint(CATEGORY, Op.EQ, "laptops")) == ["laptop-15", "laptop-14"]
    assert set(found(search, "", k=100)) == set(DOCUMENTS)


def test_superlatives_choose_among_what_was_asked_for(search: Search) -> None:
    assert found(search, "mouse", sort=Sort.CHEAPEST)[0] == "mouse-wired"
    assert found(search, "wireless mouse", sort=Sort.CHEAPEST) == ["mouse-red", "mouse-blue"]
    assert found(search, "notebook", sort=Sort.MOST_EXPENSIVE) == ["laptop-15", "laptop-14"]
    assert found(search, "mouse", sort=Sort.BEST_RATED)[0] == "mouse-red"
    assert found(search, "", Constraint(BRAND, Op.EQ, "Aqua"), sort=Sort.CHEAPEST) == ["bottle", "jug"]


def test_nothing_fits_gives_nothing(search: Search) -> None:
    assert found(search, "mouse", Constraint(PRICE, Op.LE, 1)) == []


@settings(max_examples=80)
@given(st.text(max_size=50) | st.binary(max_size=50).map(lambda b: b.decode("utf-8", "surrogateescape")))
def test_any_text_gets_an_answer(search: Search, text: str) -> None:
    assert len(search.search(Query(text, k=3))) == 3


@pytest.mark.parametrize(
    "text", ["x" * 100_000, "\x00\x1b[2J", "<script>alert(1)</script>", "🎁" * 500, "\ud800", "\n"]
)
def test_junk_gets_an_answer(search: Search, text: str) -> None:
    assert len(clean(text)) <= 1000
    assert len(search.search(Query(text, k=3))) == 3


@pytest.mark.parametrize("k", [0, -1, 10**9])
def test_a_senseless_count_is_refused(search: Search, k: int) -> None:
    with pytest.raises(QueryError, match="ask for 1 to"):
        search.search(Query("mouse", k=k))


def test_the_index_knows_its_products(search: Search) -> None:
    assert len(search) == len(SHOP)
    assert search.contains("tee")
    assert not search.contains("nope")
    assert search.count([Constraint(CATEGORY, Op.EQ, "mice")]) == 3


def test_threads_get_the_same_answers(search: Search) -> None:
    expected = found(search, "wireless mouse", Constraint(PRICE, Op.LE, 30))
    answers: list[list[str]] = []
    threads = [
        threading.Thread(target=lambda: answers.append(found(search, "wireless mouse", Constraint(PRICE, Op.LE, 30))))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [expected] * 8


def test_nearest_miss_moves_a_price_limit_to_the_nearest_product(search: Search) -> None:
    limit = Constraint(PRICE, Op.LE, 10.0)
    first = search.nearest_misses(Query("wireless mouse", (limit,)))[0]
    assert first.given == (limit,)
    assert first.instead == (Constraint(PRICE, Op.LE, 19.0),)
    assert (first.count, first.lowest_price, first.product_ids) == (1, 19.0, ("mouse-red",))


def test_nearest_miss_offers_other_values_and_dropping(search: Search) -> None:
    color = Constraint("color", Op.EQ, "green")
    misses = search.nearest_misses(Query("wireless mouse", (color, Constraint(PRICE, Op.LE, 30))))
    assert {m.instead for m in misses} <= {(Constraint("color", Op.EQ, value),) for value in ("Red", "Navy", "Blue")}
    assert all(m.given == (color,) and m.count == 1 for m in misses)
    said = search.nearest_misses(Query("mouse", (Constraint(ANY, Op.MENTIONS, "white"),)))
    assert said[0].instead[0].attribute == "color"


def test_nearest_miss_drops_two_where_one_does_not_help(search: Search) -> None:
    constraints = (Constraint(BRAND, Op.EQ, "Nobody"), Constraint(ANY, Op.MENTIONS, "velvet"))
    (miss,) = search.nearest_misses(Query("boots", constraints))
    assert (miss.given, miss.instead, miss.product_ids) == (constraints, (), ("boots",))


def test_every_nearest_miss_finds_what_it_says(search: Search) -> None:
    for constraints in (
        (Constraint(PRICE, Op.LE, 5.0), Constraint("color", Op.EQ, "pink")),
        (Constraint(PRICE, Op.GE, 5000.0),),
        (Constraint(BRAND, Op.EQ, "Acme"), Constraint(CATEGORY, Op.EQ, "Kitchen")),
    ):
        query = Query("", constraints)
        assert search.search(query) == []
        for miss in search.nearest_misses(query):
            changed = (*(c for c in constraints if c not in miss.given), *miss.instead)
            assert search.count(changed) == miss.count > 0


def test_what_keeps_the_constraints_but_is_another_thing_does_not_match(search: Search) -> None:
    assert search.matching("mouse", (Constraint(BRAND, Op.EQ, "Logi"),)) == 2 + 1
    assert search.matching("mouse", (Constraint(BRAND, Op.EQ, "Aqua"),)) == 0
    assert search.matching("", (Constraint(BRAND, Op.EQ, "Aqua"),)) == 2
    assert found(search, "mouse", Constraint(BRAND, Op.EQ, "Aqua"), sort=Sort.CHEAPEST)
