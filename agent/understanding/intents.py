"""What a message is about: a logistic regression on the sentence encoder's vectors of `prompts/intents.toml`.

Fitted once at the first start (a few seconds) and kept in the home under the fingerprint of its examples
and its encoder, so that a changed file or encoder refits it.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from agent.wording import PROMPTS
from retrieval.encoder import TextEncoder

_INVERSE_REGULARISATION = 20.0
"""Chosen by five-fold cross-validation on the examples (see docs/decisions.md)."""


@dataclass(frozen=True, slots=True)
class Intent:
    """The likeliest intent with its probability, and the whole distribution."""

    name: str
    probability: float
    all: dict[str, float]


class IntentClassifier:
    """Probabilities of intents for a text."""

    def __init__(self, encoder: TextEncoder, names: Sequence[str], weights: NDArray[np.float32]) -> None:
        """`weights`: [intents, dimension + 1], the last column the intercepts."""
        self._encoder = encoder
        self.names = tuple(names)
        self._weights = weights

    def classify(self, text: str) -> Intent:
        """The intent of one message."""
        vector = self._encoder.encode([text.lower()])[0]
        logits = self._weights[:, :-1] @ vector + self._weights[:, -1]
        odds = np.exp(logits - logits.max())
        shares = dict(zip(self.names, (odds / odds.sum()).tolist(), strict=True))
        best = max(shares, key=lambda name: shares[name])
        return Intent(best, shares[best], shares)

    @classmethod
    def fit(cls, encoder: TextEncoder, examples: dict[str, list[str]]) -> IntentClassifier:
        """Fit on examples by intent."""
        from sklearn.linear_model import LogisticRegression

        texts = [text for items in examples.values() for text in items]
        labels = [name for name, items in examples.items() for _ in items]
        model = LogisticRegression(C=_INVERSE_REGULARISATION, max_iter=2000, class_weight="balanced")
        model.fit(encoder.encode(texts), labels)
        weights = np.column_stack([model.coef_, model.intercept_]).astype(np.float32)
        return cls(encoder, [str(name) for name in model.classes_], weights)

    @classmethod
    def load_or_fit(cls, encoder: TextEncoder, folder: Path, source: Path | None = None) -> IntentClassifier:
        """The classifier kept in `folder`, fitted anew where its examples or its encoder have changed."""
        source = source or PROMPTS / "intents.toml"
        raw = source.read_text(encoding="utf-8")
        fingerprint = hashlib.sha256(f"{encoder.fingerprint}|{_INVERSE_REGULARISATION}|{raw}".encode()).hexdigest()[:16]
        path = folder / f"intents-{fingerprint}.npz"
        if path.exists():
            with np.load(path, allow_pickle=False) as kept:
                return cls(encoder, [str(name) for name in kept["names"]], kept["weights"])
        fitted = cls.fit(encoder, {name: entry["examples"] for name, entry in tomllib.loads(raw).items()})
        folder.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".part.npz")
        np.savez(partial, names=np.array(fitted.names), weights=fitted._weights)
        partial.replace(path)
        return fitted
