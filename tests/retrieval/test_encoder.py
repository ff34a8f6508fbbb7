"""The encoder is the known one, and a text always has the same vector of length 1."""

from __future__ import annotations

import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from retrieval.encoder import KNOWN_FILES, PACKAGE, MiniLM, check_files
from retrieval.errors import EncoderError

TEXTS = ["wireless mouse", "a", "", "very long text " * 200, "Größe ½ 🎁"]


def test_vectors_have_length_one_and_do_not_depend_on_the_batch(minilm: MiniLM) -> None:
    together = minilm.encode(TEXTS)
    assert together.shape == (len(TEXTS), minilm.dimension)
    assert together.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1.0, atol=1e-3)
    for text, vector in zip(TEXTS, together, strict=True):
        assert minilm.encode([text])[0] @ vector > 0.9999


def test_one_text_in_numpy_has_the_vector_that_sentence_transformers_gives_it(minilm: MiniLM) -> None:
    from sentence_transformers import SentenceTransformer

    reference = SentenceTransformer(str(minilm.folder), device="cpu", local_files_only=True)
    for text in TEXTS:
        expected = reference.encode(text, normalize_embeddings=True)
        np.testing.assert_allclose(minilm.encode([text])[0], expected, atol=2e-6)


def test_one_text_needs_no_torch() -> None:
    code = "from retrieval.encoder import MiniLM; MiniLM.load().encode(['a lamp'])"
    code += "; import sys; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_it_knows_what_is_alike(minilm: MiniLM) -> None:
    sofa, couch, drill = minilm.encode(["a sofa", "a couch", "a power drill"])
    assert sofa @ couch > sofa @ drill + 0.3


def test_no_texts_have_no_vectors(minilm: MiniLM) -> None:
    assert minilm.encode([]).shape == (0, 384)


def test_the_installed_files_are_the_known_ones_and_a_changed_one_is_refused(tmp_path: Path) -> None:
    found = find_spec(PACKAGE)
    assert found is not None
    assert found.origin is not None
    installed = Path(found.origin).parent / "model"
    copy = tmp_path / "model"
    shutil.copytree(installed, copy, ignore=shutil.ignore_patterns("model.safetensors"))
    (copy / "model.safetensors").symlink_to(installed / "model.safetensors")
    assert check_files(copy) == check_files(installed)
    config = copy / "config.json"
    config.write_text(config.read_text().replace("384", "385"))
    with pytest.raises(EncoderError, match=r"config\.json is not the known one"):
        MiniLM.load(copy)
    config.unlink()
    with pytest.raises(EncoderError, match=r"lacks config\.json"):
        MiniLM.load(copy)


def test_every_file_that_decides_a_vector_is_checked() -> None:
    assert {"model.safetensors", "config.json", "tokenizer.json", "1_Pooling/config.json"} <= set(KNOWN_FILES)
    assert all(len(known) == 64 for known in KNOWN_FILES.values())
