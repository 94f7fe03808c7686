"""Serve what `kefu train --checkpoint` wrote, over the Open Inference Protocol, with KServe's model server.

    python -m venv .venv/model-server
    .venv/model-server/bin/python -m pip install --require-hashes -r deploy/model-server/requirements.lock
    .venv/model-server/bin/python deploy/model-server/serve.py MODEL --http_port 8080

Needs no kefu: ONNX Runtime reads the graph. The model is served under a name that ends in its digest, the one
that kefu asks for; `--model_name NAME` gives it another, `--eight-bits` takes the smaller graph.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from pathlib import Path
from typing import Any

import kserve
import onnxruntime
from kserve import InferOutput, InferRequest, InferResponse

_DATATYPES = {"tensor(int64)": "INT64", "tensor(float)": "FP32"}


class Served(kserve.Model):
    """One ONNX graph. Batches run in threads, `threads` cores each."""

    def __init__(self, name: str, path: Path, threads: int) -> None:
        super().__init__(name)
        self._path = path
        self._options = onnxruntime.SessionOptions()
        self._options.intra_op_num_threads = threads
        self._session: Any = None

    def load(self) -> bool:
        """Read the graph; on a GPU where the package onnxruntime-gpu finds one."""
        self._session = onnxruntime.InferenceSession(
            str(self._path), self._options, providers=onnxruntime.get_available_providers()
        )
        self.ready = True
        return self.ready

    def get_input_types(self) -> list[dict[str, Any]]:
        """The metadata's inputs."""
        return _described(self._session.get_inputs())

    def get_output_types(self) -> list[dict[str, Any]]:
        """The metadata's outputs."""
        return _described(self._session.get_outputs())

    async def predict(
        self,
        payload: InferRequest,
        headers: dict[str, str] | None = None,
        response_headers: dict[str, str] | None = None,
    ) -> InferResponse:
        """One batch; answers in bytes where bytes are asked for."""
        fed = {tensor.name: tensor.as_numpy() for tensor in payload.inputs}
        names = [each.name for each in self._session.get_outputs()]
        arrays = await asyncio.to_thread(self._session.run, names, fed)
        outputs = []
        for name, array in zip(names, arrays, strict=True):
            output = InferOutput(name, list(array.shape), _DATATYPES["tensor(float)"])
            output.set_data_from_numpy(array, binary_data=True)
            outputs.append(output)
        return InferResponse(
            payload.id or "",
            self.name,
            outputs,
            use_binary_outputs=payload.use_binary_outputs,
            requested_outputs=payload.request_outputs,
        )


def _described(arguments: list[Any]) -> list[dict[str, Any]]:
    return [
        {
            "name": each.name,
            "datatype": _DATATYPES[each.type],
            "shape": [length if isinstance(length, int) else -1 for length in each.shape],
        }
        for each in arguments
    ]


def _arguments() -> argparse.Namespace:
    words = argparse.ArgumentParser(
        parents=[kserve.model_server.parser], conflict_handler="resolve"
    )
    words.add_argument("model", type=Path, help="the folder with model.onnx and meta.json")
    words.add_argument("--model_name", default="", help="default: kefu-DIGEST")
    words.add_argument("--eight-bits", action="store_true", help="serve model.int8.onnx")
    words.add_argument("--threads", type=int, default=1, help="cores for one batch")
    return words.parse_args()


if __name__ == "__main__":
    said = _arguments()
    files = json.loads((said.model / "meta.json").read_text("utf-8"))["files"]
    name = said.model_name or f"kefu-{files['model.onnx'][:12]}"
    served = Served(
        name, said.model / ("model.int8.onnx" if said.eight_bits else "model.onnx"), said.threads
    )
    served.load()
    kserve.ModelServer().start([served])
