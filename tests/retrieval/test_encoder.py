"""The encoder is the known one, and a text always has the same vector of length 1."""

from __future__ import annotations

import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from retrieval.encoder import KNOWN_FILES, PACKAGE, MiniLM, check_files, package_folder
from retrieval.errors import EncoderError
from retrieval.int8_bert import FULL, NARROW, bert_graph, open_graph

TEXTS = ["wireless mouse", "a", "", "very long text " * 200, "Größe ½ 🎁"]
SOME_IDS = [101, 9949, 8000, 2007, 7106, 12170, 102]


def test_vectors_have_length_one_and_do_not_depend_on_company_or_threads(minilm: MiniLM) -> None:
    together = minilm.encode(TEXTS)
    assert together.shape == (len(TEXTS), minilm.dimension)
    assert together.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1.0, atol=1e-5)
    assert np.array_equal(MiniLM.load(threads=2).encode(TEXTS), together)
    for text, vector in zip(TEXTS, together, strict=True):
        assert np.array_equal(minilm.encode([text])[0], vector)


def test_vectors_in_integers_are_nearly_those_of_sentence_transformers_in_floats(minilm: MiniLM) -> None:
    from sentence_transformers import SentenceTransformer

    reference = SentenceTransformer(str(package_folder()), device="cpu", local_files_only=True)
    for text in TEXTS:
        assert minilm.encode([text])[0] @ reference.encode(text, normalize_embeddings=True) > 0.985


def test_half_of_the_integers_range_will_do_where_a_processor_needs_that(minilm: MiniLM) -> None:
    weights = load_file(package_folder() / "model.safetensors")
    places = weights["embeddings.position_embeddings.weight"] + weights["embeddings.token_type_embeddings.weight"][0]
    embedded = (weights["embeddings.word_embeddings.weight"][SOME_IDS] + places[: len(SOME_IDS)])[None]
    full, narrow = (
        open_graph(bert_graph(weights, 12, reach=reach)).run(None, {"embedded": embedded})[0].mean(axis=(0, 1))
        for reach in (FULL, NARROW)
    )
    assert 0.98 < full @ narrow / np.linalg.norm(full) / np.linalg.norm(narrow) < 1


def test_neither_one_text_nor_many_need_torch() -> None:
    code = "from retrieval.encoder import MiniLM; MiniLM.load().encode(['a lamp', 'a desk'])"
    code += "; import sys; assert not {'torch', 'transformers', 'sentence_transformers'} & set(sys.modules)"
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
    check_files(copy)
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
