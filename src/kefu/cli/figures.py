"""What a load test measured."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

PERCENTILES = (50.0, 90.0, 95.0, 99.0, 99.9, 100.0)


def percentile(ordered: Sequence[float], share: float) -> float:
    """The nearest-rank percentile of values in order: one that was really measured. NaN of nothing.

    >>> percentile([1.0, 2.0, 3.0, 4.0], 50.0)
    2.0
    """
    if not ordered:
        return math.nan
    rank = max(1, math.ceil(len(ordered) * share / 100.0))
    return ordered[rank - 1]


class Tally:
    """Answers, their latencies in ms, errors by kind, and what the generator itself took of its core."""

    def __init__(self) -> None:
        self.latencies: list[float] = []
        self.sources: Counter[str] = Counter()
        self.errors: Counter[str] = Counter()
        self.wall_s = 0.0
        self.cpu_s = 0.0

    @property
    def done(self) -> int:
        """Requests that ended, one way or the other."""
        return len(self.latencies) + self.errors.total()

    def answered(self, source: str, latency_ms: float) -> None:
        """One answer."""
        self.latencies.append(latency_ms)
        self.sources[source] += 1

    def figures(self) -> dict[str, Any]:
        """Everything, ready to be printed; a percentile of nothing is null."""
        ordered, wall = sorted(self.latencies), self.wall_s or math.nan
        answered = len(ordered)
        return {
            "answered": answered,
            "errors": dict(self.errors.most_common()),
            "error_share": round(self.errors.total() / self.done, 6) if self.done else 0.0,
            "seconds": round(self.wall_s, 3),
            "per_second": round(answered / wall, 1) if self.wall_s else 0.0,
            "latency_ms": {
                f"p{share:g}" if share < 100.0 else "max": _ms(ordered, share)
                for share in PERCENTILES
            },
            "sources": {
                source: round(number / answered, 4) for source, number in self.sources.most_common()
            },
            "generator_cpu": round(self.cpu_s / wall, 3) if self.wall_s else 0.0,
        }


def _ms(ordered: Sequence[float], share: float) -> float | None:
    return round(percentile(ordered, share), 3) if ordered else None
