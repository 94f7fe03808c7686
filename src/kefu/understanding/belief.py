"""How far a tier's own confidence can be believed: a rising line from what it says to what turned out true."""

from __future__ import annotations

import msgspec
import numpy as np


class Belief(msgspec.Struct, frozen=True):
    """Points of the line (isotonic regression, Zadrozny and Elkan 2002), both in 0..1 and rising."""

    said: tuple[float, ...] = (0.0, 1.0)
    true: tuple[float, ...] = (0.0, 1.0)

    def of(self, confidence: float) -> float:
        """The share of readings as confident as this one that were right."""
        return float(np.interp(confidence, self.said, self.true))
