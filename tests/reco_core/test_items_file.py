"""The catalogue: what is read of a product, how stated values find their items, and what is refused."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import numpy as np
import pytest

from reco_core.errors import ItemsError
from reco_core.items import Items
from reco_core.items_file import aligned, read_items, read_vectors


def products(folder: Path, *rows: object) -> Path:
    path = folder / "items.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_brand_category_price_and_attributes_are_read(tmp_path: Path) -> None:
    path = products(
        tmp_path,
        {"id": 7, "title": "Lamp", "brand": "Nordlys", "category": ["Home", "Desk lamps"], "price": 30,
         "attributes": {"color": "Deep Blue", "dimmable": True, "watts": 4.5}},
        {"id": "b", "title": "Thing", "price": "gratis", "attributes": None},
    )  # fmt: skip
    items = read_items(path)
    assert items.ids == ("7", "b")
    assert items.price[0] == 30
    assert np.isnan(items.price[1])
    assert items.name_of(items.narrowest["category"][0]) == "category=Desk lamps"
    assert items.narrowest["brand"][1] == -1
    for facet, value in [("Category", "home"), ("color", "blue"), ("dimmable", "yes"), ("watts", "4.5")]:
        assert items.having(facet, value).tolist() == [0]


@pytest.mark.parametrize(
    ("facet", "value", "found"),
    [
        ("material", "leather", [0]),
        ("MATERIAL", "Genuine Leather", [0]),
        ("material", "leath", []),
        ("color", "leather", []),
        ("material", "oak", [1]),
        ("material", "???", []),
    ],
)
def test_a_stated_value_finds_whole_words_of_the_same_facet(facet: str, value: str, found: list[int]) -> None:
    items = Items.of(["a", "b"], {"material": ["Genuine leather", "oak"], "color": ["tan", None]})
    assert items.having(facet, value).tolist() == found


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no products"),
        ("{\n", "line 1 is not JSON"),
        ('{"id": "a"}\n[1]\n', "line 2 is not a JSON object"),
        ('{"title": "x"}\n', "line 1: the product has no id"),
        ('{"id": "a"}\n\n{"id": "a"}\n', "'a' is there twice"),
        ('{"id": "a", "attributes": [1]}\n', "line 1: attributes"),
    ],
)
def test_a_bad_catalogue_is_refused_in_one_line(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "items.jsonl"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ItemsError) as refusal:
        read_items(path)
    assert said in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_vectors_are_matched_by_id_and_scaled(tmp_path: Path) -> None:
    np.savez(tmp_path / "v.npz", ids=np.asarray(["b", "zzz"]), vectors=np.asarray([[3.0, 4.0], [1.0, 0.0]]))
    items = aligned(Items.of(["a", "b"]), read_vectors(tmp_path / "v.npz"))
    assert items.vectors is not None
    assert np.allclose(items.vectors, np.asarray([[0, 0], [0.6, 0.8]], np.float32))


def test_bad_vectors_are_refused(tmp_path: Path) -> None:
    good = np.ones((2, 3))
    bad = {
        "no_ids": {"vectors": good},
        "short": {"ids": np.asarray(["a"]), "vectors": good},
        "flat": {"ids": np.asarray(["a"]), "vectors": np.ones(3)},
        "nan": {"ids": np.asarray(["a", "b"]), "vectors": good * np.nan},
        "pickled": {"ids": np.asarray(["a", "b"], object), "vectors": good},
    }
    for name, arrays in bad.items():
        np.savez(tmp_path / f"{name}.npz", **arrays)  # type: ignore[arg-type]
    (tmp_path / "text.npz").write_text("no")
    (tmp_path / "empty.npz").write_bytes(b"")
    np.save(tmp_path / "array.npy", good)
    (tmp_path / "array.npy").rename(tmp_path / "array.npz")
    with zipfile.ZipFile(tmp_path / "zip.npz", "w") as archive:
        archive.writestr("other.txt", "no")
    for path in [*tmp_path.glob("*.npz"), tmp_path / "missing.npz"]:
        with pytest.raises(ItemsError):
            read_vectors(path)


def test_vectors_of_another_catalogue_are_refused() -> None:
    with pytest.raises(ItemsError, match="different ids"):
        aligned(Items.of(["a"]), (["b"], np.ones((1, 2), np.float32)))


def test_columns_of_unequal_length_are_refused() -> None:
    with pytest.raises(ItemsError, match="facet 'brand'"):
        Items.of(["a", "b"], {"brand": ["x"]})
    with pytest.raises(ItemsError, match="prices"):
        Items.of(["a", "b"], price=[1.0])
    with pytest.raises(ItemsError, match="vectors"):
        Items.of(["a", "b"], vectors=np.ones((1, 2), np.float32))
