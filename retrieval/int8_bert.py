"""BERT as an ONNX graph whose matrix products run in 8-bit integers, built from the weights of a safetensors file.

Nothing is exported or kept on disk: writing the graph takes less than a tenth of a second. Weights are quantised by
output channel, activations while it runs. Two things keep the error small (docs/search_speed.md): a few channels carry
values far beyond all others, and are multiplied in float32 beside; and within the feed-forward part, where one token
dwarfs another, each token has a scale of its own. The graph reads one text at a time: a scale over several would let a
text's vector depend on its company.

Architecture: Devlin et al., 'BERT: Pre-training of Deep Bidirectional Transformers', 2019, section 3. The channels set
apart: Dettmers et al., 'LLM.int8()', 2022. Operators: ONNX opset 20 and those of ONNX Runtime (com.microsoft).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

Array = NDArray[np.float32]

_OURS = "com.microsoft"
_OPSET, _IR = 20, 10
_SATURATING = 384
FULL, NARROW = 127, 63
"""The largest weight as an integer. Processors without the VNNI instructions add pairs of 8-bit products in 16 bits,
which only half of the range is safe in."""


def open_bert(weights: Mapping[str, Array], heads: int, strong: Sequence[int] = ()) -> InferenceSession:
    """A BERT encoder of these weights, ready to run; threads may run it at once, each run takes one thread.

    See `bert_graph` for the arguments. Raises KeyError where a tensor is missing.
    """
    ones = np.ones((1, 1, _SATURATING), np.float32)
    (product,) = open_graph(saturating_graph()).run(None, {"x": ones})
    reach = FULL if abs(float(product[0, 0, 0]) - _SATURATING) < 0.01 * _SATURATING else NARROW
    return open_graph(bert_graph(weights, heads, strong, reach))


def open_graph(graph: bytes) -> InferenceSession:
    """A serialised graph on the CPU, one thread a run."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


def bert_graph(weights: Mapping[str, Array], heads: int, strong: Sequence[int] = (), reach: int = FULL) -> bytes:
    """The model, serialised. Input ``embedded`` and output ``states``: float32 ``[1, tokens, dimension]``.

    The input is the sum of the word, place and type embeddings, which are looked up outside: so the graph is a tenth
    of the weights, and a table of 30,522 rows need not be in memory.

    Args:
        weights: the tensors of a BERT encoder by name.
        heads: attention heads.
        strong: the channels of normed states that go far beyond the others.
        reach: the largest integer for a weight, `FULL` or `NARROW`.

    Raises KeyError where a tensor is missing.
    """
    draft = _Draft(weights, reach, strong)
    count = 1 + max(int(name.split(".")[2]) for name in weights if name.startswith("encoder.layer."))
    x = draft.norm("embedded", "embeddings.LayerNorm")
    for number in range(count):
        x = _layer(draft, x, f"encoder.layer.{number}.", heads)
    dimension = weights["embeddings.LayerNorm.bias"].size
    return draft.finish({"embedded": dimension}, x, {"states": dimension})


def saturating_graph() -> bytes:
    """A product that is `_SATURATING` for ones, and less where pairs of products are cut to 16 bits: see `NARROW`."""
    ones = {"w.weight": np.ones((1, _SATURATING), np.float32), "w.bias": np.zeros(1, np.float32)}
    draft = _Draft(ones, FULL, ())
    return draft.finish({"x": _SATURATING}, draft.linear("x", "w"), {"y": 1})


def _layer(draft: _Draft, x: str, prefix: str, heads: int) -> str:
    parts = [f"{prefix}attention.self.{name}" for name in ("query", "key", "value")]
    packed = draft.linear_apart(x, *parts)
    split = [f"{prefix}{name}" for name in "qkv"]
    draft.node("Split", [packed], out=split, axis=-1, num_outputs=3)
    mixed = draft.node("MultiHeadAttention", split, domain=_OURS, num_heads=heads)
    attended = draft.linear(mixed, f"{prefix}attention.output.dense")
    x = draft.norm(draft.node("Add", [attended, x]), f"{prefix}attention.output.LayerNorm")
    wide = draft.node("Gelu", [draft.linear_apart(x, f"{prefix}intermediate.dense")])
    narrow = draft.linear_by_token(wide, f"{prefix}output.dense")
    return draft.norm(draft.node("Add", [narrow, x]), f"{prefix}output.LayerNorm")


