"""EfficientNet-Lite0 up to its last pooling, as an ONNX graph made from the weights alone.

The layout is that of the TensorFlow models that the weights were made from: a stem, sixteen
inverted bottlenecks without squeeze and excitation, a head; ReLU6; "same" padding; batch
statistics with epsilon 1e-3, folded into the convolutions here. Its input is centred at 127 and
divided by 128 in each channel, unlike that of the larger EfficientNets.

onnxruntime takes a third of the time that torch takes on one thread with the same folding
(10 ms a photograph against 28), and is a tenth of torch to install. Photographs go through it one
by one: eight together are some hundredths faster, but alone each gives the same bytes whatever comes
before or after it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from wearwhy.learn.images.parts import SIDE, WIDTH, part, threads, weights_file
from wearwhy.learn.images.weights import Floats, read

CENTRE: Final = np.float32(127)
SPREAD: Final = np.float32(128)
_EPSILON: Final = 1e-3
_OPSET: Final = 13
_VERSION: Final = 8
# For each group of bottlenecks: how many, the stride of the first, how much the first step widens.
_GROUPS: Final = ((1, 1, 1), (2, 2, 6), (2, 2, 6), (3, 2, 6), (3, 1, 6), (4, 2, 6), (1, 1, 6))


def folded(weights: Mapping[str, Floats], conv: str, norm: str) -> tuple[Floats, Floats]:
    """Return the weights and bias of a convolution that does the normalisation after it, too."""
    scale = weights[f"{norm}.weight"] / np.sqrt(weights[f"{norm}.running_var"] + _EPSILON)
    bias = weights[f"{norm}.bias"] - weights[f"{norm}.running_mean"] * scale
    kernel = weights[f"{conv}.weight"] * scale[:, None, None, None]
    return kernel.astype(np.float32), bias.astype(np.float32)


class _Graph:
    """Nodes and numbers of an ONNX graph, as they are added one after another."""

    def __init__(self, weights: Mapping[str, Floats]) -> None:
        self.onnx = part("onnx")
        self.weights = weights
        self.nodes: list[Any] = []
        self.numbers: list[Any] = [
            self.number("least", np.float32(0)),
            self.number("most", np.float32(6)),
        ]

    def number(self, name: str, array: Any) -> Any:
        return self.onnx.numpy_helper.from_array(np.asarray(array), name)

    def node(self, kind: str, inputs: list[str], **more: object) -> str:
        name = f"{kind}{len(self.nodes)}"
        self.nodes.append(self.onnx.helper.make_node(kind, inputs, [name], **more))
        return name

    def conv(self, x: str, conv: str, norm: str, stride: int = 1, *, active: bool = True) -> str:
        kernel, bias = folded(self.weights, conv, norm)
        self.numbers += [self.number(f"{conv}.w", kernel), self.number(f"{conv}.b", bias)]
        # A kernel of one channel belongs to a convolution of each channel for itself.
        groups = len(kernel) if kernel.shape[1] == 1 else 1
        x = self.node(
            "Conv",
            [x, f"{conv}.w", f"{conv}.b"],
            auto_pad="SAME_UPPER",
            group=groups,
            kernel_shape=list(kernel.shape[2:]),
            strides=[stride, stride],
        )
        return self.node("Clip", [x, "least", "most"]) if active else x


def blocks() -> Iterator[tuple[str, int, int, bool]]:
    """Yield each bottleneck: its name, stride, widening, and whether its input is added back."""
    number = 0
    for count, first, wider in _GROUPS:
        for nth in range(count):
            yield f"_blocks.{number}", 1 if nth else first, wider, nth > 0
            number += 1


def graph(weights: Mapping[str, Floats]) -> bytes:
    """Return the network as an ONNX model: (1, 3, side, side) in, (1, width) out."""
    made = _Graph(weights)
    helper, kind = made.onnx.helper, made.onnx.TensorProto.FLOAT
    x = made.conv("pixels", "_conv_stem", "_bn0", 2)
    for name, stride, wider, again in blocks():
        before = x
        if wider > 1:
            x = made.conv(x, f"{name}._expand_conv", f"{name}._bn0")
        x = made.conv(x, f"{name}._depthwise_conv", f"{name}._bn1", stride)
        x = made.conv(x, f"{name}._project_conv", f"{name}._bn2", active=False)
        if again:
            x = made.node("Add", [x, before])
    x = made.conv(x, "_conv_head", "_bn1")
    x = made.node("Flatten", [made.node("GlobalAveragePool", [x])])
    whole = helper.make_graph(
        made.nodes,
        "efficientnet-lite0",
        [helper.make_tensor_value_info("pixels", kind, [1, 3, SIDE, SIDE])],
        [helper.make_tensor_value_info(x, kind, [1, WIDTH])],
        made.numbers,
    )
    opset = [helper.make_opsetid("", _OPSET)]
    model = helper.make_model(whole, opset_imports=opset, ir_version=_VERSION)
    return bytes(model.SerializeToString())


class Network:
    """The network, ready to look at photographs.

    Raises:
        NotInstalled: WW-EXTRA-IMAGES, on making one.
        FormatError: WW-IMAGES-WEIGHTS.
    """

    def __init__(self) -> None:
        runtime = part("onnxruntime")
        options = runtime.SessionOptions()
        options.intra_op_num_threads = threads()
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session = runtime.InferenceSession(
            graph(read(weights_file())), options, providers=["CPUExecutionProvider"]
        )

    def __call__(self, pixels: NDArray[np.uint8]) -> Floats:
        """Return the embedding of an image of (side, side, 3) bytes: `width` numbers from 0 to 6."""
        x = ((pixels.astype(np.float32) - CENTRE) / SPREAD).transpose(2, 0, 1)[None]
        (found,) = self._session.run(None, {"pixels": np.ascontiguousarray(x)})
        return np.asarray(found[0], dtype=np.float32)
