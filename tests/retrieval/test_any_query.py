"""Whatever a query holds, it is answered, or refused with a clear error, within a turn's budget."""

from __future__ import annotations

import time

from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.errors import RetrievalError
from retrieval.query import Constraint, Op, Query, Sort
from retrieval.search import LONGEST_TEXT, Search

BUDGET = 1.0
"""Seconds, on a busy machine; a turn may take as long."""

any_bytes = st.binary(max_size=400).map(lambda raw: raw.decode("utf-8", "surrogateescape"))
any_text = any_bytes | st.text(max_size=200) | st.sampled_from(["", " ", "\x00", "\ud800", "nan", "1e999", "a " * 5000])
any_value = any_text | st.floats() | st.booleans() | st.lists(any_text, max_size=3).map(tuple) | st.integers()
names = any_text | st.sampled_from(["price", "brand", "category", "rating", "in_stock", "*", "title", "color", "width"])
any_constraint = st.builds(Constraint, names, st.sampled_from(Op), any_value)
any_query = st.builds(
    Query,
    any_text,
    st.lists(any_constraint, max_size=3).map(tuple),
    st.integers(-2, 50) | st.just(10**9),
    st.sampled_from(Sort),
    st.none() | any_text,
)


@settings(deadline=None, max_examples=300)
@given(query=any_query)
def test_any_query_is_answered_or_refused_in_one_line(search: Search, query: Query) -> None:
    start = time.perf_counter()
    try:
        hits = search.search(query)
        misses = search.nearest_misses(query)
    except RetrievalError as error:
        assert len(str(error).splitlines()) == 1
    else:
        assert len(hits) <= query.k
        assert len({hit.product_id for hit in hits}) == len(hits)
        kept = search.columns.mask(query.constraints)
        assert all(kept[search.columns.row_of[hit.product_id]] for hit in hits)
        assert all(miss.count > 0 for miss in misses)
    assert time.perf_counter() - start < BUDGET


def test_a_text_of_any_length_takes_no_longer_than_what_is_read_of_it(search: Search) -> None:
    start = time.perf_counter()
    assert search.search(Query("x" * 10_000_000)) == search.search(Query("x" * LONGEST_TEXT))
    assert time.perf_counter() - start < BUDGET
