"""Reading a catalogue from product JSONL, and the vectors of its items from ``.npz``."""

from __future__ import annotations

import gzip
import json
import math
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from reco_core.errors import ItemsError
from reco_core.items import BRAND, CATEGORY, Items

Vectors = tuple[list[str], npt.NDArray[np.float32]]


def read_items(path: Path | str) -> Items:
    """A catalogue from product JSONL (``.gz`` too): ``id``, and where given ``brand, category[], price, attributes{}``.

    Raises:
        ItemsError: the file cannot be read, or a line is bad; the text names the line.
    """
    path = Path(path)
    ids: list[str] = []
    prices: list[float | None] = []
    pairs: list[tuple[str, str, int]] = []
    for line, product in _objects(path):
        if product.get("id") in (None, ""):
            raise ItemsError(f"{path.name} line {line}: the product has no id")
        pairs += [(facet, value, len(ids)) for facet, value in _facets(f"{path.name} line {line}", product)]
        ids.append(str(product["id"]))
        prices.append(_price(product.get("price")))
    if not ids:
        raise ItemsError(f"{path.name} holds no products")
    return Items.from_pairs(ids, pairs, prices)


def read_vectors(path: Path | str) -> Vectors:
    """Ids and their vectors, [n, d], from an ``.npz`` with the arrays ``ids`` and ``vectors``, without pickles.

    Raises:
        ItemsError: the file cannot be read, lacks an array, or its arrays do not fit each other.
    """
    path = Path(path)
    try:
        file = np.load(path, allow_pickle=False)
        if not isinstance(file, np.lib.npyio.NpzFile):
            raise ItemsError(f"{path.name} is a single array; it needs two, ids and vectors: write it with numpy.savez")
        with file:
            arrays = {name: file[name] for name in ("ids", "vectors") if name in file.files}
    except OSError as error:
        raise ItemsError(f"cannot read the vectors {path}: {error.strerror or 'not an npz file'}") from error
    except (ValueError, AttributeError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise ItemsError(f"{path.name} is not an npz file without pickles; write it with numpy.savez") from error
    if len(arrays) < 2:
        raise ItemsError(f"{path.name} needs the arrays ids and vectors")
    ids, vectors = arrays["ids"], arrays["vectors"]
    if (
        ids.ndim != 1
        or vectors.ndim != 2
        or len(ids) != len(vectors)
        or vectors.dtype.kind != "f"
        or not vectors.shape[1]
    ):
        raise ItemsError(f"{path.name}: ids {ids.shape} and vectors {vectors.shape} must be [n] and floats of [n, d]")
    if not np.isfinite(vectors).all():
        raise ItemsError(f"{path.name} holds a number that is not finite; encode the items again")
    return [str(item_id) for item_id in ids], vectors.astype(np.float32)


def aligned(items: Items, vectors: Vectors) -> Items:
    """The catalogue with each item's vector; zeros, which say nothing, for an item that has none.

    Raises:
        ItemsError: not one of the vectors belongs to an item.
    """
    ids, rows = vectors
    known = [(items.place[item_id], at) for at, item_id in enumerate(ids) if item_id in items.place]
    if not known:
        raise ItemsError("none of the vectors is of an item of the catalogue; the two files use different ids")
    matrix = np.zeros((len(items), rows.shape[1]), np.float32)
    matrix[[place for place, _ in known]] = rows[[at for _, at in known]]
    return items.with_vectors(matrix)


def _objects(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as stream:
            for line, text in enumerate(stream, start=1):
                if text.strip():
                    yield line, _object(path.name, line, text)
    except OSError as error:
        raise ItemsError(f"cannot read the items {path}: {error.strerror or error}") from error
    except (EOFError, zlib.error) as error:
        raise ItemsError(f"{path.name} is not a whole gzip file; copy it again") from error
    except UnicodeDecodeError as error:
        raise ItemsError(f"{path.name} is not UTF-8 text; convert it first") from error


def _object(name: str, line: int, text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError as error:
        raise ItemsError(f"{name} line {line} is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise ItemsError(f"{name} line {line} is not a JSON object")
    return value


def _facets(where: str, product: dict[str, Any]) -> Iterator[tuple[str, str]]:
    attributes = product.get("attributes") or {}
    if not isinstance(attributes, dict):
        raise ItemsError(f"{where}: attributes must be an object")
    for facet, raw in {**attributes, BRAND: product.get("brand"), CATEGORY: product.get("category")}.items():
        for value in raw if isinstance(raw, Sequence) and not isinstance(raw, str) else (raw,):
            text = _text(value)
            if text and facet:
                yield facet, text


def _text(value: object) -> str:
    if value is None or isinstance(value, dict | list):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value).strip()


def _price(value: object) -> float | None:
    """A price, or None where it is missing or makes no sense: an item without one is still an item."""
    try:
        price = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    return price if math.isfinite(price) and price >= 0 else None
