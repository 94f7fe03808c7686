"""The port of the cascade: a tier reads texts for their wishes, slots and mood, and says how sure it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from kefu.messages import Emotion, Slot
from kefu.understanding.context import ReadingContext
from kefu.understanding.text import Flat
from kefu.understanding.wishes import Wanted

Vectors = npt.NDArray[np.float32]
"""(texts, V) sentence vectors, each of unit length."""


@dataclass(frozen=True, slots=True)
class Question:
    """A text to be read, and what may be known of the conversation."""

    flat: Flat
    context: ReadingContext


@dataclass(frozen=True, slots=True)
class Guess:
    """A tier's reading, as yet without its context. `wanted` is never empty and in the order said.

    `confidence` is the calibrated chance, 0..1, that the list of wishes is exactly right. `vector` is the
    sentence vector, of unit length, where the tier was taught one.
    """

    wanted: tuple[Wanted, ...]
    slots: tuple[Slot, ...]
    emotion: Emotion
    confidence: float
    vector: tuple[float, ...] = ()


class Tier(Protocol):
    """A model of the cascade. `name` is the `tier` of contract/api.md."""

    name: str

    async def read(self, questions: Sequence[Question]) -> Sequence[Guess]:
        """A guess per question, in the same order. Raises a KefuError where it cannot."""

    async def close(self) -> None:
        """Let go of what it holds."""
