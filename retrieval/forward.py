"""BERT's forward pass in numpy, for one text at a time.

A chat asks for one short vector at a time, and for that torch brings nothing but seconds of import and hundreds of
megabytes: the same weights in numpy give the same vector (to 1e-6) in the same time or less. Batches stay with torch.
Architecture: Devlin et al., 'BERT: Pre-training of Deep Bidirectional Transformers', 2019, section 3.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

_EPSILON = np.float32(1e-12)


@dataclass(frozen=True, slots=True)
class _Layer:
    """One layer's weights, inputs first, so that ``x @ weight`` needs no transposition."""

    query_key_value: Array
    query_key_value_bias: Array
    mixed: Array
    mixed_bias: Array
    wide: Array
    wide_bias: Array
    narrow: Array
    narrow_bias: Array
    norms: tuple[Array, Array, Array, Array]


class Bert:
    """A BERT encoder of `heads` attention heads, from the tensors of its safetensors file."""

    def __init__(self, weights: Mapping[str, Array], heads: int) -> None:
        """Raises KeyError where a tensor is missing."""
        self._heads = heads
        self._words = weights["embeddings.word_embeddings.weight"]
        self._places = (
            weights["embeddings.position_embeddings.weight"] + weights["embeddings.token_type_embeddings.weight"][0]
        )
        self._norm = weights["embeddings.LayerNorm.weight"], weights["embeddings.LayerNorm.bias"]
        count = 1 + max(int(name.split(".")[2]) for name in weights if name.startswith("encoder.layer."))
        self._layers = [_layer(weights, f"encoder.layer.{number}.") for number in range(count)]

    def states(self, ids: Sequence[int]) -> Array:
        """The last hidden states, float32 ``[len(ids), dimension]``, of one text without padding."""
        embedded: Array = self._words[ids] + self._places[: len(ids)]
        x = _normed(embedded, *self._norm)
        for layer in self._layers:
            x = self._through(layer, x)
        return x

    def _through(self, layer: _Layer, x: Array) -> Array:
        count, dimension = x.shape
        size = dimension // self._heads
        packed = x @ layer.query_key_value + layer.query_key_value_bias
        query, key, value = packed.reshape(count, 3, self._heads, size).transpose(1, 2, 0, 3)
        weights = _softmax(_single(query @ key.transpose(0, 2, 1) / np.float32(size**0.5)))
        mixed = _single(weights @ value).transpose(1, 0, 2).reshape(count, dimension)
        attended = _single(x + mixed @ layer.mixed + layer.mixed_bias)
        x = _normed(attended, *layer.norms[:2])
        told = _single(x + _gelu(_single(x @ layer.wide + layer.wide_bias)) @ layer.narrow + layer.narrow_bias)
        return _normed(told, *layer.norms[2:])


def _layer(weights: Mapping[str, Array], prefix: str) -> _Layer:
    def matrix(name: str) -> Array:
        return np.ascontiguousarray(weights[f"{prefix}{name}.weight"].T)

    def bias(name: str) -> Array:
        return weights[f"{prefix}{name}.bias"]

    parts = [f"attention.self.{name}" for name in ("query", "key", "value")]
    norms = ("attention.output.LayerNorm", "output.LayerNorm")
    first, second = ((weights[f"{prefix}{name}.weight"], bias(name)) for name in norms)
    return _Layer(
        np.concatenate([matrix(name) for name in parts], axis=1),
        np.concatenate([bias(name) for name in parts]),
        matrix("attention.output.dense"),
        bias("attention.output.dense"),
        matrix("intermediate.dense"),
        bias("intermediate.dense"),
        matrix("output.dense"),
        bias("output.dense"),
        (*first, *second),
    )


def _normed(x: Array, gain: Array, shift: Array) -> Array:
    """Layer normalisation (Ba et al., 2016)."""
    centred = x - x.mean(axis=-1, keepdims=True)
    spread = np.sqrt(np.square(centred).mean(axis=-1, keepdims=True) + _EPSILON)
    normed: Array = centred / spread * gain + shift
    return normed


def _single(x: NDArray[np.floating[Any]]) -> Array:
    """The same array; numpy's types lose sight of its precision where matrices are multiplied."""
    return np.asarray(x, np.float32)


def _softmax(x: Array) -> Array:
    odds: Array = np.exp(x - x.max(axis=-1, keepdims=True))
    shares: Array = odds / odds.sum(axis=-1, keepdims=True)
    return shares


def _gelu(x: Array) -> Array:
    """The exact Gaussian error linear unit (Hendrycks and Gimpel, 2016)."""
    from scipy.special import erf

    gated: Array = x * np.float32(0.5) * (1 + erf(x / np.float32(2**0.5)))
    return gated
