"""Token buckets: shared through the hot store, local when it is away."""

from __future__ import annotations

import time
from collections import OrderedDict
from typing import Protocol, TypeVar

from kefu.errors import RateLimited, StoreError
from kefu.gateway.limits import Bucket

V = TypeVar("V")

MOST_KEYS = 50_000
HANDFUL = 0.01
"""The part of a bucket's burst that one process takes at once."""


class Tokens(Protocol):
    """The one method of the hot store that is needed here."""

    async def take(self, key: str, rate: float, burst: float, cost: float = 1.0) -> float:
        """Take `cost` tokens: 0.0, or seconds to wait."""
        ...


class LocalBucket:
    """One bucket of this process.

    >>> bucket = LocalBucket(Bucket(rate=1.0, burst=2.0), now=0.0)
    >>> [bucket.take(0.0), bucket.take(0.0), bucket.take(0.0), bucket.take(1.0)]
    [0.0, 0.0, 1.0, 0.0]
    """

    __slots__ = ("_at", "_bucket", "_tokens")

    def __init__(self, bucket: Bucket, now: float) -> None:
        self._bucket = bucket
        self._tokens = bucket.burst
        self._at = now

    def take(self, now: float) -> float:
        """Take one token: 0.0, or seconds to wait."""
        refilled = self._tokens + (now - self._at) * self._bucket.rate
        self._tokens = min(self._bucket.burst, refilled)
        self._at = now
        if self._tokens >= 1.0:
            self._tokens -= 1.0
            return 0.0
        return (1.0 - self._tokens) / self._bucket.rate


class Rates:
    """Counts callers. A flood is refused here, without asking the store again, until its wait is over."""

    def __init__(self, tokens: Tokens, most_keys: int = MOST_KEYS) -> None:
        self._tokens = tokens
        self._most = most_keys
        self._refused: OrderedDict[str, float] = OrderedDict()
        self._local: OrderedDict[str, LocalBucket] = OrderedDict()
        self._credits: OrderedDict[str, int] = OrderedDict()

    async def take(self, key: str, bucket: Bucket) -> None:
        """Take a token of `key`. Raises RateLimited with the seconds to wait."""
        now = time.monotonic()
        until = self._refused.get(key)
        if until is not None and until > now:
            raise _limited(until - now)
        credit = self._credits.get(key, 0)
        if credit:
            self._credits[key] = credit - 1
            return
        try:
            wait = await self._take_there(key, bucket)
        except StoreError:
            wait = self._take_here(key, bucket, now)
        if wait > 0.0:
            _keep(self._refused, key, now + wait, self._most)
            raise _limited(wait)
        if until is not None:
            self._refused.pop(key, None)

    async def _take_there(self, key: str, bucket: Bucket) -> float:
        """Take a handful at once from a large bucket, which saves most of the round trips."""
        handful = int(bucket.burst * HANDFUL)
        if handful > 1 and not await self._tokens.take(key, bucket.rate, bucket.burst, handful):
            _keep(self._credits, key, handful - 1, self._most)
            return 0.0
        return await self._tokens.take(key, bucket.rate, bucket.burst)

    def _take_here(self, key: str, bucket: Bucket, now: float) -> float:
        local = self._local.get(key)
        if local is None:
            local = LocalBucket(bucket, now)
            _keep(self._local, key, local, self._most)
        return local.take(now)


def _keep(kept: OrderedDict[str, V], key: str, value: V, most: int) -> None:
    kept[key] = value
    while len(kept) > most:
        kept.popitem(last=False)


def _limited(wait: float) -> RateLimited:
    return RateLimited("too many messages; slow down", retry_after=wait)
