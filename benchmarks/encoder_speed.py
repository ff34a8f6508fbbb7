"""The encoder beside the same weights in PyTorch: time, throughput, and how far its vectors are from theirs."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence

import numpy as np

from retrieval.encoder import MiniLM, Vectors, package_folder

BATCH = 200
COMPARED = 1000


def compare(texts: Sequence[str], queries: Sequence[str]) -> dict[str, float]:
    """The figures over products' texts and queries; needs PyTorch and a minute or two."""
    import torch
    from sentence_transformers import SentenceTransformer
    from tokenizers import Tokenizer

    cores = os.cpu_count() or 1
    tokenizer = Tokenizer.from_file(str(package_folder() / "tokenizer.json"))
    tokenizer.no_padding()
    near = sorted(texts, key=lambda text: abs(len(tokenizer.encode(text).ids) - 64))[:BATCH]
    one, all_cores = MiniLM.load(threads=1), MiniLM.load(threads=cores)
    torch.set_num_threads(1)
    reference = SentenceTransformer(str(package_folder()), device="cpu", local_files_only=True)

    def exact(some: Sequence[str]) -> Vectors:
        return np.asarray(reference.encode(list(some), normalize_embeddings=True, show_progress_bar=False))

    found = {
        "tokens": round(float(np.mean([len(tokenizer.encode(text).ids) for text in near])), 1),
        "query_p50": _median(lambda text: one.encode([text]), queries, 50),
        "query_p95": _median(lambda text: one.encode([text]), queries, 95),
        "query_torch_p50": _median(lambda text: exact([text]), queries, 50),
        "texts_a_second_one_core": _rate(one.encode, near),
        "texts_a_second": _rate(all_cores.encode, near),
    }
    torch.set_num_threads(cores)
    found["texts_a_second_torch"] = _rate(exact, near)
    some = list(texts[:COMPARED])
    ours, theirs = one.encode(some), exact(some)
    asked, asked_theirs = one.encode(queries), exact(queries)
    found["cosine"] = round(float((ours * theirs).sum(axis=1).mean()), 5)
    found["cosine_lowest"] = round(float((ours * theirs).sum(axis=1).min()), 5)
    for k in (10, 100):
        pairs = zip(_best(asked @ ours.T, k), _best(asked_theirs @ theirs.T, k), strict=True)
        found[f"recall@{k}"] = round(float(np.mean([len(set(a) & set(b)) / k for a, b in pairs])), 4)
    return found


def _median(call: Callable[[str], object], texts: Sequence[str], share: int) -> float:
    for text in texts[:5]:
        call(text)
    spent = []
    for text in texts:
        start = time.perf_counter()
        call(text)
        spent.append(1000 * (time.perf_counter() - start))
    return round(float(np.percentile(spent, share)), 3)


def _rate(encode: Callable[[Sequence[str]], Vectors], texts: Sequence[str]) -> float:
    encode(texts[:20])
    start = time.perf_counter()
    encode(texts)
    return round(len(texts) / (time.perf_counter() - start), 1)


def _best(scores: Vectors, k: int) -> list[list[int]]:
    return [[int(i) for i in row] for row in np.argsort(-scores, axis=1, kind="stable")[:, :k]]
