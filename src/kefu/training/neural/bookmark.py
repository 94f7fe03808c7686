"""Where a training stands, on disk after every epoch: what was interrupted goes on and ends the same."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path
from pickle import UnpicklingError
from typing import Any, Protocol

import torch
from torch import nn


class Stateful(Protocol):
    """An optimiser or a schedule."""

    def state_dict(self) -> dict[str, Any]: ...
    def load_state_dict(self, state: dict[str, Any]) -> None: ...


@dataclass(frozen=True, slots=True)
class Bookmark:
    """A file for one phase of a training. `key` names data and course: another training's mark is not ours."""

    path: Path
    key: str

    def save(self, epoch: int, network: nn.Module, rng: random.Random, *others: Stateful) -> None:
        """Epochs up to `epoch` are done."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self.path.with_suffix(".new")
        state = {
            "key": self.key,
            "epoch": epoch,
            "network": network.state_dict(),
            "others": [other.state_dict() for other in others],
            "rng": rng.getstate(),
            "torch": torch.get_rng_state(),
        }
        torch.save(state, fresh)
        fresh.replace(self.path)

    def load(self, network: nn.Module, rng: random.Random, *others: Stateful) -> int:
        """How many epochs are done already; everything is as it was after them."""
        state = self._state()
        if state is None or state["key"] != self.key:
            return 0
        network.load_state_dict(state["network"])
        for other, before in zip(others, state["others"], strict=True):
            other.load_state_dict(before)
        version, numbers, gauss = state["rng"]
        rng.setstate((version, tuple(numbers), gauss))
        torch.set_rng_state(state["torch"])
        return int(state["epoch"])

    def _state(self) -> dict[str, Any] | None:
        """What was saved; None where there is nothing, or a file that nobody can read any more."""
        if not self.path.exists():
            return None
        try:
            state: dict[str, Any] = torch.load(self.path, weights_only=True)
        except (OSError, EOFError, RuntimeError, UnpicklingError):
            return None
        return state
