"""A taught BERT model as files: ONNX in full and in eight bits, TorchScript, tokenizer, description."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import torch
from torch import Tensor, nn

from kefu.understanding.bert import (
    META,
    ONNX,
    SMALL_ONNX,
    TOKENIZER,
    TORCHSCRIPT,
    BertMeta,
    digest,
)
from kefu.understanding.runtimes.port import Signature

_OPSET = 17
_TEXTS, _TOKENS = 2, 7


def write(
    out: Path, network: nn.Module, tokenizer: Any, meta: BertMeta, metrics: Mapping[str, float]
) -> BertMeta:
    """Write the folder, its description last: what is cut short is found out by its digests."""
    out.mkdir(parents=True, exist_ok=True)
    (out / META).unlink(missing_ok=True)
    tokenizer.save(str(out / TOKENIZER))
    with _quiet(), torch.no_grad():
        _onnx(network, meta.signature, out / ONNX)
        traced = torch.jit.trace(network, _example(), check_trace=False)  # type: ignore[no-untyped-call]
        torch.jit.save(traced, str(out / TORCHSCRIPT))
        _eight_bits(out / ONNX, out / SMALL_ONNX)
    files = {name: digest(out / name) for name in (TOKENIZER, ONNX, SMALL_ONNX, TORCHSCRIPT)}
    meta = msgspec.structs.replace(meta, files=files, metrics=metrics)
    (out / META).write_bytes(msgspec.json.format(msgspec.json.encode(meta), indent=1) + b"\n")
    return meta


def _onnx(network: nn.Module, signature: Signature, path: Path) -> None:
    inputs = [spec.name for spec in signature.inputs]
    outputs = [spec.name for spec in signature.outputs]
    free = {name: {0: "texts", 1: "tokens"} for name in inputs}
    free |= {
        spec.name: {0: "texts"} if len(spec.shape) == 2 else {0: "texts", 1: "pieces"}
        for spec in signature.outputs
    }
    torch.onnx.export(
        network,
        _example(),
        str(path),
        input_names=inputs,
        output_names=outputs,
        dynamic_axes=free,
        opset_version=_OPSET,
        dynamo=False,
    )


def _eight_bits(path: Path, small: Path) -> None:
    """Weights in eight bits, activations scaled as they come (dynamic quantisation)."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    quantize_dynamic(path, small, weight_type=QuantType.QInt8)


def _example() -> tuple[Tensor, Tensor]:
    """Token numbers and a mask to trace with; one row is padded."""
    ids = torch.zeros((_TEXTS, _TOKENS), dtype=torch.long)
    mask = torch.ones_like(ids)
    mask[1, -2:] = 0
    return ids, mask


@contextmanager
def _quiet() -> Iterator[None]:
    """Without what exporters say that is not for the reader of a training's output.

    Both of PyTorch's trace, which it calls deprecated; torch.export (2.13) still unrolls a GRU, which would fix
    the length of the texts. Transformers wonders at being traced, the quantiser recommends itself.
    """
    root, library = logging.getLogger(), logging.getLogger("transformers")
    level = library.level
    library.setLevel(logging.ERROR)
    root.addFilter(_is_not_advice)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        root.removeFilter(_is_not_advice)
        library.setLevel(level)


def _is_not_advice(record: logging.LogRecord) -> bool:
    return record.module != "quantize"
