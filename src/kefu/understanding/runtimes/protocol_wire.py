"""The bytes of the Open Inference Protocol, version 2, over REST: as plain JSON or with binary tensors.

https://github.com/open-inference/open-inference-protocol and Triton's `extension_binary_data`: a JSON header
whose length stands in an HTTP header, and behind it the tensors as they lie in memory: little-endian, row by
row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np

from kefu.understanding.runtimes.port import Array, Tensors, TensorSpec

HEADER = "Inference-Header-Content-Length"
_DTYPES = {
    "BOOL": "bool",
    "INT8": "int8",
    "INT16": "int16",
    "INT32": "int32",
    "INT64": "int64",
    "UINT8": "uint8",
    "UINT16": "uint16",
    "UINT32": "uint32",
    "UINT64": "uint64",
    "FP16": "float16",
    "FP32": "float32",
    "FP64": "float64",
}
_DATATYPES = {dtype: datatype for datatype, dtype in _DTYPES.items()}


class _Tensor(msgspec.Struct, omit_defaults=True):
    name: str
    shape: list[int]
    datatype: str
    parameters: Mapping[str, Any] | None = None
    data: Any = None


class _Wanted(msgspec.Struct, omit_defaults=True):
    name: str
    parameters: Mapping[str, Any] | None = None


class _Request(msgspec.Struct):
    inputs: list[_Tensor]
    outputs: list[_Wanted]


class _Response(msgspec.Struct):
    outputs: list[_Tensor]


class _Described(msgspec.Struct):
    name: str
    datatype: str
    shape: list[int]


class _Metadata(msgspec.Struct):
    inputs: list[_Described] = []
    outputs: list[_Described] = []


class _Error(msgspec.Struct):
    error: Any = None
    detail: Any = None


def request(
    tensors: Tensors, outputs: Sequence[str], *, binary: bool
) -> tuple[dict[str, str], bytes]:
    """The headers and the body that ask for `outputs`."""
    inputs: list[_Tensor] = []
    raw: list[bytes] = []
    for name, array in tensors.items():
        tensor = _Tensor(name, list(array.shape), _DATATYPES[str(array.dtype)])
        if binary:
            raw.append(np.ascontiguousarray(array).tobytes())
            tensor.parameters = {"binary_data_size": len(raw[-1])}
        else:
            tensor.data = array.ravel().tolist()
        inputs.append(tensor)
    told = {"binary_data": True} if binary else None
    head = msgspec.json.encode(_Request(inputs, [_Wanted(name, told) for name in outputs]))
    if not binary:
        return {"Content-Type": "application/json"}, head
    headers = {"Content-Type": "application/octet-stream", HEADER: str(len(head))}
    return headers, b"".join((head, *raw))


def response(body: bytes, head: int | None) -> Tensors:
    """The tensors of a body; `head` is the length of its JSON, None where all of it is.

    Raises ValueError for what is no such body (msgspec.DecodeError is one).
    """
    end = len(body) if head is None else head
    if end > len(body):
        raise ValueError(f"the header announces {end} bytes of JSON in {len(body)} bytes")
    tensors: dict[str, Array] = {}
    for output in msgspec.json.decode(body[:end], type=_Response).outputs:
        dtype = _DTYPES.get(output.datatype)
        if dtype is None:
            raise ValueError(
                f"{output.name} has the datatype {output.datatype}, which is no number"
            )
        size = (output.parameters or {}).get("binary_data_size")
        if size is None:
            flat = np.asarray(output.data, dtype)
        else:
            flat = np.frombuffer(body[end : end + int(size)], dtype)
            end += int(size)
        tensors[output.name] = flat.reshape(output.shape)
    return tensors


def metadata(body: bytes) -> tuple[list[TensorSpec], list[TensorSpec]]:
    """The inputs and outputs that a server says its model has. Raises ValueError."""
    read = msgspec.json.decode(body, type=_Metadata)
    return [_spec(each) for each in read.inputs], [_spec(each) for each in read.outputs]


def trouble(body: bytes) -> str:
    """What an error's body says, in short."""
    try:
        read = msgspec.json.decode(body, type=_Error)
    except msgspec.DecodeError:
        said: object = body.decode("utf-8", "replace")
    else:
        said = read.error or read.detail or ""
    return " ".join(str(said).split())[:200]


def _spec(told: _Described) -> TensorSpec:
    return TensorSpec(told.name, _DTYPES.get(told.datatype, told.datatype), tuple(told.shape))
