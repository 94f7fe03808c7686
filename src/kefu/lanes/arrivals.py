"""When the next item may come, as the last ones came."""

from __future__ import annotations

from collections import deque

_LATELY = 16
"""Gaps that are remembered; before half as many are known nothing is foreseen."""


class Arrivals:
    """The gaps between arrivals. Not their mean: customers come in rushes, and a mean knows no rush."""

    def __init__(self) -> None:
        self._gaps: deque[float] = deque(maxlen=_LATELY)
        self._last: float | None = None

    def came(self, now: float) -> None:
        """An item came."""
        if self._last is not None:
            self._gaps.append(now - self._last)
        self._last = now

    def ahead(self, now: float) -> list[float]:
        """Seconds from now to the next arrival, one for each gap that is not over yet, shortest first."""
        if self._last is None or len(self._gaps) < _LATELY // 2:
            return []
        silence = now - self._last
        return sorted(gap - silence for gap in self._gaps if gap > silence)
