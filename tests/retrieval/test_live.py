"""A live index answers after each change as one that was built of the changed catalogue would; nothing else is seen."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from retrieval.build import build
from retrieval.documents import Document
from retrieval.errors import IndexFolderError
from retrieval.live import JOURNAL, Change, LiveIndex, begin
from retrieval.query import ANY, BRAND, CATEGORY, IN_STOCK, PRICE, RATING, TITLE, Constraint, Op, Query, Sort
from retrieval.search import Search
from tests.retrieval.shop import SHOP
from tests.retrieval.word_encoder import WordEncoder

LAMP = Document("lamp", "Desk lamp", brand="Lumo", category=("Home", "Lamps"), price=30.0, attributes={"color": "Red"})
ASKED = (
    (Constraint(PRICE, Op.LE, 30),),
    (Constraint(RATING, Op.GE, 4),),
    (Constraint(IN_STOCK, Op.EQ, True),),
    (Constraint(BRAND, Op.EQ, "Logi"),),
    (Constraint(BRAND, Op.NE, "Sole"),),
    (Constraint(CATEGORY, Op.EQ, "Mice"),),
    (Constraint("color", Op.MENTIONS, ("red", "blue")),),
    (Constraint("material", Op.EQ, "leather"),),
    (Constraint(TITLE, Op.MENTIONS, "wireless mouse"),),
    (Constraint(ANY, Op.OMITS, "leather"),),
    (Constraint(ANY, Op.MEASURES, "16 gb"), Constraint("screen", Op.GE, 15)),
    (),
)


def same(live: Search, documents: Sequence[Document], folder: Path) -> None:
    """Every answer is that of an index built anew; rows and the weights of words may differ."""
    build(documents, folder, WordEncoder())
    plain = Search.open(folder, WordEncoder())
    assert len(live) == len(plain) == len(documents)
    for asked in ASKED:
        found = {live.columns.ids[row] for row in np.flatnonzero(live.columns.mask(asked))}
        assert found == {plain.columns.ids[row] for row in np.flatnonzero(plain.columns.mask(asked))}, asked
        for sort in (Sort.CHEAPEST, Sort.BEST_RATED):
            scores = [{h.product_id for h in s.search(Query("", asked, 5, sort))} for s in (live, plain)]
            assert len(scores[0]) == len(scores[1])
    for text in ("wireless mouse", "leather boots", "desk lamp"):
        first, second = ([hit.product_id for hit in s.search(Query(text, k=50))] for s in (live, plain))
        assert sorted(first) == sorted(second)
        assert text != "leather boots" or first[0] == second[0] == "boots"
    ids, vectors = live.items()
    assert sorted(ids) == sorted(doc.id for doc in documents)
    np.testing.assert_allclose(
        dict(zip(ids, vectors, strict=True))["boots"], WordEncoder().encode(["Leather Boots"])[0]
    )


def apply(index: LiveIndex, change: Change, mark: str) -> None:
    with index.change(change, mark):
        pass


@pytest.fixture
def folder(tmp_path: Path, encoder: WordEncoder) -> Path:
    build(SHOP, tmp_path / "index", encoder)
    begin(tmp_path / "index", "0")
    return tmp_path / "index"


KEPT = [doc for doc in SHOP if doc.id != "boots"]
CHANGED = [
    *(dataclasses.replace(doc, price=8.0, stock=0, rating=1.0) for doc in KEPT),
    *(dataclasses.replace(doc, title="Old lamp, blue", brand="Logi") for doc in KEPT),
    *(dataclasses.replace(doc, attributes={"material": "leather", "shape": "round"}) for doc in KEPT),
    LAMP,
]


def without_facts(doc: Document) -> Document:
    return dataclasses.replace(doc, price=None, stock=None, rating=None, rating_count=0)


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(CHANGED) | st.sampled_from([doc.id for doc in KEPT]), max_size=8))
def test_any_changes_in_any_order_leave_what_a_build_would(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, steps: list[Document | str]
) -> None:
    begin(folder, "0")
    index, catalogue = LiveIndex(folder, WordEncoder(), "0"), {doc.id: doc for doc in SHOP}
    for number, step in enumerate(steps, start=1):
        if isinstance(step, str):
            catalogue.pop(step, None)
            apply(index, Change(gone=(step,)), str(number))
            continue
        old = catalogue.get(step.id)
        only_facts = old is not None and without_facts(old) == without_facts(step)
        if not only_facts:  # it goes to the end
            catalogue.pop(step.id, None)
        catalogue[step.id] = step
        apply(index, Change(facts=(step,)) if only_facts else Change(put=(step,)), str(number))
    plain = tmp_path_factory.mktemp("plain")
    same(index.search, list(catalogue.values()), plain)
    same(LiveIndex(folder, WordEncoder(), str(len(steps))).search, list(catalogue.values()), plain)


def test_a_change_is_seen_at_once_and_a_state_that_was_taken_stays(folder: Path, encoder: WordEncoder) -> None:
    index = LiveIndex(folder, encoder)
    before = index.search
    apply(index, Change(put=(LAMP,), gone=("boots",)), "1")
    assert index.search.search(Query("desk lamp"))[0].product_id == "lamp"
    assert index.search.contains("lamp")
    assert not index.search.contains("boots")
    assert before.contains("boots")
    assert before.search(Query("leather boots"))[0].product_id == "boots"


def test_a_change_survives_a_restart_and_nothing_is_encoded_again(folder: Path, encoder: WordEncoder) -> None:
    apply(LiveIndex(folder, encoder), Change(put=(LAMP,), facts=(dataclasses.replace(SHOP[0], price=1.5),)), "1")
    encoder.encoded = 0
    search = LiveIndex(folder, encoder, "1").search
    assert encoder.encoded == 0
    assert search.contains("lamp")
    assert search.columns.facts.price[search.columns.row_of["mouse-red"]] == 1.5


def test_what_was_never_committed_is_left_out(folder: Path, encoder: WordEncoder) -> None:
    index = LiveIndex(folder, encoder, "0")
    with pytest.raises(OSError, match="the database"), index.change(Change(put=(LAMP,)), "1"):
        raise OSError("the database is full")
    assert not index.search.contains("lamp")
    assert not LiveIndex(folder, encoder, "0").search.contains("lamp")
    apply(index, Change(gone=("boots",)), "2")
    search = LiveIndex(folder, encoder, "2").search
    assert not search.contains("lamp")
    assert not search.contains("boots")


def test_a_change_that_was_committed_before_a_crash_is_in(folder: Path, encoder: WordEncoder) -> None:
    index = LiveIndex(folder, encoder, "0")
    with pytest.raises(KeyboardInterrupt), index.change(Change(put=(LAMP,)), "1"):
        raise KeyboardInterrupt  # right after the commit
    assert LiveIndex(folder, encoder, "1").search.contains("lamp")


def test_a_line_torn_anywhere_is_no_change(folder: Path, encoder: WordEncoder) -> None:
    (journal,) = folder.glob(f"build-*/{JOURNAL}")
    start = len(journal.read_bytes())
    apply(LiveIndex(folder, encoder), Change(put=(LAMP,)), "1")
    whole = journal.read_bytes()
    for length in range(start, len(whole) - 1, 7):
        journal.write_bytes(whole[:length])
        assert not LiveIndex(folder, encoder, "0").search.contains("lamp")


def test_another_process_follows(folder: Path, encoder: WordEncoder) -> None:
    writer, reader = LiveIndex(folder, encoder, "0"), LiveIndex(folder, WordEncoder(), "0")
    apply(writer, Change(put=(LAMP,)), "1")
    apply(writer, Change(gone=("boots",)), "2")
    reader.catch_up("1")
    assert reader.search.contains("lamp")
    assert reader.search.contains("boots")
    reader.catch_up("2")
    assert not reader.search.contains("boots")
    with pytest.raises(IndexFolderError, match="build the index again"):
        reader.catch_up("7")


def test_readers_see_the_old_state_or_the_new_one_and_never_a_mixture(folder: Path, encoder: WordEncoder) -> None:
    index, stop, wrong = LiveIndex(folder, encoder), threading.Event(), []

    def read() -> None:
        while not stop.is_set():
            search = index.search
            found = {hit.product_id for hit in search.search(Query("lamp desk", k=20))}
            wrong.extend([found] if ("lamp" in found) != search.contains("lamp") else [])

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for number in range(20):
        apply(index, Change(put=(LAMP,)) if number % 2 == 0 else Change(gone=("lamp",)), str(number))
    stop.set()
    for reader in readers:
        reader.join(20)
    assert not wrong
