"""Whose product it is, where a query names a brand."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from retrieval.columns import Columns
from retrieval.documents import Document
from retrieval.made_by import made_by
from retrieval.query import BRAND

BRANDS = ("Fitbit", "Strappy", "Fitbit", "To Boot New York", "To Boot New York", "Kitchen", None, "Strappy")
DOCUMENTS = [Document(str(i), "Band for Fitbit Charge 3", brand=brand) for i, brand in enumerate(BRANDS)]
COLUMN = Columns.build(DOCUMENTS).columns[BRAND]
EVERY_ROW = np.arange(len(BRANDS))


def rows_of(query: str) -> list[int]:
    return [int(row) for sign in made_by(query, COLUMN, EVERY_ROW) for row in np.flatnonzero(sign)]


def test_the_products_of_the_named_brand_have_the_sign_whatever_titles_say() -> None:
    assert rows_of("fitbit charge 3") == [0, 2]
    assert rows_of("mens shoes TO BOOT new york") == [3, 4]


def test_of_two_brands_each_counts() -> None:
    assert rows_of("fitbit or strappy band") == [0, 1, 2, 7]


def test_a_query_without_a_brand_has_no_such_sign() -> None:
    assert made_by("charge 3 band", COLUMN, EVERY_ROW) == []
    assert made_by("", COLUMN, EVERY_ROW) == []


def test_a_single_product_makes_no_brand_of_a_word() -> None:
    assert made_by("kitchen table", COLUMN, EVERY_ROW) == []


def test_a_catalogue_without_brands_has_no_such_sign() -> None:
    column = Columns.build([Document("1", "Fitbit band")]).columns[BRAND]
    assert made_by("fitbit", column, np.arange(1)) == []


@given(st.lists(st.integers(0, len(BRANDS) - 1), unique=True))
def test_candidates_are_judged_in_their_order(rows: list[int]) -> None:
    (sign,) = made_by("a strappy one", COLUMN, np.array(rows, np.int64))
    assert sign.tolist() == [float(BRANDS[row] == "Strappy") for row in rows]
