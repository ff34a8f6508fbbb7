"""An index is whole, of the data and encoder it says, or it is not there."""

from __future__ import annotations

import dataclasses
import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from retrieval.build import build
from retrieval.documents import Document
from retrieval.errors import DocumentError, IndexFolderError
from retrieval.index_folder import CARD
from retrieval.query import Query
from retrieval.search import Search
from retrieval.vectors import VectorStore
from tests.retrieval.shop import SHOP
from tests.retrieval.word_encoder import WordEncoder

MANY = tuple(Document(f"p{n}", f"Lamp number {n}") for n in range(600))
STEPS = ("embedding", "embedding", "embedding", "storing", "words", "columns", "columns")
"""What a build of `MANY` tells, in order: three chunks of texts, then the rest."""
BUILD_AND_DIE = """
import os, signal, sys
from pathlib import Path
from retrieval.build import build
from tests.retrieval.test_build import MANY
from tests.retrieval.word_encoder import WordEncoder

left = int(sys.argv[2])

def tell(step, done, of):
    global left
    left -= 1
    if left < 0:
        os.kill(os.getpid(), signal.SIGKILL)

build(MANY, Path(sys.argv[1]), WordEncoder(), tell)
"""


def parts(folder: Path) -> list[Path]:
    (found,) = folder.glob("build-*")
    return sorted(p for p in found.rglob("*") if p.is_file() and "chroma" not in p.parts)


def test_what_was_built_is_found(tmp_path: Path, encoder: WordEncoder) -> None:
    built = build(SHOP, tmp_path / "index", encoder)
    assert (built.products, built.reused) == (len(SHOP), False)
    assert Search.open(tmp_path / "index", encoder).search(Query("boots"))[0].product_id == "boots"


def test_unchanged_data_is_not_built_again_and_changed_data_is(tmp_path: Path, encoder: WordEncoder) -> None:
    build(SHOP, tmp_path, encoder)
    encoded = encoder.encoded
    assert build(SHOP, tmp_path, encoder).reused
    assert encoder.encoded == encoded
    dearer = (*SHOP[:-1], dataclasses.replace(SHOP[-1], price=1.0))
    assert not build(dearer, tmp_path, encoder).reused
    assert not build(dearer, tmp_path, WordEncoder(fingerprint="words-2")).reused


def test_progress_is_told_to_the_end(tmp_path: Path, encoder: WordEncoder) -> None:
    told: list[tuple[str, int, int]] = []
    build(SHOP, tmp_path, encoder, lambda *step: told.append(step))
    assert ("embedding", len(SHOP), len(SHOP)) in told
    assert told[-1] == ("columns", len(SHOP), len(SHOP))


def test_a_store_that_cannot_be_read_is_made_anew(tmp_path: Path, encoder: WordEncoder) -> None:
    build(SHOP, tmp_path, encoder)
    (store,) = tmp_path.glob("build-*/chroma/chroma.sqlite3")
    store.write_bytes(b"not a database, not at all, really" * 100)
    build(SHOP[1:], tmp_path, encoder)
    (new,) = tmp_path.glob("build-*/chroma")
    with VectorStore(new) as there:
        assert len(there) == len(SHOP) - 1


def test_no_products_make_no_index(tmp_path: Path, encoder: WordEncoder) -> None:
    with pytest.raises(DocumentError, match="no products"):
        build([], tmp_path, encoder)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("at", range(len(STEPS) + 1))
def test_killed_anywhere_a_build_leaves_the_old_index_and_the_next_one_goes_on(
    tmp_path: Path, encoder: WordEncoder, at: int
) -> None:
    old = (Document("old", "Old boots"),)
    build(old, tmp_path, encoder)
    command = [sys.executable, "-c", BUILD_AND_DIE, str(tmp_path), str(at)]
    died = subprocess.run(command, check=False).returncode == -signal.SIGKILL
    assert died == (at < len(STEPS))
    left = [hit.product_id for hit in Search.open(tmp_path, encoder).search(Query("boots", k=1))]
    assert left == ["old"] or not died
    told: list[str] = []
    encoder.encoded = 0
    build(MANY, tmp_path, encoder, lambda step, *_: told.append(step))
    assert tuple(told) == (STEPS if died else ())
    done = min((at + 1) * 256, len(MANY)) if died else len(MANY)
    assert encoder.encoded == len(MANY) - done
    assert len(Search.open(tmp_path, encoder)) == len(MANY)
    assert sorted(p.name.partition("-")[0] for p in tmp_path.iterdir()) == ["build", "card.json"]


def test_a_build_that_fails_leaves_nothing_behind_but_what_it_encoded(tmp_path: Path, encoder: WordEncoder) -> None:
    with pytest.raises(RuntimeError, match="stop here"):
        build(SHOP, tmp_path, encoder, _stop)
    assert [p.name for p in tmp_path.iterdir()] == ["encoding.vectors"]
    encoder.encoded = 0
    build(SHOP, tmp_path, encoder)
    assert encoder.encoded == 0


