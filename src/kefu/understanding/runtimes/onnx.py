"""ONNX Runtime in this process."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kefu.understanding.runtimes.local import LocalRuntime
from kefu.understanding.runtimes.port import FREE, Signature, Tensors, TensorSpec

_TYPES = {
    "tensor(float)": "float32",
    "tensor(float16)": "float16",
    "tensor(double)": "float64",
    "tensor(int64)": "int64",
    "tensor(int32)": "int32",
    "tensor(bool)": "bool",
}


class OnnxRuntime(LocalRuntime):
    """A `.onnx` file, one thread per batch unless told otherwise.

    `providers` in order of preference, as ONNX Runtime names them: ("CUDAExecutionProvider",
    "CPUExecutionProvider") with the package onnxruntime-gpu.
    """

    def __init__(
        self,
        path: Path,
        signature: Signature,
        *,
        threads: int = 1,
        workers: int = 1,
        providers: Sequence[str] = ("CPUExecutionProvider",),
    ) -> None:
        super().__init__(path, signature, workers=workers)
        self._threads_of_batch = threads
        self._providers = list(providers)
        self._session: Any = None

    def _read(self) -> tuple[list[TensorSpec], list[TensorSpec]]:
        import onnxruntime  # slow to import, and not needed by a pack without a network

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self._threads_of_batch
        options.inter_op_num_threads = 1
        # Spinning threads burn the core that the event loop needs.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session = onnxruntime.InferenceSession(
            str(self.path), options, providers=self._providers
        )
        return _specs(self._session.get_inputs()), _specs(self._session.get_outputs())

    def _forward(self, tensors: Tensors) -> Tensors:
        names = [spec.name for spec in self.signature.outputs]
        fed = {spec.name: tensors[spec.name] for spec in self.signature.inputs}
        return dict(zip(names, self._session.run(names, fed), strict=True))

    def _drop(self) -> None:
        self._session = None


def _specs(arguments: Sequence[Any]) -> list[TensorSpec]:
    return [
        TensorSpec(
            argument.name,
            _TYPES.get(argument.type, argument.type),
            tuple(length if isinstance(length, int) else FREE for length in argument.shape),
        )
        for argument in arguments
    ]
