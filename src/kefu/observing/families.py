"""Children of a metric, found fast and bounded in number."""

from __future__ import annotations

from typing import Generic, TypeVar

from prometheus_client import Counter, Histogram

MOST = 300
"""Distinct label values per metric; what comes after them is counted as "other"."""

M = TypeVar("M", Counter, Histogram)


class Family(Generic[M]):
    """`family("a", "b")` is the child with these labels: one dictionary look-up where `labels` takes a lock.

    The bound keeps a label that turns out to be unbounded from filling the memory of us and of Prometheus.
    """

    def __init__(self, parent: M, most: int = MOST) -> None:
        self._parent: M = parent
        self._most = most
        self._children: dict[tuple[str, ...], M] = {}

    def __call__(self, *values: str) -> M:
        """The child with these label values."""
        child: M | None = self._children.get(values)
        return child if child is not None else self._new(values)

    def _new(self, values: tuple[str, ...]) -> M:
        if len(self._children) >= self._most:
            values = tuple("other" for _ in values)
        child: M = self._parent.labels(*values)
        self._children[values] = child
        return child