def test_only_changed_texts_are_encoded_again(tmp_path: Path, encoder: WordEncoder) -> None:
    build(SHOP, tmp_path / "first", encoder)
    encoder.encoded = 0
    changed = (*SHOP[:-2], dataclasses.replace(SHOP[-2], price=1.0), dataclasses.replace(SHOP[-1], title="Present"))
    build(changed, tmp_path / "second", encoder, earlier=tmp_path / "first")
    assert encoder.encoded == 1
    build(SHOP, tmp_path / "second", encoder)
    assert encoder.encoded == 2


def _stop(step: str, _done: int, _of: int) -> None:
    if step == "words":
        raise RuntimeError("stop here")


def test_an_open_index_goes_on_while_it_is_replaced(tmp_path: Path, encoder: WordEncoder) -> None:
    build(SHOP, tmp_path, encoder)
    search = Search.open(tmp_path, encoder)
    build(SHOP[:3], tmp_path, encoder)
    assert search.search(Query("boots"))[0].product_id == "boots"
    assert len(Search.open(tmp_path, encoder)) == 3


def test_a_whole_index_opens_and_every_damaged_file_is_refused_by_name(tmp_path: Path, encoder: WordEncoder) -> None:
    build(SHOP, tmp_path, encoder)
    Search.open(tmp_path, encoder)
    for path in parts(tmp_path):
        whole = path.read_bytes()
        path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
        with pytest.raises(IndexFolderError, match=f"{path.name} .*damaged; build it again"):
            Search.open(tmp_path, encoder)
        path.write_bytes(whole)
    Search.open(tmp_path, encoder)


def test_a_missing_file_is_refused(tmp_path: Path, encoder: WordEncoder) -> None:
    build(SHOP, tmp_path, encoder)
    next(p for p in parts(tmp_path) if p.name == "columns.json").unlink()
    with pytest.raises(IndexFolderError, match=r"lacks columns\.json"):
        Search.open(tmp_path, encoder)


def test_vectors_come_from_the_store_where_their_copy_was_left_out(tmp_path: Path, encoder: WordEncoder) -> None:
    build(SHOP, tmp_path, encoder)
    expected = Search.open(tmp_path, encoder).search(Query("soft shirt"))
    next(p for p in parts(tmp_path) if p.name == "vectors.npy").unlink()
    assert Search.open(tmp_path, encoder).search(Query("soft shirt")) == expected


def test_an_index_of_another_encoder_is_refused(tmp_path: Path, encoder: WordEncoder) -> None:
    build(SHOP, tmp_path, encoder)
    for other in (WordEncoder(fingerprint="words-2"), WordEncoder(dimension=16)):
        with pytest.raises(IndexFolderError, match="was made with words"):
            Search.open(tmp_path, other)


@pytest.mark.parametrize("card", ["", "[]", "{}", '{"format": 1}', "\x00", '{"format": 1, "build": "../.."}'])
def test_a_broken_card_is_refused_and_replaced(tmp_path: Path, encoder: WordEncoder, card: str) -> None:
    build(SHOP, tmp_path, encoder)
    (tmp_path / CARD).write_text(card)
    with pytest.raises(IndexFolderError, match="build the index again"):
        Search.open(tmp_path, encoder)
    assert not build(SHOP, tmp_path, encoder).reused


def test_a_card_that_points_out_of_its_folder_is_refused(tmp_path: Path, encoder: WordEncoder) -> None:
    build(SHOP, tmp_path, encoder)
    card = json.loads((tmp_path / CARD).read_text())
    for change in ({"build": "../other"}, {"files": {"../card.json": "0"}}):
        (tmp_path / CARD).write_text(json.dumps({**card, **change}))
        with pytest.raises(IndexFolderError):
            Search.open(tmp_path, encoder)


def test_another_format_is_refused(tmp_path: Path, encoder: WordEncoder) -> None:
    build(SHOP, tmp_path, encoder)
    card = json.loads((tmp_path / CARD).read_text())
    (tmp_path / CARD).write_text(json.dumps({**card, "format": 99}))
    with pytest.raises(IndexFolderError, match="format 99"):
        Search.open(tmp_path, encoder)


def test_no_index_is_said_so(tmp_path: Path, encoder: WordEncoder) -> None:
    with pytest.raises(IndexFolderError, match="build one"):
        Search.open(tmp_path / "nothing", encoder)


def test_a_folder_that_cannot_be_written_is_said_so(tmp_path: Path, encoder: WordEncoder) -> None:
    (tmp_path / "a file").write_text("in the way")
    with pytest.raises(IndexFolderError, match="cannot write"):
        build(SHOP, tmp_path / "a file" / "index", encoder)
