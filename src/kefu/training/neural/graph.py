"""The compact encoder as one ONNX file in eight bits.

The scales of what flows through it are fixed here, from texts that it was taught. ONNX Runtime's dynamic ones
are taken from a whole batch, so that a text would be read otherwise beside other neighbours.
"""

from __future__ import annotations

import logging
import tempfile
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper

from kefu.training.neural.network import Joint
from kefu.understanding.encoder.joint import NAMES
from kefu.understanding.encoder.pieces import WIDTH, Rows

_OPSET = 17
_LIMIT = 127
_TABLE = "encoder.table.weight"
_MOSTLY_GEMM = ["MatMul"]
_DYNAMIC = "DynamicQuantizeLinear"
_CPU = "CPUExecutionProvider"
_BYTE = 255
_MARGIN = 1.1
"""Activations may get so much larger than any that was seen."""


def write(network: Joint, path: Path, shown: Rows) -> int:
    """Write the network; the file's size in bytes. The table of n-grams keeps one scale per column.

    `shown` is (texts, pieces, WIDTH), texts such as it will read: they tell how large activations get.
    """
    from onnxruntime.quantization import QuantType, quantize_dynamic

    with tempfile.TemporaryDirectory() as folder:
        wide, small = Path(folder) / "wide.onnx", Path(folder) / "small.onnx"
        with _old_exporter(), torch.no_grad():
            _export(network, wide)
        with _quiet():
            quantize_dynamic(
                wide,
                small,
                weight_type=QuantType.QInt8,
                op_types_to_quantize=_MOSTLY_GEMM,
                per_channel=True,
            )
        model = onnx.load(str(small))
        _fix_scales(model, _extremes(onnx.load(str(wide)), _quantized(model), shown))
    _narrow(model)
    onnx.checker.check_model(model)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(model.SerializeToString(deterministic=True))
    return path.stat().st_size


def _export(network: Joint, path: Path) -> None:
    rows = torch.ones((2, 7, WIDTH), dtype=torch.int32)
    rows[1, -2:] = 0
    free = {name: {0: "texts", 1: "pieces"} for name in ("rows", *NAMES[:3])}
    free |= {name: {0: "texts"} for name in NAMES[3:]}
    torch.onnx.export(
        network.eval(),
        (rows,),
        str(path),
        input_names=["rows"],
        output_names=list(NAMES),
        dynamic_axes=free,
        opset_version=_OPSET,
        dynamo=False,
    )


def _quantized(model: Any) -> list[str]:
    """The names of what is turned into eight bits at work."""
    return [node.input[0] for node in model.graph.node if node.op_type == _DYNAMIC]


def _extremes(wide: Any, names: Sequence[str], shown: Rows) -> dict[str, tuple[float, float]]:
    """The smallest and the largest number in tensors of the wide model."""
    wide.graph.output.extend(onnx.ValueInfoProto(name=name) for name in names)
    session = onnxruntime.InferenceSession(wide.SerializeToString(), providers=[_CPU])
    found = session.run(list(names), {"rows": shown})
    return {
        name: (float(tensor.min()), float(tensor.max()))
        for name, tensor in zip(names, found, strict=True)
    }


def _fix_scales(model: Any, extremes: Mapping[str, tuple[float, float]]) -> None:
    """Scales that are measured at work become constants; 0 stays exactly 0."""
    graph = model.graph
    for node in [node for node in graph.node if node.op_type == _DYNAMIC]:
        low, high = (_MARGIN * each for each in extremes[node.input[0]])
        low, high = min(low, 0.0), max(high, 1e-6)
        scale = (high - low) / _BYTE
        small, scale_name, zero_name = node.output
        zero = np.array(round(-low / scale), np.uint8)
        graph.initializer.extend(
            [
                numpy_helper.from_array(np.array(scale, np.float32), scale_name),
                numpy_helper.from_array(zero, zero_name),
            ]
        )
        fixed = helper.make_node(
            "QuantizeLinear", [node.input[0], scale_name, zero_name], [small], node.name
        )
        node.CopyFrom(fixed)


def _narrow(model: Any) -> None:
    """The n-gram table in eight bits: gathered as bytes, widened after that."""
    graph = model.graph
    table = next(each for each in graph.initializer if each.name == _TABLE)
    weights = numpy_helper.to_array(table)
    scale = np.maximum(np.abs(weights).max(axis=0), 1e-9).astype(np.float32) / _LIMIT
    small = np.round(weights / scale).astype(np.int8)
    gather = next(node for node in graph.node if _TABLE in node.input)
    graph.initializer.remove(table)
    graph.initializer.extend(
        [
            numpy_helper.from_array(small, _TABLE),
            numpy_helper.from_array(scale, f"{_TABLE}.scale"),
        ]
    )
    wanted, gathered, wide = gather.output[0], f"{_TABLE}.bytes", f"{_TABLE}.wide"
    gather.output[0] = gathered
    at = list(graph.node).index(gather)
    graph.node.insert(at + 1, helper.make_node("Cast", [gathered], [wide], to=TensorProto.FLOAT))
    graph.node.insert(at + 2, helper.make_node("Mul", [wide, f"{_TABLE}.scale"], [wanted]))


@contextmanager
def _quiet() -> Iterator[None]:
    """ONNX Runtime advises a pass over the graph beforehand; ours is right without, as the tests show."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(before)


@contextmanager
def _old_exporter() -> Iterator[None]:
    """It traces, and PyTorch calls that deprecated; torch.export (2.13) still unrolls a GRU, which would fix
    the length of the texts.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
