"""How many cores a training may take."""

from __future__ import annotations

import torch


def use(threads: int) -> None:
    """Compute with so many threads. Another number may give another model in the last digits."""
    torch.set_num_threads(threads)
