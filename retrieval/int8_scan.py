"""Many vectors against one, in 8-bit integers: all similarities of a large catalogue at the speed of its memory."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

Vectors = NDArray[np.float32]

_REACH = 63
"""A query's numbers become integers within ±63: so no processor's 16-bit sum of two products can overflow."""
_SHIFT = 64
"""Added to make them unsigned, taken out afterwards: ONNX Runtime's own zero point takes four times as long."""


class Codes(NamedTuple):
    """Vectors as int8 ``[dimension, n]``, each divided by a scale of its own; and what the shift adds to each."""

    values: NDArray[np.int8]
    scales: Vectors
    shifts: Vectors

    def joined(self, more: Codes) -> Codes:
        """These with more vectors behind them."""
        values = np.concatenate((self.values, more.values), axis=1)
        scales, shifts = np.concatenate((self.scales, more.scales)), np.concatenate((self.shifts, more.shifts))
        return Codes(values, scales, shifts)


def encoded(matrix: Vectors) -> Codes:
    """The codes of the rows of a matrix."""
    scales = np.maximum(np.abs(matrix).max(axis=1, initial=0.0), np.float32(1e-9)) / np.float32(127)
    values = np.rint(matrix / scales[:, None]).astype(np.int8)
    shifts = np.float32(_SHIFT) * values.sum(axis=1, dtype=np.int32)
    return Codes(np.ascontiguousarray(values.T), np.asarray(scales, np.float32), np.asarray(shifts, np.float32))


def save_codes(codes: Codes, folder: Path) -> None:
    """Writes an ``.npy`` file for each part."""
    folder.mkdir()
    for name, values in codes._asdict().items():
        np.save(folder / f"{name}.npy", values, allow_pickle=False)


def load_codes(folder: Path) -> Codes:
    """What `save_codes` wrote, left on disk until it is read."""
    return Codes(*(np.asarray(np.load(folder / f"{name}.npy", "r", allow_pickle=False)) for name in Codes._fields))


def similarities(codes: Codes, query: Vectors) -> Vectors:
    """The inner product of each vector with `query`, float32 ``[n]``; off by about 0.001 for unit vectors."""
    step = max(float(np.abs(query).max(initial=0.0)), 1e-9) / _REACH
    whole = np.asarray(np.rint(query / step) + _SHIFT, np.uint8)
    (products,) = _scan().run(None, {"query": whole[None], "codes": codes.values})
    sums = products[0] - codes.shifts
    sums *= codes.scales
    sums *= np.float32(step)
    found: Vectors = sums
    return found


@lru_cache(maxsize=1)
def _scan() -> InferenceSession:
    from onnx import TensorProto, helper

    from retrieval.int8_bert import open_graph

    node = helper.make_node("MatMulInteger", ["query", "codes"], ["products"])
    kinds = {"query": TensorProto.UINT8, "codes": TensorProto.INT8, "products": TensorProto.INT32}
    ends = [helper.make_tensor_value_info(name, kind, [None, None]) for name, kind in kinds.items()]
    graph = helper.make_graph([node], "scan", ends[:2], ends[2:])
    opsets = [helper.make_opsetid("", 20)]
    return open_graph(helper.make_model(graph, opset_imports=opsets, ir_version=10).SerializeToString())
