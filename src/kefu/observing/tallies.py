"""Counters and histograms that only the event loop writes: plain numbers, told to Prometheus when it asks.

The library's own take a lock per number; a turn changes some twenty of them.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence

from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector

MOST = 300
"""Distinct label values per metric; what comes after them is counted as "other".

The bound keeps a label that turns out to be unbounded from filling the memory of us and of Prometheus.
"""

Labels = tuple[str, ...]


class CounterTally(Collector):
    """A counter with labels: `tally.inc(("a", "b"))`."""

    def __init__(self, name: str, about: str, labels: Sequence[str], most: int = MOST) -> None:
        self._name, self._about, self._labels = name, about, labels
        self._most = most
        self._values: dict[Labels, float] = {}

    def inc(self, labels: Labels, by: float = 1) -> None:
        """Count."""
        values = self._values
        if labels not in values and len(values) >= self._most:
            labels = ("other",) * len(labels)
        values[labels] = values.get(labels, 0.0) + by

    def collect(self) -> Iterator[CounterMetricFamily]:
        """The numbers now."""
        family = CounterMetricFamily(self._name, self._about, labels=self._labels)
        for labels, value in self._values.items():
            family.add_metric(labels, value)
        yield family


class HistogramTally(Collector):
    """A histogram with labels: `tally.observe(("a",), seconds)`."""

    def __init__(
        self,
        name: str,
        about: str,
        labels: Sequence[str],
        bounds: Sequence[float],
        most: int = MOST,
    ) -> None:
        self._name, self._about, self._labels = name, about, labels
        self._bounds = tuple(bounds)
        self._most = most
        self._counts: dict[Labels, list[int]] = {}
        self._sums: dict[Labels, float] = {}

    def observe(self, labels: Labels, value: float) -> None:
        """Count a value in its bucket."""
        counts = self._counts.get(labels)
        if counts is None:
            labels, counts = self._new(labels)
        counts[bisect_left(self._bounds, value)] += 1
        self._sums[labels] += value

    def _new(self, labels: Labels) -> tuple[Labels, list[int]]:
        if len(self._counts) >= self._most:
            labels = ("other",) * len(labels)
        self._sums.setdefault(labels, 0.0)
        return labels, self._counts.setdefault(labels, [0] * (len(self._bounds) + 1))

    def collect(self) -> Iterator[HistogramMetricFamily]:
        """The numbers now; buckets are cumulative."""
        family = HistogramMetricFamily(self._name, self._about, labels=self._labels)
        names = [*(str(float(bound)) for bound in self._bounds), "+Inf"]
        for labels, counts in self._counts.items():
            total = 0
            buckets: list[tuple[str, float]] = []
            for name, count in zip(names, counts, strict=True):
                total += count
                buckets.append((name, total))
            family.add_metric(labels, buckets, self._sums[labels])
        yield family
