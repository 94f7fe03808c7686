"""Token buckets of one process."""

from __future__ import annotations

import math
import time
from collections import OrderedDict


class Buckets:
    """Buckets by key, the least recently used forgotten beyond `bound` (a forgotten bucket is a full one)."""

    def __init__(self, bound: int) -> None:
        self._bound = bound
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, key: str, rate: float, burst: float, cost: float) -> float:
        """0.0 and `cost` tokens less, or the seconds until there are enough. See HotStore.take."""
        now = time.monotonic()
        cost = min(cost, burst)
        tokens, stamp = self._buckets.pop(key, (burst, now))
        tokens = min(burst, tokens + (now - stamp) * rate)
        enough = tokens >= cost
        self._buckets[key] = (tokens - cost if enough else tokens, now)
        if len(self._buckets) > self._bound:
            self._buckets.popitem(last=False)
        if enough:
            return 0.0
        return (cost - tokens) / rate if rate > 0 else math.inf
