"""Whose turn it is when lanes share one worker: fair in time, and the cheap one goes first.

Each lane has a clock that counts the seconds it used the worker, and the lane that would be through first by
its own clock is next (weighted fair queueing; Demers, Keshav and Shenker 1989, tags as in Goyal, Vin and
Cheng 1996). So a short batch goes before a long one, until the short lane has used as much time as the long
batch needs: nobody starves. A lane that was empty starts at the present and has saved up nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

_DEARER = 1.25
"""A second of a lane counts so many seconds of the lane before: when there is not enough time for all, the
cheap ones get the larger share, and the others still theirs."""


class FairShare:
    """The clocks of the lanes, in seconds of the worker."""

    def __init__(self, lanes: int) -> None:
        self._used = [0.0] * lanes
        self._present = 0.0

    def woke(self, lane: int) -> None:
        """An empty lane has something to do again."""
        self._used[lane] = max(self._used[lane], self._present)

    def next(self, costs: Mapping[int, float]) -> int:
        """The lane to serve, of those whose next batch costs so many seconds. Equals: the first lane."""
        lane = min(costs, key=lambda lane: (self._used[lane] + costs[lane] * _DEARER**lane, lane))
        self._present = max(self._present, self._used[lane])
        return lane

    def rest(self) -> None:
        """All lanes are empty: what they used is forgotten."""
        self._present = max(self._present, *self._used)

    def charge(self, lane: int, seconds: float) -> None:
        """The lane used the worker."""
        self._used[lane] += seconds * _DEARER**lane
