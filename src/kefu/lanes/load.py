"""How busy a worker is, and how many more than wait now will feel it when it is held up."""

from __future__ import annotations

_FORGET = 0.9
"""What counts of a batch one batch later: about the last ten count."""
_HIGHEST = 32.0


class Load:
    """The share of time that the worker runs, over its last batches."""

    def __init__(self) -> None:
        self._busy = 0.0
        self._all = 0.0

    def ran(self, idle_s: float, busy_s: float) -> None:
        """A batch ran for so long, after the worker had had nothing to do for so long."""
        self._busy = _FORGET * self._busy + busy_s
        self._all = _FORGET * self._all + busy_s + idle_s

    @property
    def pressure(self) -> float:
        """1 / (1 - share): a delay reaches all who come before the worker is idle again."""
        if self._busy * _HIGHEST >= self._all * (_HIGHEST - 1):
            return _HIGHEST if self._all else 1.0
        return self._all / (self._all - self._busy)