class _Draft:
    """The nodes and constants of a graph while it is written; each node's output has a name of its own."""

    def __init__(self, weights: Mapping[str, Array], reach: int, strong: Sequence[int]) -> None:
        self._weights, self._reach, self._strong = weights, reach, np.array(sorted(strong), np.int64)
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def node(self, kind: str, inputs: list[str], *, out: str | list[str] = "", domain: str = "", **options: Any) -> str:
        from onnx import helper

        outputs = [out or f"{kind}.{len(self.nodes)}"] if isinstance(out, str) else out
        self.nodes.append(helper.make_node(kind, inputs, outputs, domain=domain, **options))
        return outputs[0]

    def finish(self, given: dict[str, int], last: str, wanted: dict[str, int]) -> bytes:
        """The graph of one input and one output, each by name with the size of a token's row."""
        from onnx import TensorProto, helper

        self.node("Identity", [last], out=next(iter(wanted)))
        ends = [
            [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, "tokens", size]) for name, size in end.items()]
            for end in (given, wanted)
        ]
        graph = helper.make_graph(self.nodes, "bert", *ends, self.constants)
        opsets = [helper.make_opsetid("", _OPSET), helper.make_opsetid(_OURS, 1)]
        return bytes(helper.make_model(graph, opset_imports=opsets, ir_version=_IR).SerializeToString())

    def constant(self, value: NDArray[Any]) -> str:
        from onnx import numpy_helper

        name = f"constant.{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def norm(self, x: str, name: str) -> str:
        gain, shift = (self.constant(self._weights[f"{name}.{part}"]) for part in ("weight", "bias"))
        return self.node("LayerNormalization", [x, gain, shift], axis=-1, epsilon=1e-12)

    def linear(self, x: str, *names: str) -> str:
        """``x`` times the weights of these names, side by side, plus their bias; one scale for all of ``x``."""
        quantised = self._quantised(self._joined(names))
        return self.node("DynamicQuantizeMatMul", [x, *quantised, self._bias(names)], domain=_OURS)

    def linear_apart(self, x: str, *names: str) -> str:
        """The same with the strong channels taken out of ``x`` and multiplied in float32."""
        if not len(self._strong):
            return self.linear(x, *names)
        weight = self._joined(names)
        few = self.node("Gather", [x, self.constant(self._strong)], axis=2)
        exact = self.node("MatMul", [few, self.constant(weight[:, self._strong].T)])
        weight[:, self._strong] = 0
        others = np.ones(weight.shape[1], np.float32)
        others[self._strong] = 0
        rest = self.node("Mul", [x, self.constant(others)])
        product = self.node("DynamicQuantizeMatMul", [rest, *self._quantised(weight), self._bias(names)], domain=_OURS)
        return self.node("Add", [product, exact])

    def linear_by_token(self, x: str, *names: str) -> str:
        """The same with a scale for each token: divided by its largest value before, multiplied by it afterwards."""
        largest = self.node("ReduceMax", [self.node("Abs", [x]), self.constant(np.array([2], np.int64))], keepdims=1)
        even = self.node("Div", [x, largest])
        product = self.node("DynamicQuantizeMatMul", [even, *self._quantised(self._joined(names))], domain=_OURS)
        return self.node("Add", [self.node("Mul", [product, largest]), self._bias(names)])

    def _bias(self, names: tuple[str, ...]) -> str:
        return self.constant(np.concatenate([self._weights[f"{name}.bias"] for name in names]))

    def _joined(self, names: tuple[str, ...]) -> Array:
        return np.concatenate([self._weights[f"{name}.weight"] for name in names])

    def _quantised(self, weight: Array) -> list[str]:
        """The weights as int8 ``[inputs, outputs]``, the scale of each output, and their zero points."""
        scale = np.maximum(np.abs(weight).max(axis=1), np.float32(1e-9)) / np.float32(self._reach)
        whole = np.rint(weight / scale[:, None]).astype(np.int8)
        return [self.constant(whole.T), self.constant(scale), self.constant(np.zeros(len(scale), np.int8))]
