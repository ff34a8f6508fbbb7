"""What a text is about: what the shop calls so, where that is its name for the thing; else what is near in meaning."""

from __future__ import annotations

import numpy as np

from retrieval.columns import Columns
from retrieval.documents import Document
from retrieval.relevance import about, nearest_kin, related

BAGS = [Document(f"bag-{i}", f"Laptop bag {i}") for i in range(5)]
BOOKS = [Document(f"book-{i}", f"Notebook {i}", category=("Computers",)) for i in range(12)]
DRILL = Document("drill", "Power drill")
COLUMNS = Columns.build([*BAGS, *BOOKS, DRILL])
ALL = np.ones(len(COLUMNS), bool)
BAG, BOOK, OTHER = (np.array([i.startswith(kind) for i in COLUMNS.ids]) for kind in ("bag", "book", "drill"))


def similarity(bags: float, books: float, drill: float = 0.1) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    return np.select([BAG, BOOK], [bags, books], drill).astype(np.float32)


def test_a_name_that_the_nearest_products_share_decides() -> None:
    assert (about("laptop bags", COLUMNS, similarity(0.9, 0.8), ALL) == BAG).all()
    assert (about("notebook", COLUMNS, similarity(0.4, 0.7), ALL) == BOOK).all()
    assert (about("computer", COLUMNS, similarity(0.4, 0.7), ALL) == BOOK).all()


def test_a_name_that_only_other_things_bear_does_not() -> None:
    assert (about("laptop", COLUMNS, similarity(0.4, 0.7), ALL) == BOOK).all()


def test_what_is_no_such_thing_is_left_out_but_a_superlative_takes_the_nearest() -> None:
    near = similarity(0.4, 0.7)
    assert not about("laptop", COLUMNS, near, OTHER).any()
    assert (nearest_kin("laptop", COLUMNS, near, OTHER) == OTHER).all()
    assert (nearest_kin("laptop", COLUMNS, near, BOOK | OTHER) == BOOK).all()


def test_what_may_be_shown_is_wider() -> None:
    assert (related("laptop", COLUMNS, similarity(0.4, 0.7)) == (BAG | BOOK)).all()
    assert (related("notebook", COLUMNS, similarity(0.5, 0.7)) == (BAG | BOOK)).all()
    assert (related("notebook", COLUMNS, similarity(0.4, 0.7)) == BOOK).all()


def test_a_text_without_a_name_is_about_everything() -> None:
    for text in ("", "for the", "!?"):
        assert related(text, COLUMNS, similarity(0.4, 0.7)).all()
        assert about(text, COLUMNS, similarity(0.4, 0.7), ALL).all()
