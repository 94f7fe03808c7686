"""The one source of chance in training: seeded, so that the same files give the same model."""

from __future__ import annotations

import random


def dice(seed: int) -> random.Random:
    """A generator of its own for one step of the training."""
    return random.Random(seed)  # noqa: S311  # reproducible shuffles, no secrets
