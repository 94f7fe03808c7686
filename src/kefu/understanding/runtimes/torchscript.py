"""TorchScript in this process, on the CPU: for where PyTorch is there anyway and ONNX Runtime is not.

PyTorch calls TorchScript deprecated in favour of torch.export, which (2.13) still unrolls a GRU and so fixes
the length of the texts. On a GPU take ONNX Runtime or a model server: a traced program keeps the device it was
traced on.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np

from kefu.errors import MissingExtra
from kefu.understanding.runtimes.local import LocalRuntime
from kefu.understanding.runtimes.port import FREE, Signature, Tensors, TensorSpec, described

EXTRA = "torch"
_PROBE = 3


class TorchScriptRuntime(LocalRuntime):
    """A traced program whose inputs and outputs come in the order of the signature.

    `threads` is PyTorch's own setting and so holds for the whole process.
    """

    def __init__(
        self, path: Path, signature: Signature, *, threads: int = 1, workers: int = 1
    ) -> None:
        super().__init__(path, signature, workers=workers)
        self._threads_of_batch = threads
        self._torch: Any = None
        self._program: Any = None

    def _read(self) -> tuple[list[TensorSpec], list[TensorSpec]]:
        try:
            import torch
        except ImportError as exc:
            raise MissingExtra("torch", EXTRA) from exc
        self._torch = torch
        self._torch.set_num_threads(self._threads_of_batch)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            program = self._torch.jit.load(str(self.path), map_location="cpu")
            self._program = self._torch.jit.freeze(program.eval())
        inputs = list(self.signature.inputs)
        probe = {spec.name: _probe(spec) for spec in inputs}
        self._forward(probe)  # the first two runs are slow: PyTorch looks on, then compiles
        # A program knows no names and no shapes: what it gives is seen by asking it.
        return inputs, described(self._forward(probe))

    def _forward(self, tensors: Tensors) -> Tensors:
        fed = [
            self._torch.from_numpy(np.ascontiguousarray(tensors[spec.name]))
            for spec in self.signature.inputs
        ]
        with self._torch.inference_mode():
            given = self._program(*fed)
        return {
            spec.name: tensor.numpy()
            for spec, tensor in zip(self.signature.outputs, given, strict=True)
        }

    def _drop(self) -> None:
        self._program = None


def _probe(spec: TensorSpec) -> Any:
    return np.ones([_PROBE if length == FREE else length for length in spec.shape], spec.dtype)
