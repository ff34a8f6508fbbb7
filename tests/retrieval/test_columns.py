"""What each constraint means, on a shop whose right answers can be read off."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.column_files import load_columns, save_columns
from retrieval.columns import Columns
from retrieval.errors import QueryError
from retrieval.query import ANY, BRAND, CATEGORY, IN_STOCK, PRICE, RATING, TITLE, Constraint, Op
from tests.retrieval.shop import SHOP

COLUMNS = Columns.build(SHOP)
EVERY = {doc.id for doc in SHOP}
MICE = {"mouse-red", "mouse-blue", "mouse-wired"}


def keeping(*constraints: Constraint, columns: Columns = COLUMNS) -> set[str]:
    return {columns.ids[row] for row in np.flatnonzero(columns.mask(constraints))}


@pytest.mark.parametrize(
    ("constraint", "kept"),
    [
        (Constraint(PRICE, Op.LE, 12.5), {"mouse-wired", "bottle"}),
        (Constraint(PRICE, Op.GE, 450), {"laptop-14", "laptop-15"}),
        (Constraint(PRICE, Op.LE, "15"), {"mouse-wired", "bottle", "tee"}),
        (Constraint(RATING, Op.GE, 4.5), {"mouse-red", "mouse-blue", "laptop-15"}),
        (Constraint(IN_STOCK, Op.EQ, True), EVERY - {"mouse-blue"}),
        (Constraint(IN_STOCK, Op.EQ, False), {"mouse-blue"}),
        (Constraint(BRAND, Op.EQ, "acme"), {"laptop-14", "laptop-15"}),
        (Constraint(BRAND, Op.EQ, "LOGI"), MICE),
        (Constraint(BRAND, Op.EQ, "gaming"), set()),
        (Constraint(BRAND, Op.EQ, ("Aqua", "Sole")), {"bottle", "jug", "tee", "boots"}),
        (Constraint(BRAND, Op.NE, "Acme"), EVERY - {"laptop-14", "laptop-15", "boots"}),
        (Constraint(BRAND, Op.NE, ("Acme", "aqua", "Logi")), {"tee", "bare"}),
        (Constraint(CATEGORY, Op.EQ, "computing"), MICE | {"laptop-14", "laptop-15"}),
        (Constraint(CATEGORY, Op.EQ, "laptop"), {"laptop-14", "laptop-15"}),
        (Constraint("color", Op.EQ, "blue"), {"mouse-blue"}),
        (Constraint("Colour", Op.EQ, "navy-blue"), {"mouse-blue"}),
        (Constraint("color", Op.EQ, ("red", "white")), {"mouse-red", "tee"}),
        (Constraint("color", Op.NE, "red"), EVERY - {"mouse-red"}),
        (Constraint("color", Op.MENTIONS, "bl"), set()),
        (Constraint("color", Op.MENTIONS, "navy"), {"mouse-blue"}),
        (Constraint("size", Op.EQ, "m"), {"tee"}),
        (Constraint("wireless", Op.EQ, True), {"mouse-red", "mouse-blue"}),
        (Constraint("wireless", Op.EQ, False), {"mouse-wired"}),
        (Constraint("touchscreen", Op.EQ, True), {"laptop-14"}),
        (Constraint("memory", Op.EQ, "16GB"), {"laptop-15"}),
        (Constraint("memory", Op.GE, 16), {"laptop-15"}),
        (Constraint("memory", Op.LE, "8000 MB"), {"laptop-14"}),
        (Constraint("capacity", Op.EQ, "500 ml"), {"bottle"}),
        (Constraint("capacity", Op.GE, "1 litre"), {"jug"}),
        (Constraint("weight g", Op.LE, "0.1 kg"), {"mouse-red"}),
        (Constraint("screen", Op.GE, 15), {"laptop-15"}),
        (Constraint("nothing has it", Op.EQ, "x"), set()),
        (Constraint("nothing has it", Op.NE, "x"), EVERY),
        (Constraint("nothing has it", Op.LE, 1), set()),
        (Constraint(ANY, Op.MENTIONS, "16 gb"), {"laptop-15"}),
        (Constraint(ANY, Op.MENTIONS, "15.6"), {"laptop-15"}),
        (Constraint(ANY, Op.MENTIONS, "tshirt"), {"tee"}),
        (Constraint(ANY, Op.MENTIONS, "t shirts"), {"tee"}),
        (Constraint(ANY, Op.MENTIONS, "leather"), {"boots", "tee"}),
        (Constraint(TITLE, Op.MENTIONS, "leather"), {"boots"}),
        (Constraint(ANY, Op.MENTIONS, "waterproof"), {"bottle"}),
        (Constraint(ANY, Op.MENTIONS, "wireless"), {"mouse-red", "mouse-blue"}),
        (Constraint(ANY, Op.MENTIONS, "touchscreen"), {"laptop-14"}),
        (Constraint(ANY, Op.MENTIONS, "mouse wireless"), set()),
        (Constraint(ANY, Op.MENTIONS, "red logi"), set()),
        (Constraint(ANY, Op.OMITS, ("leather", "mice")), EVERY - MICE - {"boots", "tee"}),
        (Constraint(ANY, Op.MENTIONS, "!?"), set()),
    ],
    ids=str,
)
def test_a_constraint_keeps(constraint: Constraint, kept: set[str]) -> None:
    assert keeping(constraint) == kept


def test_a_limit_that_is_no_number_is_refused() -> None:
    for attribute in (PRICE, "memory"):
        with pytest.raises(QueryError, match="not a number"):
            COLUMNS.mask([Constraint(attribute, Op.LE, "cheap")])


CONSTRAINTS = st.builds(
    Constraint,
    st.sampled_from([PRICE, RATING, BRAND, CATEGORY, IN_STOCK, "color", "memory", "size", "capacity", "wireless", ANY]),
    st.sampled_from([Op.EQ, Op.NE, Op.MENTIONS, Op.OMITS]),
    st.sampled_from([10.0, 450.0, "16", "8 GB", True, False, 0]),
) | st.builds(
    Constraint,
    st.sampled_from([BRAND, CATEGORY, "color", "material", "size", ANY, TITLE]),
    st.sampled_from([Op.EQ, Op.NE, Op.MENTIONS, Op.OMITS]),
    st.sampled_from(["acme", "sole", "mouse", "red", ("blue", "white"), "leather", "M", "kitchen", "3", ""]),
)


@given(st.lists(CONSTRAINTS.filter(lambda c: not (c.attribute in (PRICE, RATING) and isinstance(c.value, bool)))))
def test_several_constraints_keep_what_each_keeps(constraints: list[Constraint]) -> None:
    kept = EVERY.intersection(*(keeping(c) for c in constraints))
    assert keeping(*constraints) == kept
    assert COLUMNS.count(constraints) == len(kept)


@given(CONSTRAINTS.filter(lambda c: not (c.attribute in (PRICE, RATING) and isinstance(c.value, bool))))
def test_a_constraint_and_its_contrary_never_keep_the_same_product(constraint: Constraint) -> None:
    contrary = {Op.EQ: Op.NE, Op.NE: Op.EQ, Op.MENTIONS: Op.OMITS, Op.OMITS: Op.MENTIONS}[constraint.op]
    other = Constraint(constraint.attribute, contrary, constraint.value)
    assert not keeping(constraint, other)
    if constraint.attribute != BRAND:
        assert keeping(constraint) | keeping(other) == EVERY


def test_facets_count_the_values_of_what_is_left() -> None:
    assert COLUMNS.facets("color")["Red"] == 1
    assert COLUMNS.facets("Brand") == {"Logi": 2, "Acme": 2, "Aqua": 2, "Logi Gaming": 1, "Sole": 1, "Sole by Acme": 1}
    mice = COLUMNS.mask([Constraint(CATEGORY, Op.EQ, "mice")])
    assert COLUMNS.facets("color", mice) == {"Black": 1, "Blue": 1, "Navy": 1, "Red": 1}


def test_attributes_tell_their_kind_and_how_many_products_have_them() -> None:
    found = COLUMNS.attributes()
    assert (found["brand"].kind, found["brand"].coverage) == ("text", 0.9)
    assert (found["wireless"].kind, found["touchscreen"].kind) == ("truth", "truth")
    assert (found["screen"].kind, found["memory"].kind, found["color"].kind) == ("number", "number", "text")


def test_few_ratings_weigh_little() -> None:
    standing = {product: float(COLUMNS.standing[row]) for product, row in COLUMNS.row_of.items()}
    assert standing["laptop-15"] > standing["mouse-blue"]
    assert standing["bare"] == -np.inf


def test_columns_are_the_same_after_a_round_trip_without_pickle(tmp_path: Path) -> None:
    save_columns(COLUMNS, tmp_path)
    back = load_columns(tmp_path)
    assert back.ids == COLUMNS.ids
    assert back.attributes() == COLUMNS.attributes()
    for constraint in (Constraint(ANY, Op.MENTIONS, "wireless mouse"), Constraint("capacity", Op.GE, "1 l")):
        assert keeping(constraint, columns=back) == keeping(constraint)
    assert {path.suffix for path in tmp_path.iterdir()} == {".npz", ".json"}


def test_a_mask_cannot_be_changed_by_who_reads_it() -> None:
    mask = COLUMNS.mask([Constraint(PRICE, Op.LE, 20)])
    with pytest.raises(ValueError, match="read-only"):
        mask[0] = True
