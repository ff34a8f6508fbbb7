"""From a shopper's wish to the few products that are shown: things of the wanted kind, not what only goes with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from agent.catalogue import Catalogue
from agent.shop import Product
from agent.variants import narrowed
from retrieval.kinds import OTHER, belongs_to_it
from retrieval.nearest import nearest_misses
from retrieval.parse.lexicon import subject_of
from retrieval.query import PRICE, TITLE, Constraint, Hit, NearestMiss, Op, Query, Sort
from retrieval.resolve import Wishes, resolve
from retrieval.search import Search

_LOOKED_AT, _LOOKED_AT_MOST = 12, 120
"""How many times as many products as are shown are looked at for those of the right kind, and how many at the most."""
_PRICED = 100


def query_of(catalogue: Catalogue, words: str, wishes: Wishes, k: int, sort: Sort, *, cheap: bool = False) -> Query:
    """The query that a search's arguments ask for. `cheap`: only the lower half of the prices of this kind."""
    text = " ".join(
        (words, *wishes.wants)
    )  # what was asked for beside the thing ranks too: in the title, it counts most
    columns = catalogue.shelf.search.columns
    wanted = Query(text, resolve(wishes, columns), k=k, sort=sort, subject=subject_of(words))
    return _lower_half(catalogue, wanted) if cheap else wanted


def pick(catalogue: Catalogue, wanted: Query, wants: Sequence[str] = (), *, padded: bool = False) -> list[Product]:
    """What a query finds, at most `wanted.k`, each with only the variants that the wants leave.

    Where the shop has a name for the thing, products of that kind come first. Where the name is one of several words,
    at most as many of others are added, since it misses some. Belongings (a battery for a camcorder) are only shown if
    there is nothing else. Among the right ones those in stock come first, then those that say the wants in their title,
    unless a price or a rating orders them.

    Args:
        catalogue: the shop's.
        wanted: the query; its subject names the kind.
        wants: the properties asked for, in words.
        padded: fill the list up with whatever comes next, as a page of results does.
    """
    search, subject = catalogue.shelf.search, wanted.subject or ""
    read = catalogue.products([hit.product_id for hit in _hits(catalogue, wanted, subject)])
    found = [kept for p in read if (kept := narrowed(p, wants, wanted.constraints)) is not None]
    grades = search.kinds.grades(subject)
    names = (*search.kinds.names(subject), subject)
    things = [p for p in found if not subject or not belongs_to_it(p.title, names)] or found
    proper = [p for p in things if grades is None or grades[search.columns.row_of[p.id]] < OTHER]
    if grades is not None and not proper and not padded:  # something else that keeps the limits is no answer
        near = search.kinds.near(subject)
        things = [p for p in things if near[search.columns.row_of[p.id]]]
    if wanted.sort is not Sort.RELEVANCE:
        return _by_price(proper or things, wanted.sort)[: wanted.k]
    if padded and len(things) < wanted.k:
        things = [*things, *(p for p in found if p not in things)]
    said = [search.columns.mentions.mask(part, title=True) for want in wants for part in want.split(" or ")]

    def place(product: Product) -> tuple[int, bool, int]:
        row = search.columns.row_of[product.id]
        return 0 if grades is None else int(grades[row]), not product.in_stock, -sum(bool(mask[row]) for mask in said)

    most = wanted.k if padded else len(proper) * (1 if search.kinds.is_plain(subject) else 2)
    return sorted(things, key=place)[: min(wanted.k, most or wanted.k)]


def misses_of(search: Search, wanted: Query) -> list[NearestMiss]:
    """The smallest changes that would find something of the kind; without a name for it, something near it."""
    grades = search.kinds.grades(wanted.subject or "")
    if grades is None:
        return search.nearest_misses(wanted)
    of_kind = grades < OTHER
    return nearest_misses(search.columns, wanted.constraints, lambda kept: of_kind & search.columns.mask(kept))


def counted(search: Search, subject: str, constraints: Sequence[Constraint]) -> int:
    """How many products of a kind keep every constraint; where the shop has no name for it, of what is near it."""
    grades = search.kinds.grades(subject)
    if grades is None:
        return search.matching(subject, constraints)
    return int(np.count_nonzero(search.columns.mask(constraints) & (grades < OTHER)))


def _hits(catalogue: Catalogue, wanted: Query, subject: str) -> list[Hit]:
    """The best of a query, many more than are shown; for a superlative those that the shop calls so, if any."""
    wider = replace(wanted, k=max(min(_LOOKED_AT * wanted.k, _LOOKED_AT_MOST), wanted.k))
    kinds = catalogue.shelf.search.kinds
    if wanted.sort is not Sort.RELEVANCE and kinds.renames(subject):
        of_kind = Constraint(TITLE, Op.MENTIONS, kinds.names(subject))
        if hits := catalogue.search(replace(wider, constraints=(*wanted.constraints, of_kind))):
            return hits
    return catalogue.search(wider)


def _by_price(products: list[Product], sort: Sort) -> list[Product]:
    """In the order of the prices that are left: the cheapest product need not be the cheapest in blue."""
    if sort is Sort.BEST_RATED:
        return products
    sign = 1 if sort is Sort.CHEAPEST else -1
    return sorted(products, key=lambda p: (p.price is None, sign * p.price.minor if p.price else 0))


def _lower_half(catalogue: Catalogue, wanted: Query) -> Query:
    """The query limited to the median price of its kind; without a name for that, of the best that it finds."""
    search = catalogue.shelf.search
    grades = search.kinds.grades(wanted.subject or "")
    if grades is None:
        hits = catalogue.search(replace(wanted, k=_PRICED, sort=Sort.RELEVANCE))
        prices = search.columns.facts.price[[search.columns.row_of[hit.product_id] for hit in hits]]
    else:
        prices = search.columns.facts.price[(grades < OTHER) & search.columns.mask(())]
    if not len(prices) or np.isnan(prices).all():
        return wanted
    return replace(wanted, constraints=(*wanted.constraints, Constraint(PRICE, Op.LE, float(np.nanmedian(prices)))))
