"""An index on disk: a folder whose ``card.json`` names the one build that is valid, and the hash of each of its files.

A build is written into a subfolder of its own and becomes the index by the replacement of ``card.json``, which the
file system does at once: whoever opens the folder sees the old index or the new one, and a build that was killed
leaves nothing but a subfolder that the next one clears away.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from retrieval.errors import IndexFolderError
from retrieval.fingerprints import file_hash

FORMAT = 3
CARD = "card.json"
LEXICAL, TITLES = "lexical", "titles"
STORE = "chroma"  # kept by Chroma itself, which rewrites its files; their hashes would mean nothing
VECTORS = "vectors.npy"  # a copy of what the store holds; where it was left out, the store is read
TEXT_KEYS = "texts.npy"  # of what text each vector is: `retrieval.kept_vectors.text_keys`
_PREFIX = "build-"


@dataclass(frozen=True, slots=True)
class Card:
    """What an index is: the build's subfolder, what made it, and the sha256 of each file."""

    format: int
    made_by: str
    build: str
    encoder: str
    encoder_fingerprint: str
    dimension: int
    data_fingerprint: str
    products: int
    files: dict[str, str]


def read_card(folder: Path) -> Card:
    """The card of an index. Raises IndexFolderError where there is none, or one that this version cannot read."""
    try:
        card = Card(**json.loads((folder / CARD).read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise IndexFolderError(f"there is no index in {folder}; build one: python -m retrieval build") from None
    except (OSError, ValueError, TypeError):
        raise IndexFolderError(f"{folder / CARD} is damaged or of another format; build the index again") from None
    if card.format != FORMAT:
        raise IndexFolderError(f"the index in {folder} has format {card.format}, not {FORMAT}; build it again")
    return card


def check_files(folder: Path, card: Card) -> Path:
    """The build's subfolder, each of its files proved. Raises IndexFolderError naming the first that is not right."""
    build = folder / card.build
    if Path(card.build).name != card.build:
        raise IndexFolderError(f"{folder / CARD} is damaged; build the index again")
    for name, known in card.files.items():
        path = build / name
        if name == VECTORS and not path.exists():
            continue
        if not path.is_file():
            raise IndexFolderError(f"the index in {folder} lacks {name}; build it again")
        if file_hash(path) != known:
            raise IndexFolderError(f"{name} of the index in {folder} is damaged; build it again")
    return build


def hashes(build: Path) -> dict[str, str]:
    """The sha256 of every file of a build, except the vector store's own."""
    files = sorted(p for p in build.rglob("*") if p.is_file() and STORE not in p.relative_to(build).parts)
    return {p.relative_to(build).as_posix(): file_hash(p) for p in files}


@contextmanager
def new_build(folder: Path) -> Iterator[Path]:
    """A fresh subfolder to build in, removed again if the build fails."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        build = folder / f"{_PREFIX}{os.urandom(6).hex()}"
        build.mkdir()
    except OSError as error:
        raise IndexFolderError(f"cannot write an index to {folder}: {error.strerror}; choose another folder") from error
    try:
        yield build
    except BaseException:
        shutil.rmtree(build, ignore_errors=True)
        raise


def publish(folder: Path, card: Card) -> None:
    """Make `card` the index, durably and at once; then remove every other build."""
    draft = folder / f"{CARD}.{card.build}"
    with draft.open("w", encoding="utf-8") as file:
        json.dump(asdict(card), file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(folder / CARD)
    for left in folder.glob(f"{_PREFIX}*"):
        if left.name != card.build:
            shutil.rmtree(left, ignore_errors=True)
    for left in folder.glob(f"{CARD}.*"):
        left.unlink(missing_ok=True)
