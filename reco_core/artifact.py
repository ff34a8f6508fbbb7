"""A model as a folder: ``card.json`` with the sha256 of each file, and arrays without pickles.

Guards against damage, mix-ups and files that would run code. It does not prove who made a model: anyone who can write
the folder can write its card too.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import tempfile
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from reco_core.core import RecoCore
from reco_core.errors import ArtifactError
from reco_core.features import FEATURES
from reco_core.items import Items
from reco_core.neighbours import Neighbours
from reco_core.scorer import Scorer

FORMAT = "shopkeeper-reco 1"
CARD, ARRAYS = "card.json", "model.npz"
Arrays = dict[str, npt.NDArray[Any]]


def save_core(core: RecoCore, folder: Path) -> None:
    """Write a model to a folder, whole or not at all; a model that is there is replaced, anything else is not.

    Raises:
        ArtifactError: the folder holds something that is no model, or cannot be written.
    """
    if folder.exists() and not (folder / CARD).is_file() and (not folder.is_dir() or any(folder.iterdir())):
        raise ArtifactError(f"{folder} holds something that is no model; give an empty or a new folder")
    content = io.BytesIO()
    np.savez_compressed(content, allow_pickle=False, **_arrays(core))
    files = {ARRAYS: content.getvalue()}
    card = {**core.card, "format": FORMAT, "features": [feature.value for feature in FEATURES]}
    card["sha256"] = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    files[CARD] = (json.dumps(card, indent=1, sort_keys=True) + "\n").encode()
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        _replace(folder, files)
    except OSError as error:
        raise ArtifactError(f"cannot write the model {folder}: {error.strerror or error}") from error


def load_core(folder: Path) -> RecoCore:
    """Read a model from its folder.

    Raises:
        ArtifactError: it is missing, damaged, of another format or not ours.
    """
    try:
        card = json.loads((folder / CARD).read_bytes())
        data = (folder / ARRAYS).read_bytes()
    except OSError as error:
        raise ArtifactError(f"{folder} holds no model ({error.strerror or error}); train one first") from error
    except ValueError as error:
        raise ArtifactError(f"{folder / CARD} is not JSON; train the model anew") from error
    if not isinstance(card, dict) or card.get("format") != FORMAT:
        raise ArtifactError(f"{folder} is not of the format {FORMAT!r}; train the model anew")
    if card.get("features") != [feature.value for feature in FEATURES]:
        raise ArtifactError(f"{folder} was made for other features than this version has; train the model anew")
    hashes = card.get("sha256")
    if not isinstance(hashes, dict) or hashes.get(ARRAYS) != hashlib.sha256(data).hexdigest():
        raise ArtifactError(
            f"{folder / ARRAYS} is damaged: its sha256 is not the one on the card; train the model anew"
        )
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        return _core(arrays, {key: card[key] for key in card if key not in ("format", "features", "sha256")})
    except (KeyError, IndexError, TypeError, ValueError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise ArtifactError(f"{folder / ARRAYS} does not hold a whole model; train it anew") from error


def _replace(folder: Path, files: dict[str, bytes]) -> None:
    """Put files into the folder by renaming a finished one into its place."""
    fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        for name, data in files.items():
            with (fresh / name).open("wb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
        fresh.chmod(0o755)
        if folder.exists():
            old = Path(tempfile.mkdtemp(prefix=f".{folder.name}.old.", dir=folder.parent))
            folder.rename(old / folder.name)
            fresh.rename(folder)
            shutil.rmtree(old)
        else:
            fresh.rename(folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _arrays(core: RecoCore) -> Arrays:
    items, neighbours, scorer = core.items, core.neighbours, core.scorer
    arrays: Arrays = {
        "item_ids": _packed(list(items.ids)),
        "item_values": _packed([list(value) for value in items.values]),
        "holder_value": items.holder_value,
        "holder_item": items.holder_item,
        "price": items.price,
        "neighbour_ids": _packed(list(neighbours.ids)),
        "neighbour_index": neighbours.index,
        "neighbour_weight": neighbours.weight,
        "popularity": neighbours.popularity,
        "weights": scorer.weights,
        "typical": scorer.typical,
        "intercept": np.asarray(scorer.intercept),
    }
    arrays |= {f"narrowest_{facet}": codes for facet, codes in items.narrowest.items()}
    if items.vectors is not None:
        arrays["vectors"] = items.vectors
    return arrays


def _core(arrays: Arrays, card: dict[str, object]) -> RecoCore:
    items = Items.from_columns(
        _unpacked(arrays["item_ids"]),
        [(facet, value) for facet, value in _unpacked(arrays["item_values"])],
        (arrays["holder_value"], arrays["holder_item"]),
        {name.removeprefix("narrowest_"): codes for name, codes in arrays.items() if name.startswith("narrowest_")},
        arrays["price"],
        arrays.get("vectors"),
    )
    neighbours = Neighbours(
        tuple(_unpacked(arrays["neighbour_ids"])),
        arrays["neighbour_index"],
        arrays["neighbour_weight"],
        arrays["popularity"],
    )
    return RecoCore(items, neighbours, Scorer(arrays["weights"], arrays["typical"], float(arrays["intercept"])), card)


def _packed(values: list[Any]) -> npt.NDArray[np.uint8]:
    """Texts as the bytes of their JSON: numpy's own arrays of text pad each to the longest."""
    return np.frombuffer(json.dumps(values, ensure_ascii=False).encode(), np.uint8)


def _unpacked(data: npt.NDArray[np.uint8]) -> list[Any]:
    values = json.loads(data.tobytes())
    return list(values)
