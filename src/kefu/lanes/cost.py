"""What a batch costs, learnt from the last ones: seconds = fixed + each · items · longest.

The line goes through medians (Theil 1950, Sen 1968): a run that the machine interrupted, or the first that
warms its caches, does not bend it. With it two questions are answered in seconds of all who wait: does one
more item pay for its place in a batch, and does waiting for one more pay.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

_WINDOW = 64
"""Batches that are remembered: enough for medians, few enough to follow a machine that slows down."""
_FEWEST = 8
"""Batches that a line needs."""
_EVERY = 16
"""The line is drawn anew after so many batches; that takes some 0.1 ms."""
_SPREAD = 1.5
"""Batches of nearly the same work say nothing about a slope: their work must differ by this factor."""
_CLEAR = 0.25
"""The share of the fixed cost that a wait must save on average."""
TICK_S = 0.001
"""Timers of an event loop are no finer than this."""

Floats = npt.NDArray[np.float64]


class Cost:
    """A running estimate. Until the batches differed enough it takes time to grow with the work, fixed = 0."""

    def __init__(self) -> None:
        self.fixed = 0.0
        """Seconds of a batch whatever is in it."""
        self.each = 0.0
        """Seconds for one unit of size of one item."""
        self.known = False
        """Whether `fixed` is measured, not assumed."""
        self.most = 0
        """Items of the largest batch so far."""
        self._seen: deque[tuple[int, float]] = deque(maxlen=_WINDOW)
        self._fresh = 0

    def measured(self, items: int, longest: int, seconds: float) -> None:
        """Learn from a batch that ran."""
        self.most = max(self.most, items)
        self._seen.append((items * longest, seconds))
        self._fresh += 1
        if self._fresh >= _EVERY or len(self._seen) <= _FEWEST:
            self._fresh = 0
            self._draw()

    def of(self, items: int, longest: int) -> float:
        """The seconds that a batch of so many items, padded to the longest, will take."""
        return self.fixed + self.each * items * longest

    def joining_pays(self, items: int, longest: int, size: int, behind: float) -> bool:
        """Whether one more item should join `items` others.

        It delays them, by its own work and by the padding it brings. It saves time to the `behind` who would
        wait for it to run alone, itself included. What is not known is tried.
        """
        if not self.known:
            return True
        inside = self.of(items + 1, max(longest, size)) - self.of(items, longest)
        return behind * (self.of(1, size) - inside) > items * inside

    def worth_waiting(self, items: int, longest: int, ahead: Sequence[float]) -> float:
        """Seconds that an idle worker should wait for one more item; 0 when it should run what is there.

        `ahead` are the seconds to the next arrival as they may be, shortest first, equally likely. An item that
        comes after `gap` saves the fixed cost, and costs those who wait the gap and its work; waiting in vain
        costs them the wait. Below a clear gain it does not pay: who comes during the run waits longer, too.
        """
        wait, saved = 0.0, 0.0
        best = _CLEAR * self.fixed * len(ahead)
        for came, gap in enumerate(ahead, 1):
            saved += self.fixed - gap - items * (gap + self.each * longest)
            until = max(gap, TICK_S)
            gain = saved - (len(ahead) - came) * items * until
            if gain > best:
                wait, best = until, gain
        return wait

    def _draw(self) -> None:
        seen = np.array(self._seen, np.float64)
        work, seconds = seen[:, 0], seen[:, 1]
        ordered = np.sort(work)
        edge = len(ordered) // _FEWEST
        low, high = ordered[edge], ordered[-1 - edge]
        self.known = len(ordered) >= _FEWEST and bool(high >= _SPREAD * low)
        if self.known:
            self.each = max(0.0, _slope(work, seconds, (high - low) / 4))
            self.fixed = float(np.median(seconds - self.each * work))
        if not self.known or self.fixed < 0:
            self.fixed, self.each = 0.0, float(np.median(seconds / work))


def _slope(work: Floats, seconds: Floats, apart: float) -> float:
    """The median slope between points of which the work is at least `apart`."""
    across = work[:, None] - work[None, :]
    far = across >= apart
    up = seconds[:, None] - seconds[None, :]
    return float(np.median(up[far] / across[far]))
