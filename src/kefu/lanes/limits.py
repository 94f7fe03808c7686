"""The bounds of a batcher with lanes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """How much may wait, run at once and take time. Sizes have the caller's unit, e.g. pieces of a text."""

    bounds: tuple[int, ...] = (16, 48)
    """The largest size of each lane but the last, which takes whatever is larger. () makes one lane: better
    where the fixed cost of a batch is nearly all of it, as on a GPU: there a batch should take whoever waits.
    """
    max_batch: int = 32
    """Items of one batch."""
    max_waiting: int = 1024
    """Items that wait in one lane; more are refused."""
    max_wait_s: float = 0.005
    """The longest that an idle worker waits for company."""
    max_run_s: float = 0.05
    """Items join a batch while what they add to its fixed cost stays below this, so that no lane blocks the
    others for long."""

    def __post_init__(self) -> None:
        """Raise ValueError for bounds that make no lanes and limits that let nothing through."""
        if list(self.bounds) != sorted({bound for bound in self.bounds if bound > 0}):
            raise ValueError(f"bounds={self.bounds}: write growing sizes above 0, as in (16, 48)")
        if self.max_batch < 1 or self.max_waiting < 1:
            raise ValueError("max_batch and max_waiting count items: write 1 or more")
        if self.max_wait_s < 0 or self.max_run_s < 0:
            raise ValueError("max_wait_s and max_run_s are seconds: write 0 or more")
