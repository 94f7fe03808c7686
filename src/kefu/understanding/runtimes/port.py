"""The port: named arrays in, named arrays out, and the signature that both sides must share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import msgspec
import numpy.typing as npt

Array = npt.NDArray[Any]
Tensors = Mapping[str, Array]
FREE = -1
"""A length that is not fixed: how many texts, how many pieces."""


class TensorSpec(msgspec.Struct, frozen=True):
    """One tensor: `dtype` as numpy names it, `shape` with FREE where the length is not fixed."""

    name: str
    dtype: str
    shape: tuple[int, ...]


class Signature(msgspec.Struct, frozen=True):
    """What a model takes and gives. The order counts where a runtime knows no names."""

    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]


class Runtime(Protocol):
    """A model that runs somewhere. Safe to call from many tasks at once."""

    async def open(self) -> None:
        """Load or reach the model and see that it is ours. Once it worked, it may be called again for nothing.

        Raises PackError for a file that is missing or broken, SettingsError for a server that serves another
        model, ModelError for one that does not answer.
        """

    async def run(self, tensors: Tensors) -> Tensors:
        """One batch; opens first where nobody did. Raises what `open` does, and ModelError."""

    async def ready(self) -> bool:
        """Whether `run` would work now. Never raises."""

    async def close(self) -> None:
        """Let go of memory, threads and connections."""


def misfit(wanted: Sequence[TensorSpec], found: Sequence[TensorSpec]) -> str:
    """How what was found differs from what is wanted; empty where it fits. Tensors beyond ours do not count.

    >>> misfit([TensorSpec("mood", "float32", (FREE, 4))], [TensorSpec("mood", "float32", (FREE, 3))])
    'mood has the shape (any, 3) and should have (any, 4)'
    """
    named = {spec.name: spec for spec in found}
    for spec in wanted:
        other = named.get(spec.name)
        if other is None:
            return f"it has no tensor {spec.name}, only {', '.join(sorted(named)) or 'none'}"
        if other.dtype != spec.dtype:
            return f"{spec.name} is {other.dtype} and should be {spec.dtype}"
        if not _fits(spec.shape, other.shape):
            shapes = _written(other.shape), _written(spec.shape)
            return "{} has the shape {} and should have {}".format(spec.name, *shapes)
    return ""


def described(tensors: Tensors) -> list[TensorSpec]:
    """The specs of arrays as they are."""
    return [TensorSpec(name, str(array.dtype), array.shape) for name, array in tensors.items()]


def _fits(wanted: Sequence[int], found: Sequence[int]) -> bool:
    return len(wanted) == len(found) and all(
        FREE in pair or pair[0] == pair[1] for pair in zip(wanted, found, strict=True)
    )


def _written(shape: Sequence[int]) -> str:
    return f"({', '.join('any' if length == FREE else str(length) for length in shape)})"
